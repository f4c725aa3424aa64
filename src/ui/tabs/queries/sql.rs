//! A statement over several lines: a clause a line, long ones wrapped, keywords told apart.

use crate::ui::widgets::text;

/// Words that begin a clause, and with it a line.
const CLAUSES: [&str; 15] = [
    "SELECT",
    "FROM",
    "WHERE",
    "JOIN",
    "LEFT",
    "INNER",
    "ORDER",
    "GROUP",
    "HAVING",
    "LIMIT",
    "SET",
    "VALUES",
    "RETURNING",
    "FOR",
    "UNION",
];
/// Other words that belong to the language.
const KEYWORDS: [&str; 26] = [
    "ON", "BY", "AS", "AND", "OR", "NOT", "IN", "IS", "NULL", "ASC", "DESC", "INSERT", "INTO",
    "UPDATE", "DELETE", "DISTINCT", "COUNT", "CASE", "WHEN", "THEN", "ELSE", "END", "OFFSET",
    "BETWEEN", "LIKE", "EXISTS",
];
/// How far what is left of a clause is set in, cells.
const INDENT: usize = 2;

/// A word, and whether it is a keyword.
pub(super) type Word<'a> = (&'a str, bool);

/// A line of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SqlLine<'a> {
    /// How far it is set in, cells.
    pub indent: usize,
    /// Its words.
    pub words: Vec<Word<'a>>,
}

/// Breaks a statement into lines of at most `cells`; a word that is longer stands alone and is cut by who draws it.
pub(super) fn lines(sql: &str, cells: usize) -> Vec<SqlLine<'_>> {
    let mut lines: Vec<SqlLine<'_>> = Vec::new();
    let mut used = 0;
    let mut depth = 0_i32;
    let mut last = "";
    for word in sql.split_whitespace() {
        let keyword = is_one_of(word, &CLAUSES) || is_one_of(word, &KEYWORDS);
        let follows = matches!(
            last.to_ascii_uppercase().as_str(),
            "LEFT" | "INNER" | "DELETE"
        );
        let begins = depth == 0 && is_one_of(word, &CLAUSES) && !follows;
        let width = text::width(word);
        match lines.last_mut() {
            Some(line) if !begins && used + 1 + width <= cells => {
                line.words.push((word, keyword));
                used += 1 + width;
            }
            _ => {
                let indent = if begins || lines.is_empty() {
                    0
                } else {
                    INDENT
                };
                lines.push(SqlLine {
                    indent,
                    words: vec![(word, keyword)],
                });
                used = indent + width;
            }
        }
        depth += count(word, '(') - count(word, ')');
        last = word;
    }
    lines
}

fn is_one_of(word: &str, known: &[&str]) -> bool {
    known
        .iter()
        .any(|keyword| word.eq_ignore_ascii_case(keyword))
}

fn count(word: &str, bracket: char) -> i32 {
    i32::try_from(word.matches(bracket).count()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql: &str, cells: usize) -> Vec<String> {
        let text = |line: SqlLine<'_>| {
            let words: Vec<&str> = line.words.iter().map(|(word, _)| *word).collect();
            format!("{:indent$}{}", "", words.join(" "), indent = line.indent)
        };
        lines(sql, cells).into_iter().map(text).collect()
    }

    #[test]
    fn each_clause_has_a_line_and_long_ones_are_wrapped() {
        let sql = "SELECT a, b FROM (SELECT c FROM d) x LEFT JOIN y ON y.a = x.a WHERE a = $1";
        assert_eq!(
            shown(sql, 24),
            [
                "SELECT a, b",
                "FROM (SELECT c FROM d) x",
                "LEFT JOIN y ON y.a = x.a",
                "WHERE a = $1"
            ]
        );
        assert_eq!(
            shown("UPDATE t SET a = $1, b = $2, c = $3", 14),
            ["UPDATE t", "SET a = $1, b", "  = $2, c = $3"]
        );
        assert_eq!(shown("DELETE FROM t", 40), ["DELETE FROM t"]);
    }
}
