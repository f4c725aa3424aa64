//! User names by number, from `/etc/passwd`; the number where there is none.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::model::text::printable_bytes;

use super::super::bytes::{lines, number};

/// The file is looked at again at most so often when a number has no name in it.
const AGAIN: Duration = Duration::from_secs(60);

/// User names by number.
pub struct UserNames {
    file: PathBuf,
    names: HashMap<u32, Arc<str>>,
    read_at: Option<Duration>,
}

impl UserNames {
    /// The names in `file`, read when the first is asked for.
    #[must_use]
    pub fn new(file: PathBuf) -> Self {
        Self {
            file,
            names: HashMap::new(),
            read_at: None,
        }
    }

    /// The name of user `uid`; `now` is monotonic.
    pub fn name(&mut self, uid: u32, now: Duration) -> Arc<str> {
        let is_fresh = |at: Duration| now.saturating_sub(at) < AGAIN;
        if !self.names.contains_key(&uid) && !self.read_at.is_some_and(is_fresh) {
            self.read_at = Some(now);
            self.names = parse_passwd(&std::fs::read(&self.file).unwrap_or_default());
        }
        self.names
            .entry(uid)
            .or_insert_with(|| uid.to_string().into())
            .clone()
    }
}

/// The first entry of a number counts.
fn parse_passwd(text: &[u8]) -> HashMap<u32, Arc<str>> {
    let mut names = HashMap::new();
    for line in lines(text) {
        let mut fields = line.split(|&b| b == b':');
        let name = fields.next().unwrap_or_default();
        let uid = fields.nth(1).and_then(number);
        if let Some(uid) = uid.and_then(|n| u32::try_from(n).ok()) {
            names
                .entry(uid)
                .or_insert_with(|| printable_bytes(name).into());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_have_their_first_name_and_others_their_number() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passwd");
        let text = "root:x:0:0:root:/root:/bin/sh\ntoor:x:0:0::/:\nbroken\nx:y:z:\nwww:x:33:33::/:";
        std::fs::write(&file, text).unwrap();
        let mut users = UserNames::new(file.clone());
        let second = Duration::from_secs;
        assert_eq!(&*users.name(0, second(0)), "root");
        assert_eq!(&*users.name(33, second(0)), "www");
        assert_eq!(&*users.name(34, second(0)), "34");
        std::fs::write(&file, "new:x:35:35::/:").unwrap();
        assert_eq!(&*users.name(35, second(30)), "35", "not read all the time");
    }
}
