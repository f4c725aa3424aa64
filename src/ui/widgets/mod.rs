//! What can be drawn: each widget takes a view (plain data, already text) and a [`Look`](super::theme::Look), and draws
//! into a buffer. None knows a frame, a tab or a collector.

mod axis;
mod chart;
mod gauge;
mod heatmap;
mod notice;
mod panel;
mod popup;
mod scroll;
mod sparkline;
mod table;
#[cfg(test)]
mod tests;
pub mod text;
mod time_bar;

pub use chart::{Band, Chart, Curve, Mark, TimeAxis};
pub use gauge::Gauge;
pub use heatmap::Heatmap;
pub use notice::{Notice, NoticeKind};
pub use panel::Panel;
pub use popup::{Popup, PopupLine};
pub use sparkline::{Sparkline, spread};
pub use table::{Align, Cell, Column, Row, Table, TableHits};
pub use time_bar::{Firing, TimeBar};
