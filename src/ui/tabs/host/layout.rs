//! Where the panels stand.
//!
//! ```text
//! wide (from 100 columns)             narrow                       tiny (under 50 columns or 12 rows)
//! ┌ CPU ────────┐┌ Memory ┐┌ Network ┐ ┌ CPU ──────┐┌ Now ───────┐  one line of figures
//! │             │├ Disks ─┤├ Sensors ┤ └───────────┘└────────────┘  the process table
//! └─────────────┘└────────┘└─────────┘ ┌ Processes ──────────────┐
//! ┌ Processes ───────────────────────┐ │                         │
//! └──────────────────────────────────┘ └─────────────────────────┘
//! ```

use ratatui::layout::Rect;

/// The panels by their index in the order of Tab; the process table comes first and has the keys at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostPanel {
    /// The process table.
    Processes,
    /// CPU.
    Cpu,
    /// Memory.
    Memory,
    /// Network.
    Network,
    /// Disks.
    Disks,
    /// Sensors and GPUs.
    Sensors,
}

impl HostPanel {
    /// All of them; [`HostPanel::Sensors`] is last so that it can be left out.
    pub const ALL: [Self; 6] = [
        Self::Processes,
        Self::Cpu,
        Self::Memory,
        Self::Network,
        Self::Disks,
        Self::Sensors,
    ];

    /// Their titles.
    pub const TITLES: [&'static str; 6] =
        ["Processes", "CPU", "Memory", "Network", "Disks", "Sensors"];

    /// The panel with this index; the process table for any other.
    #[must_use]
    pub fn at(index: usize) -> Self {
        Self::ALL.get(index).copied().unwrap_or(Self::Processes)
    }

    /// Its index.
    #[must_use]
    pub fn index(self) -> usize {
        self as usize
    }
}

/// Where the panels stand in an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostLayout {
    /// Every panel for itself.
    Wide {
        /// CPU.
        cpu: Rect,
        /// Memory.
        memory: Rect,
        /// Disks.
        disks: Rect,
        /// Network.
        network: Rect,
        /// Sensors, where there are any.
        sensors: Option<Rect>,
        /// The process table.
        processes: Rect,
    },
    /// A small chart and one column of facts.
    Narrow {
        /// CPU.
        cpu: Rect,
        /// The facts of all other panels.
        facts: Rect,
        /// The process table.
        processes: Rect,
    },
    /// A line and the process table.
    Tiny {
        /// The line.
        line: Rect,
        /// The process table.
        processes: Rect,
    },
}

impl HostLayout {
    /// The layout of an area.
    #[must_use]
    pub fn of(area: Rect, has_sensors: bool) -> Self {
        if area.width < 50 || area.height < 12 {
            return Self::tiny(area);
        }
        if area.width < 100 || area.height < 20 {
            return Self::narrow(area);
        }
        Self::wide(area, has_sensors)
    }

    fn tiny(area: Rect) -> Self {
        let (line, processes) = split_at_row(area, u16::from(area.height > 3));
        Self::Tiny { line, processes }
    }

    fn narrow(area: Rect) -> Self {
        let (top, processes) = split_at_row(area, (area.height * 2 / 5).clamp(5, 8));
        let (cpu, facts) = split_at_column(top, area.width.saturating_sub(33));
        Self::Narrow {
            cpu,
            facts,
            processes,
        }
    }

    fn wide(area: Rect, has_sensors: bool) -> Self {
        let (top, processes) = split_at_row(area, (area.height / 3).clamp(9, 16));
        let (cpu, right) = split_at_column(top, area.width * 44 / 100);
        let (middle, right) = split_at_column(right, right.width / 2);
        let (memory, disks) = split_at_row(middle, middle.height / 2);
        let (network, sensors) = if has_sensors {
            let (network, sensors) = split_at_row(right, (right.height * 3 / 5).max(4));
            (network, Some(sensors))
        } else {
            (right, None)
        };
        Self::Wide {
            cpu,
            memory,
            disks,
            network,
            sensors,
            processes,
        }
    }
}

/// The upper rows of an area, and the rest.
#[must_use]
pub fn split_at_row(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let upper = Rect {
        height: rows,
        ..area
    };
    let lower = Rect {
        y: area.y + rows,
        height: area.height - rows,
        ..area
    };
    (upper, lower)
}

/// The left columns of an area, and the rest.
#[must_use]
pub fn split_at_column(area: Rect, columns: u16) -> (Rect, Rect) {
    let columns = columns.min(area.width);
    let left = Rect {
        width: columns,
        ..area
    };
    let right = Rect {
        x: area.x + columns,
        width: area.width - columns,
        ..area
    };
    (left, right)
}
