//! What the source of a database says of itself.

use std::time::Duration;

use crate::collect::form::SourceForm;
use crate::collect::{Cadence, Spec};
use crate::model::SourceKind;
use crate::net::{FormError, TlsForm, tls};

/// How often a server is asked when the form does not say.
const INTERVAL: Duration = Duration::from_secs(2);

/// After how long it is given up when the form does not say. Each statement ends after 2 s on the server's side.
const TIMEOUT: Duration = Duration::from_secs(5);

/// After the form; `name` is what it is called when the form does not say, `secured` how its connections are secured.
/// Returned beside it is the interval.
///
/// # Errors
/// When a file that the form names can't be read: that is told before anything is connected.
pub(in crate::collect) fn spec(
    form: &SourceForm,
    name: impl FnOnce() -> String,
    secured: Option<&TlsForm>,
) -> Result<(Spec, Duration), FormError> {
    form.password()?;
    if let Some(form) = secured {
        tls::client_config(form)?;
    }
    let interval = form.interval.unwrap_or(INTERVAL);
    let spec = Spec {
        name: form.name.clone().unwrap_or_else(name).into(),
        kind: SourceKind::Database,
        cadence: Cadence::Every(interval),
        timeout: form.timeout.unwrap_or(TIMEOUT),
    };
    Ok((spec, interval))
}
