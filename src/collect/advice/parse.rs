//! A text made into a parsed statement, within bounds: what comes from a server may be cut off, normalised, nested a
//! thousand deep or no SQL at all.

use sqlparser::ast::Statement;
use sqlparser::dialect::{MySqlDialect, PostgreSqlDialect};
use sqlparser::parser::Parser;
use sqlparser::tokenizer::{Token, Tokenizer};

use super::facts::Dialect;

/// Longer texts are not looked at: long lists of values have nothing to advise on.
const LONGEST_TEXT: usize = 32 * 1024;

/// A chain of operators is as deep a tree as it is long, and is taken down by a recursion.
const MOST_TOKENS: usize = 4_000;

/// How deep brackets and subqueries may nest.
const DEEPEST_NESTING: usize = 40;

/// The one statement that a text is, if it can be understood.
pub(super) fn statement(text: &str, dialect: Dialect) -> Option<Statement> {
    if text.len() > LONGEST_TEXT {
        return None;
    }
    let tokens = match dialect {
        Dialect::Postgres => words(Tokenizer::new(&PostgreSqlDialect {}, text)),
        Dialect::Mysql => words(Tokenizer::new(&MySqlDialect {}, text)),
    }?;
    let tokens = without_ellipses(tokens)?;
    if tokens.len() > MOST_TOKENS {
        return None;
    }
    let postgres = PostgreSqlDialect {};
    let mysql = MySqlDialect {};
    let mut parser = match dialect {
        Dialect::Postgres => Parser::new(&postgres),
        Dialect::Mysql => Parser::new(&mysql),
    }
    .with_recursion_limit(DEEPEST_NESTING)
    .with_tokens(tokens);
    let mut statements = parser.parse_statements().ok()?;
    let only = statements.pop()?;
    statements.is_empty().then_some(only)
}

fn words(mut tokenizer: Tokenizer<'_>) -> Option<Vec<Token>> {
    let mut tokens = tokenizer.tokenize().ok()?;
    tokens.retain(|token| !matches!(token, Token::Whitespace(_)));
    Some(tokens)
}

/// MySQL writes `...` for the rest of a list of values; a parser reads it as one more value. At the very end it means
/// that the text was cut off, and then nothing can be said of it.
fn without_ellipses(tokens: Vec<Token>) -> Option<Vec<Token>> {
    let rest = Token::Placeholder("...".to_owned());
    let mut whole: Vec<Token> = Vec::with_capacity(tokens.len());
    for token in tokens {
        whole.push(token);
        if whole.ends_with(&[Token::Period, Token::Period, Token::Period]) {
            whole.truncate(whole.len() - 3);
            whole.push(rest.clone());
        }
    }
    (whole.last() != Some(&rest)).then_some(whole)
}
