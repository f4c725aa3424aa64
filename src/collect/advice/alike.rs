//! Whether an index over an expression is made for what a statement compares. The server writes its indexes with casts
//! and brackets that people leave out.

use sqlparser::ast::{DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments, Value};
use sqlparser::dialect::{MySqlDialect, PostgreSqlDialect};
use sqlparser::parser::Parser;

use super::facts::Dialect;

/// Whether `index` (an expression as the server writes it) is what the statement compares.
pub(super) fn serves(index: &str, compared: &Expr, dialect: Dialect) -> bool {
    let parsed = match dialect {
        Dialect::Postgres => parsed(Parser::new(&PostgreSqlDialect {}), index),
        Dialect::Mysql => parsed(Parser::new(&MySqlDialect {}), index),
    };
    parsed.is_some_and(|index| alike(&index, compared, dialect))
}

fn parsed(parser: Parser<'_>, text: &str) -> Option<Expr> {
    let mut parser = parser.with_recursion_limit(20).try_with_sql(text).ok()?;
    parser.parse_expr().ok()
}

fn alike(one: &Expr, other: &Expr, dialect: Dialect) -> bool {
    let both = |a: &Expr, b: &Expr| alike(a, b, dialect);
    match (plain(one), plain(other)) {
        (Expr::Function(one), Expr::Function(other)) => {
            let same_name = one
                .name
                .to_string()
                .eq_ignore_ascii_case(&other.name.to_string());
            let (Some(ones), Some(others)) = (arguments(&one.args), arguments(&other.args)) else {
                return false;
            };
            same_name
                && ones.len() == others.len()
                && ones.iter().zip(&others).all(|(a, b)| both(a, b))
        }
        (
            Expr::BinaryOp { left, op, right },
            Expr::BinaryOp {
                left: a,
                op: by,
                right: b,
            },
        ) => op == by && both(left, a) && both(right, b),
        (
            Expr::Extract { field, expr, .. },
            Expr::Extract {
                field: f, expr: e, ..
            },
        ) => field == f && both(expr, e),
        (Expr::Cast { expr, .. }, Expr::Cast { expr: e, .. }) => both(expr, e),
        // A value that was taken out of the text may have been this one.
        (Expr::Value(_), Expr::Value(value)) if matches!(value.value, Value::Placeholder(_)) => {
            true
        }
        (Expr::Value(one), Expr::Value(other)) => one.value == other.value,
        (one, other) => match (name(one), name(other)) {
            (Some(one), Some(other)) => dialect.same(&dialect.folded(one), &dialect.folded(other)),
            _ => false,
        },
    }
}

/// Without brackets, and without casts except those to a day, which change what is compared.
fn plain(mut expr: &Expr) -> &Expr {
    loop {
        match expr {
            Expr::Nested(inner) => expr = inner,
            Expr::Cast {
                expr: inner,
                data_type,
                ..
            } if *data_type != DataType::Date => expr = inner,
            _ => return expr,
        }
    }
}

fn name(expr: &Expr) -> Option<&sqlparser::ast::Ident> {
    match expr {
        Expr::Identifier(name) => Some(name),
        Expr::CompoundIdentifier(parts) => parts.last(),
        _ => None,
    }
}

fn arguments(of: &FunctionArguments) -> Option<Vec<&Expr>> {
    let FunctionArguments::List(list) = of else {
        return matches!(of, FunctionArguments::None).then(Vec::new);
    };
    let plain = list.args.iter().map(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
        _ => None,
    });
    plain.collect()
}
