//! The words of the program: what every other folder imports and what imports none of them.
//!
//! A collector brings a [`Reading`]; the pipeline gathers readings into a [`Frame`], the one picture that the screen,
//! the snapshot and the API are all made from.

pub mod advice;
pub mod alert;
pub mod cache;
pub mod clock;
pub mod command;
pub mod endpoint;
pub mod format;
pub mod found;
pub mod frame;
pub mod host;
pub mod keeping;
pub mod latency;
pub mod metric;
pub mod moment_text;
pub mod plan;
pub mod process;
pub mod range;
pub mod reading;
pub mod redact;
pub mod series;
pub mod size;
pub mod source;
pub mod span;
pub mod statement;
pub mod text;
pub mod unit;

pub use advice::{Advice, Certainty};
pub use alert::{AlertBoard, AlertState, Incident, IncidentId, Severity};
pub use cache::{
    CacheClient, CacheDetail, CacheInstance, CacheLevel, CommandLatency, KeySpace, LargeKey,
    PrefixUse, QueueLength, ScanState, SlowCommand,
};
pub use clock::{Clock, ManualClock, Moment, SystemClock, Timestamp};
pub use command::{BackendKey, Command, CommandOutcome, Focus, ServerDeed};
pub use endpoint::{Endpoint, ModelUse, Objective, ObjectiveState, Page, Probe, SessionGroup};
pub use format::Formatter;
pub use found::Found;
pub use frame::{Cut, Frame, Tables};
pub use host::{Container, HostFacts};
pub use keeping::{Keeping, KeepingState};
pub use latency::{Buckets, Distribution, Quantile, Sketch};
pub use metric::{MetricDef, Worse};
pub use plan::{Plan, PlanNode};
pub use process::{Process, ProcessDetail, ProcessIdentity, ProcessKey, ProcessState};
pub use range::Range;
pub use reading::{Reading, Rows};
pub use series::{Catalog, Labels, SeriesId, SeriesKey, SeriesTable};
pub use source::{Health, Partial, SourceKind, SourceName, SourceStatus};
pub use statement::{
    Backend, BackendLock, DatabaseInstance, IndexUse, Replica, Statement, StatementDetail,
    StatementTotals, TableUse,
};
pub use unit::Unit;
