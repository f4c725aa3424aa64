//! Routes made from paths: what names one thing (a number, a UUID, a token, a date, an address of a person) becomes a
//! placeholder, so that `/a/41` and `/a/42` are one route. What is asked after `?` is dropped: it may hold secrets.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::model::text::printable;

/// So many parts of a path are told; what lies deeper is `…`.
const DEEPEST: usize = 10;
/// What is longer is no word that an author of routes wrote, characters.
const LONGEST_WORD: usize = 48;
/// What is longer of a target is not looked at, bytes.
const LONGEST_TARGET: usize = 2048;

/// Files of these kinds are told apart by their folder and kind alone, because their names are many and change with
/// each build.
#[rustfmt::skip]
const STATIC: [&str; 27] = [
    "js", "mjs", "css", "map", "wasm", "png", "jpg", "jpeg", "gif", "svg", "ico", "webp", "avif", "bmp",
    "woff", "woff2", "ttf", "otf", "eot", "mp4", "webm", "mp3", "ogg", "m4a", "ts", "m3u8", "m4s",
];

/// The route of a request's target (`/a/42?x=1`, `https://host/a/42`), safe to show, at most some hundred characters.
#[must_use]
pub fn route_of(target: &str) -> String {
    let mut route = String::with_capacity(target.len().min(64));
    write_route(target, &mut route);
    route
}

/// [`route_of`] into a buffer that is used again.
pub fn write_route(target: &str, route: &mut String) {
    route.clear();
    let path = path_of(start_of(target, LONGEST_TARGET));
    let mut parts = path.split('/').filter(|part| !part.is_empty()).peekable();
    let mut depth = 0;
    while let Some(part) = parts.next() {
        depth += 1;
        if path.starts_with('/') || depth > 1 {
            route.push('/');
        }
        if depth > DEEPEST {
            route.push('…');
            return;
        }
        // The word of a matrix (`;jsessionid=…`) is as private as what is asked.
        let part = part.split(';').next().unwrap_or_default();
        write_part(part, parts.peek().is_none(), route);
    }
    if route.is_empty() {
        route.push('/');
    }
}

/// At most so many bytes of a text, whole characters.
pub(super) fn start_of(text: &str, most: usize) -> &str {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// The path alone, without scheme and host as they stand in HTTP/2 and proxy requests, and without query.
fn path_of(target: &str) -> &str {
    let end = target.find(['?', '#']).unwrap_or(target.len());
    let path = &target[..end];
    let Some((scheme, rest)) = path.split_once("://") else {
        return path;
    };
    if !scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return path;
    }
    rest.find('/').map_or("/", |slash| &rest[slash..])
}

fn write_part(part: &str, is_last: bool, route: &mut String) {
    let part = decoded(part);
    if let Some(kind) = is_last.then(|| static_kind(&part)).flatten() {
        route.push_str("*.");
        route.extend(kind.chars().map(|c| c.to_ascii_lowercase()));
        return;
    }
    match placeholder(&part) {
        Some(placeholder) => route.push_str(placeholder),
        None => route.push_str(&printable(&part)),
    }
}

fn decoded(part: &str) -> Cow<'_, str> {
    if part.contains('%') {
        percent_decode_str(part).decode_utf8_lossy()
    } else {
        Cow::Borrowed(part)
    }
}

fn static_kind(part: &str) -> Option<&str> {
    let (name, kind) = part.rsplit_once('.')?;
    let is_static = STATIC.iter().any(|known| known.eq_ignore_ascii_case(kind));
    (is_static && !name.is_empty()).then_some(kind)
}

/// What stands for a part that names one thing; `None` for a word of the route itself.
fn placeholder(part: &str) -> Option<&'static str> {
    let bytes = part.as_bytes();
    if let Some((before, host)) = part.split_once('@')
        && !before.is_empty()
        && host.contains('.')
    {
        return Some("{email}");
    }
    if is_date(bytes) {
        return Some("{date}");
    }
    let is_id = is_number(bytes) || is_uuid(bytes) || is_hex(bytes) || is_mostly_digits(bytes);
    if is_id {
        return Some("{id}");
    }
    if is_token(bytes) {
        return Some("{token}");
    }
    (part.chars().nth(LONGEST_WORD).is_some()).then_some("{text}")
}

fn is_number(part: &[u8]) -> bool {
    let part = part.strip_prefix(b"-").unwrap_or(part);
    !part.is_empty() && part.iter().all(u8::is_ascii_digit)
}

/// `2026-11-21`, also with dots or underscores, also with a time behind it.
fn is_date(part: &[u8]) -> bool {
    let Some((day, rest)) = part.split_at_checked(10) else {
        return false;
    };
    let is_day = day.iter().enumerate().all(|(place, byte)| match place {
        4 | 7 => matches!(byte, b'-' | b'_' | b'.') && *byte == day[4],
        _ => byte.is_ascii_digit(),
    });
    is_day && (rest.is_empty() || matches!(rest[0], b'T' | b' ' | b't' | b'_'))
}

fn is_uuid(part: &[u8]) -> bool {
    let groups = || part.split(|byte| *byte == b'-');
    let is_hex = |group: &[u8]| group.iter().all(u8::is_ascii_hexdigit);
    groups().map(<[u8]>::len).eq([8, 4, 4, 4, 12]) && groups().all(is_hex)
}

