//! The words of the program: what every other folder imports and what imports none of them.
//!
//! A collector brings a [`Reading`]; the pipeline gathers readings into a [`Frame`], the one picture that the screen,
//! the snapshot and the API are all made from.

pub mod alert;
pub mod cache;
pub mod clock;
pub mod command;
pub mod endpoint;
pub mod format;
pub mod frame;
pub mod host;
pub mod metric;
pub mod process;
pub mod range;
pub mod reading;
pub mod redact;
pub mod series;
pub mod source;
pub mod statement;
pub mod text;
pub mod unit;

pub use alert::{AlertBoard, AlertState, Incident, IncidentId, Severity};
pub use cache::{CacheInstance, CacheLevel, CommandLatency};
pub use clock::{Clock, ManualClock, Moment, SystemClock, Timestamp};
pub use command::{Command, CommandOutcome, Focus};
pub use endpoint::{Endpoint, ModelUse, Objective, ObjectiveState, Page, Probe, SessionGroup};
pub use format::Formatter;
pub use frame::{Frame, Tables};
pub use host::{Container, HostFacts};
pub use metric::{MetricDef, Worse};
pub use process::{Process, ProcessDetail, ProcessIdentity, ProcessKey, ProcessState};
pub use range::Range;
pub use reading::{Reading, Rows};
pub use series::{Catalog, Labels, SeriesId, SeriesKey, SeriesTable};
pub use source::{Health, SourceName, SourceStatus};
pub use statement::{Backend, BackendLock, IndexUse, Statement, TableUse};
pub use unit::Unit;
