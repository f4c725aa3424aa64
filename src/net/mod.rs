//! Beside the path: what everybody needs who speaks to a server: how a connection is secured, and passwords that are
//! read when they are needed and never shown. It knows of no server and of no source.

mod form;
pub(crate) mod secret;
pub(crate) mod tls;

pub use form::{FormError, TlsForm};
