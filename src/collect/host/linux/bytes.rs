//! Numbers and fields out of what the kernel writes. Foreign text: nothing here panics on any input.

/// The lines of a file, without their ends; the empty rest after the last one is no line.
pub fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|&b| b == b'\n').filter(|line| !line.is_empty())
}

/// The fields of a line, however many blanks stand between them.
pub fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty())
}

/// A whole number without a sign; `None` for anything else, also when it is too large.
#[must_use]
pub fn number(field: &[u8]) -> Option<u64> {
    if field.is_empty() {
        return None;
    }
    field.iter().try_fold(0_u64, |sum, &b| {
        let digit = b.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        sum.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// A decimal number such as a load.
#[must_use]
pub fn decimal(field: &[u8]) -> Option<f64> {
    let value: f64 = std::str::from_utf8(field).ok()?.parse().ok()?;
    value.is_finite().then_some(value)
}

/// The number behind `name` at the beginning of a line: `MemTotal: 1024 kB`, `pswpin 3`.
#[must_use]
pub fn value_of(text: &[u8], name: &[u8]) -> Option<u64> {
    lines(text).find_map(|line| {
        let rest = line.strip_prefix(name)?;
        let rest = rest.strip_prefix(b":").unwrap_or(rest);
        if !rest.first()?.is_ascii_whitespace() {
            return None;
        }
        number(fields(rest).next()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_whole_and_fit() {
        assert_eq!(number(b"18446744073709551615"), Some(u64::MAX));
        assert_eq!(number(b"18446744073709551616"), None);
        assert_eq!(number(b""), None);
        assert_eq!(number(b"-1"), None);
        assert_eq!(number(b"12x"), None);
        assert_eq!(decimal(b"0.25"), Some(0.25));
        assert_eq!(decimal(b"nan"), None);
    }

    #[test]
    fn a_value_is_found_by_its_whole_name() {
        let text = b"SwapCached: 7 kB\nSwap: 1 kB\npswpin 3\npswpin_x 9\n";
        assert_eq!(value_of(text, b"Swap"), Some(1));
        assert_eq!(value_of(text, b"pswpin"), Some(3));
        assert_eq!(value_of(text, b"Missing"), None);
    }

    proptest! {
        #[test]
        fn no_input_panics(text in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = value_of(&text, b"a");
            for line in lines(&text) {
                for field in fields(line) {
                    let _ = (number(field), decimal(field));
                }
            }
        }

        #[test]
        fn every_number_comes_back(value: u64) {
            prop_assert_eq!(number(value.to_string().as_bytes()), Some(value));
        }
    }
}
