//! Names of endpoints with `*` for any part.

use std::sync::Arc;

/// Names with `*` for any part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern(Arc<[String]>);

impl Pattern {
    /// A pattern as it is written.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Whether a name is one of those meant.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let [first, between @ .., last] = &*self.0 else {
            return self.0.first().is_none_or(|only| only == name);
        };
        let Some(mut rest) = name.strip_prefix(first.as_str()) else {
            return false;
        };
        for part in between {
            let Some(at) = rest.find(part.as_str()) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_has_stars_for_any_part() {
        let yes = |pattern: &str, name: &str| Pattern::new(pattern).matches(name);
        assert!(yes("GET /v1/orders", "GET /v1/orders"));
        assert!(!yes("GET /v1/orders", "GET /v1/orders/{id}"));
        assert!(yes("* /v1/orders*", "POST /v1/orders/{id}"));
        assert!(yes("*/chat", "POST /v1/chat") && !yes("*/chat", "POST /v1/chats"));
        assert!(yes("a*b*c", "a-b-b-c") && !yes("a*b*c", "a-c"));
        assert!(yes("*", "") && !yes("ab*b", "ab"));
    }
}
