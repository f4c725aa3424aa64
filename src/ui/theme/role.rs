//! What a piece of the screen means: the only words in which a widget speaks of colours.

use crate::model::Severity;

/// What a piece of the screen means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// Plain text.
    Text,
    /// Labels, units, what is not important now.
    Dim,
    /// Values.
    Bright,
    /// What is selected or focused, and nothing else.
    Accent,
    /// Borders.
    Border,
    /// The border of the panel that has the keys.
    BorderFocused,
    /// Titles in borders.
    Title,
    /// The selected row.
    Selection,
    /// A marked row.
    Marked,
    /// All is well.
    Ok,
    /// Look at it today.
    Warning,
    /// Look at it now.
    Critical,
    /// Worth knowing.
    Info,
    /// A key in the footer and in help.
    Key,
    /// The part of a text that matches a filter or a search.
    Match,
    /// The empty part of a gauge, the quiet lines of a chart.
    Track,
    /// The tab that is shown.
    TabActive,
    /// The other tabs.
    TabInactive,
    /// A word that tells a mode apart from live: paused, rewound, demo.
    Mode,
    /// First curve of a chart.
    Curve1,
    /// Second curve.
    Curve2,
    /// Third curve.
    Curve3,
    /// Fourth curve.
    Curve4,
}

impl Role {
    /// How many roles there are.
    pub const COUNT: usize = 23;

    /// Each role with its name in theme files, in the order of the enum.
    pub const ALL: [(Self, &'static str); Self::COUNT] = [
        (Self::Text, "text"),
        (Self::Dim, "dim"),
        (Self::Bright, "bright"),
        (Self::Accent, "accent"),
        (Self::Border, "border"),
        (Self::BorderFocused, "border_focused"),
        (Self::Title, "title"),
        (Self::Selection, "selection"),
        (Self::Marked, "marked"),
        (Self::Ok, "ok"),
        (Self::Warning, "warning"),
        (Self::Critical, "critical"),
        (Self::Info, "info"),
        (Self::Key, "key"),
        (Self::Match, "match"),
        (Self::Track, "track"),
        (Self::TabActive, "tab_active"),
        (Self::TabInactive, "tab_inactive"),
        (Self::Mode, "mode"),
        (Self::Curve1, "curve_1"),
        (Self::Curve2, "curve_2"),
        (Self::Curve3, "curve_3"),
        (Self::Curve4, "curve_4"),
    ];

    /// The role of a severity.
    #[must_use]
    pub fn of(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Critical => Self::Critical,
        }
    }

    /// The role with this name in a theme file.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, known)| *known == name)
            .map(|(role, _)| *role)
    }

    /// The role as an index into arrays that hold one entry a role.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_in_the_order_of_the_enum() {
        for (index, (role, name)) in Role::ALL.iter().enumerate() {
            assert_eq!(role.index(), index, "{name}");
            assert_eq!(Role::named(name), Some(*role));
        }
    }
}