/// Eight or more hexadecimal digits: hashes, object ids.
fn is_hex(part: &[u8]) -> bool {
    part.len() >= 8 && part.iter().all(u8::is_ascii_hexdigit)
}

/// Half of it digits: `INV-2026-00042`, `10.0.0.7`, `order_1234`; but not `v1.2`.
fn is_mostly_digits(part: &[u8]) -> bool {
    let is_version = matches!(part, [b'v' | b'V', rest @ ..]
        if rest.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.'));
    let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = part
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic())
        .count();
    !is_version && digits >= 3 && digits >= letters && part.len() >= 4
}

/// Letters and digits as a machine mixes them: base64, ULIDs, `cus_9s6XKzkNRiz8i3`, JSON web tokens. A slug that a
/// person wrote changes seldom between letters and digits, and not between cases within a word.
fn is_token(part: &[u8]) -> bool {
    let may_be = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=+.~:,".contains(byte);
    if part.len() < 16 || !part.iter().all(may_be) {
        return false;
    }
    let digits = part.iter().filter(|byte| byte.is_ascii_digit()).count();
    let changes = part.windows(2).filter(|pair| is_change(pair)).count();
    let is_mixed = digits >= 2 && changes >= 4;
    is_mixed || changes * 3 >= part.len()
}

fn is_change(pair: &[u8]) -> bool {
    let (a, b) = (pair[0], pair[1]);
    let between_kinds = a.is_ascii_alphabetic() && b.is_ascii_digit()
        || a.is_ascii_digit() && b.is_ascii_alphabetic();
    between_kinds || a.is_ascii_lowercase() && b.is_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_names_one_thing_becomes_a_placeholder() {
        let cases = [
            ("/", "/"),
            ("", "/"),
            ("*", "*"),
            ("/a/42", "/a/{id}"),
            ("/a/42/", "/a/{id}"),
            ("//a//-7", "/a/{id}"),
            ("/v1/orders?token=secret", "/v1/orders"),
            ("/v1/orders#x", "/v1/orders"),
            ("https://shop.example/v2/orders/9?x", "/v2/orders/{id}"),
            ("https://shop.example", "/"),
            ("shop.example:443", "shop.example:443"),
            ("/u/550e8400-e29b-41d4-a716-446655440000/x", "/u/{id}/x"),
            ("/c/deadbeefcafe", "/c/{id}"),
            ("/c/facade", "/c/facade"),
            ("/k/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/k/{token}"),
            ("/k/cus_9s6XKzkNRiz8i3", "/k/{token}"),
            ("/k/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "/k/{token}"),
            ("/k/dQw4w9WgXcQaB-_f3xYz12", "/k/{token}"),
            (
                "/blog/ten-ways-to-name-2-things-well",
                "/blog/ten-ways-to-name-2-things-well",
            ),
            ("/getUserProfileSettings", "/getUserProfileSettings"),
            ("/d/2026-11-21", "/d/{date}"),
            ("/d/2026-11-21T07:00:00Z", "/d/{date}"),
            ("/p/jo%40shop.example", "/p/{email}"),
            ("/inv/INV-2026-00042", "/inv/{id}"),
            ("/api/v1.2/oauth2/s3", "/api/v1.2/oauth2/s3"),
            ("/api/v10/x", "/api/v10/x"),
            ("/assets/app.3f2a.js?v=1", "/assets/*.js"),
            ("/img/7/LOGO.PNG", "/img/{id}/*.png"),
            ("/.js", "/.js"),
            ("/caf%C3%A9/%1b[31m", "/café/␛[31m"),
            ("/x;jsessionid=A1B2", "/x"),
            (
                "/1/2/3/4/5/6/7/8/9/10/11",
                "/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/{id}/…",
            ),
        ];
        for (target, route) in cases {
            assert_eq!(route_of(target), route, "of {target:?}");
        }
        assert_eq!(route_of(&format!("/x/{}", "word ".repeat(20))), "/x/{text}");
    }

    proptest! {
        #[test]
        fn any_target_has_a_short_route_that_is_safe_to_show(target in "\\PC*|.{0,400}|(/[a-zA-Z0-9%.;?@_-]{0,60}){0,20}") {
            let route = route_of(&target);
            prop_assert!(!route.is_empty());
            prop_assert!(route.chars().count() <= (DEEPEST + 1) * (LONGEST_WORD + 1));
            prop_assert_eq!(printable(&route).into_owned(), route);
        }

        #[test]
        fn numbers_ids_and_what_is_asked_make_no_routes(
            number in any::<i64>(), id in any::<u128>(), asked in "[a-z=&]{0,20}",
        ) {
            prop_assert_eq!(route_of(&format!("/a/{number}?{asked}")), "/a/{id}");
            prop_assert_eq!(route_of(&format!("/a/{id:032x}/b?{asked}")), "/a/{id}/b");
        }

        #[test]
        fn words_stay(words in proptest::collection::vec("[g-z]{1,15}", 1..8)) {
            let path = format!("/{}", words.join("/"));
            prop_assert_eq!(route_of(&path), path);
        }
    }
}
