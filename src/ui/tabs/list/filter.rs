//! The filter of a list: text; `!text` for not; `~regex`.

use regex_lite::{Regex, RegexBuilder};

/// The largest program a typed expression may become, bytes: enough for any that a person types, and no more memory.
const REGEX_SIZE: usize = 1 << 18;

/// A filter as it was typed, ready to hold rows against.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    typed: String,
    test: Test,
}

#[derive(Debug, Clone, Default)]
enum Test {
    #[default]
    Everything,
    Holds(String),
    HoldsNot(String),
    Matches(Regex),
    Invalid(String),
}

impl Filter {
    /// Reads what was typed. Upper and lower case are the same. An expression that is no regular expression (yet)
    /// filters nothing and leaves a [`Filter::hint`].
    #[must_use]
    pub fn parse(typed: &str) -> Self {
        let test = if let Some(pattern) = typed.strip_prefix('~') {
            Self::parse_regex(pattern)
        } else if let Some(text) = typed.strip_prefix('!') {
            Self::unless_empty(text, Test::HoldsNot)
        } else {
            Self::unless_empty(typed, Test::Holds)
        };
        Self {
            typed: typed.to_owned(),
            test,
        }
    }

    fn unless_empty(text: &str, test: impl Fn(String) -> Test) -> Test {
        if text.is_empty() {
            Test::Everything
        } else {
            test(text.to_lowercase())
        }
    }

    fn parse_regex(pattern: &str) -> Test {
        if pattern.is_empty() {
            return Test::Everything;
        }
        let built = RegexBuilder::new(pattern)
            .case_insensitive(true)
            .size_limit(REGEX_SIZE)
            .build();
        match built {
            Ok(regex) => Test::Matches(regex),
            Err(error) => Test::Invalid(format!("not a regular expression: {error}")),
        }
    }

    /// What was typed.
    #[must_use]
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Why it filters nothing although something was typed.
    #[must_use]
    pub fn hint(&self) -> Option<&str> {
        match &self.test {
            Test::Invalid(hint) => Some(hint),
            _ => None,
        }
    }

    /// Whether every row passes, so that none has to be looked at.
    #[must_use]
    pub fn passes_all(&self) -> bool {
        matches!(self.test, Test::Everything | Test::Invalid(_))
    }

    /// The text to show as matched.
    #[must_use]
    pub fn matched(&self) -> Option<&str> {
        match &self.test {
            Test::Holds(text) => Some(text),
            _ => None,
        }
    }

    /// Whether a row passes that shows these texts.
    pub fn passes<'a>(&self, texts: impl IntoIterator<Item = &'a str>) -> bool {
        let mut texts = texts.into_iter();
        match &self.test {
            Test::Everything | Test::Invalid(_) => true,
            Test::Holds(text) => texts.any(|shown| holds(shown, text)),
            Test::HoldsNot(text) => !texts.any(|shown| holds(shown, text)),
            Test::Matches(regex) => texts.any(|shown| regex.is_match(shown)),
        }
    }
}

/// Whether `shown` holds `lower` (already in lower case), upper and lower case being the same.
fn holds(shown: &str, lower: &str) -> bool {
    if !shown.is_ascii() {
        return shown.to_lowercase().contains(lower);
    }
    let (shown, lower) = (shown.as_bytes(), lower.as_bytes());
    let Some((first, rest)) = lower.split_first() else {
        return true;
    };
    let Some(last_start) = shown.len().checked_sub(lower.len()) else {
        return false;
    };
    let upper = first.to_ascii_uppercase();
    shown[..=last_start]
        .iter()
        .enumerate()
        .filter(|(_, byte)| *byte == first || **byte == upper)
        .any(|(at, _)| shown[at + 1..at + lower.len()].eq_ignore_ascii_case(rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_not_and_regex() {
        let row = ["8121", "postgres", "postgres: App ORDERS", "Grüße 日本"];
        for (typed, passes) in [
            ("", true),
            ("orders", true),
            ("ORD", true),
            ("812", true),
            ("grüßE", true),
            ("日本", true),
            ("mysql", false),
            ("!mysql", true),
            ("!Postgres", false),
            ("!", true),
            ("~^post.*orders$", true),
            ("~^orders", false),
            ("~", true),
        ] {
            assert_eq!(Filter::parse(typed).passes(row), passes, "{typed}");
        }
    }

    #[test]
    fn a_regex_half_typed_filters_nothing_and_says_so() {
        let filter = Filter::parse("~(app");
        assert!(filter.passes(["anything"]));
        assert!(filter.passes_all());
        assert!(
            filter
                .hint()
                .unwrap()
                .starts_with("not a regular expression")
        );
        assert_eq!(filter.typed(), "~(app");
    }

    proptest! {
        #[test]
        fn holds_is_what_lower_case_says(shown in "[aAbBß ]{0,12}", text in "[aAbBß]{0,3}") {
            let lower = text.to_lowercase();
            prop_assert_eq!(holds(&shown, &lower), shown.to_lowercase().contains(&lower));
        }

        #[test]
        fn nothing_typed_panics(typed in ".{0,20}", shown in ".{0,20}") {
            let _ = Filter::parse(&typed).passes([shown.as_str()]);
        }
    }
}
