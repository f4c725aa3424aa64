//! A statement over several lines: laid out by its clauses, long lines broken, keywords and values told apart.

use sqlformat::{Dialect, FormatOptions, Indent, QueryParams};

use crate::ui::theme::Role;
use crate::ui::widgets::text;

/// Words of the language.
const KEYWORDS: [&str; 60] = [
    "SELECT",
    "FROM",
    "WHERE",
    "JOIN",
    "LEFT",
    "RIGHT",
    "FULL",
    "INNER",
    "OUTER",
    "CROSS",
    "ORDER",
    "GROUP",
    "HAVING",
    "LIMIT",
    "SET",
    "VALUES",
    "RETURNING",
    "FOR",
    "UNION",
    "ALL",
    "ON",
    "BY",
    "AS",
    "AND",
    "OR",
    "NOT",
    "IN",
    "IS",
    "NULL",
    "ASC",
    "DESC",
    "INSERT",
    "INTO",
    "UPDATE",
    "DELETE",
    "DISTINCT",
    "CASE",
    "WHEN",
    "THEN",
    "ELSE",
    "END",
    "OFFSET",
    "BETWEEN",
    "LIKE",
    "ILIKE",
    "EXISTS",
    "WITH",
    "CREATE",
    "INDEX",
    "CONCURRENTLY",
    "TABLE",
    "USING",
    "LATERAL",
    "ANALYZE",
    "VACUUM",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "LOCK",
    "CONFLICT",
];
/// How far what is left of a broken line is set in, cells.
const INDENT: usize = 2;
/// Texts beyond this are shown as they came: nobody reads them, and laying them out takes time.
const LONGEST: usize = 20_000;

/// A piece of a line and what it is.
pub(super) type Piece = (String, Role);

/// Lays a statement out in lines of at most `cells`.
pub(super) fn lines(sql: &str, cells: usize) -> Vec<Vec<Piece>> {
    let cells = cells.max(8);
    let options = FormatOptions {
        indent: Indent::Spaces(2),
        lines_between_queries: 1,
        max_inline_block: cells,
        max_inline_arguments: Some(cells),
        max_inline_top_level: Some(cells),
        joins_as_top_level: true,
        dialect: Dialect::PostgreSql,
        ..FormatOptions::default()
    };
    let laid_out = if sql.len() > LONGEST {
        sql.to_owned()
    } else {
        sqlformat::format(sql, &QueryParams::None, &options)
    };
    laid_out
        .lines()
        .flat_map(|line| broken(pieces(line), cells))
        .collect()
}

/// A line in pieces: blanks, words, values in quotes, signs.
pub(super) fn pieces(line: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '…');
        let end = match first {
            ' ' => rest.find(|c| c != ' '),
            '\'' => rest[1..].find('\'').map(|end| end + 2),
            c if is_word(c) => rest.find(|c| !is_word(c)),
            c => Some(c.len_utf8()),
        };
        let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
        pieces.push((piece.to_owned(), role(piece)));
        rest = after;
    }
    pieces
}

fn role(piece: &str) -> Role {
    let is_value = piece.starts_with(|c: char| c == '\'' || c == '$' || c.is_ascii_digit());
    if KEYWORDS
        .iter()
        .any(|keyword| piece.eq_ignore_ascii_case(keyword))
    {
        Role::Title
    } else if is_value {
        Role::Info
    } else {
        Role::Text
    }
}

/// Breaks a line between its pieces; one that is longer than a line is cut into several.
fn broken(pieces: Vec<Piece>, cells: usize) -> Vec<Vec<Piece>> {
    let indent = match pieces.first() {
        Some((blank, _)) if blank.starts_with(' ') => blank.len().min(cells / 2),
        _ => 0,
    } + INDENT;
    let mut lines: Vec<Vec<Piece>> = vec![Vec::new()];
    let mut used = 0;
    for (piece, role) in pieces {
        let mut piece = piece.as_str();
        while !piece.is_empty() {
            let width = text::width(piece);
            if used + width > cells && used > indent {
                lines.push(vec![(" ".repeat(indent), Role::Text)]);
                used = indent;
                piece = piece.trim_start();
                continue;
            }
            let head = text::head(piece, cells.saturating_sub(used).max(1));
            // A sign wider than the room there is would never fit.
            let head = if head.is_empty() { piece } else { head };
            used += text::width(head);
            if let Some(line) = lines.last_mut() {
                line.push((head.to_owned(), role));
            }
            piece = &piece[head.len()..];
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql: &str, cells: usize) -> Vec<String> {
        let text = |line: Vec<Piece>| line.into_iter().map(|(piece, _)| piece).collect();
        lines(sql, cells).into_iter().map(text).collect()
    }

    #[test]
    fn each_clause_has_a_line() {
        let sql = "SELECT a, b FROM (SELECT c FROM d) x LEFT JOIN y ON y.a = x.a WHERE a = $1";
        let lines = shown(sql, 60);
        for clause in ["SELECT", "FROM", "LEFT JOIN", "WHERE"] {
            assert!(
                lines
                    .iter()
                    .any(|line| line.trim_start().starts_with(clause)),
                "{lines:?}"
            );
        }
    }

    #[test]
    fn nothing_is_wider_than_the_room_or_lost() {
        let sql = "SELECT 'a very long value that goes on and on', aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa FROM t WHERE x IN ($1, $2, $3)";
        for cells in [8, 14, 40, 200] {
            let lines = shown(sql, cells);
            assert!(
                lines.iter().all(|line| text::width(line) <= cells),
                "{lines:?}"
            );
            let letters = |text: &str| {
                text.chars()
                    .filter(|c| !c.is_whitespace())
                    .collect::<String>()
            };
            assert_eq!(letters(&lines.concat()), letters(sql), "{cells}");
        }
    }

    #[test]
    fn keywords_and_values_are_told_apart() {
        let line = pieces("WHERE name = 'ON' LIMIT $1");
        let told: Vec<(&str, Role)> = line
            .iter()
            .filter(|(piece, role)| *role != Role::Text && piece != " ")
            .map(|(piece, role)| (piece.as_str(), *role))
            .collect();
        assert_eq!(
            told,
            [
                ("WHERE", Role::Title),
                ("'ON'", Role::Info),
                ("LIMIT", Role::Title),
                ("$1", Role::Info)
            ]
        );
    }
}
