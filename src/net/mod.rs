//! Beside the path: what everybody needs who speaks to a server: how a connection is secured, and passwords that are
//! read when they are needed and never shown. It knows nothing
//! of what is asked or told there.

mod form;
pub(crate) mod postgres;
pub(crate) mod secret;
pub(crate) mod tls;

pub use form::{FormError, TlsForm};
