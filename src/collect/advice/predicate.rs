//! What a condition says of columns: compared as they are, wrapped into something, searched inside of. What is not one of
//! the forms known here is [`Test::Other`], of which no rule says anything.

use sqlparser::ast::{
    BinaryOperator, CastKind, DataType, Expr, FunctionArg, FunctionArgExpr, FunctionArguments,
    Ident, ObjectName, Query, UnaryOperator, Value,
};

/// A column as a condition names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named<'a> {
    /// What stands before the dot: the alias or the name of a table.
    pub of: Option<&'a Ident>,
    /// Its name.
    pub name: &'a Ident,
}

/// What one condition says.
#[derive(Debug, Clone)]
pub(super) enum Test<'a> {
    /// The column is one of some values.
    Equal(Named<'a>),
    /// It is found by a subquery.
    Found(Named<'a>),
    /// It lies in a range.
    Range(Named<'a>),
    /// Something made of the column is compared to values.
    Wrapped(Named<'a>, &'a Expr),
    /// A text is looked for anywhere inside of it; the pattern begins with a wildcard.
    Inside(Named<'a>, &'a Expr),
    /// It is equal to a column of another table.
    Joined(Named<'a>, Named<'a>),
    /// One of these holds.
    Either(Vec<&'a Expr>),
    /// It is none of what the subquery finds.
    NotIn(&'a Query),
    /// Anything else.
    Other,
}

/// The conditions that all must hold, without the brackets around them.
pub(super) fn conjuncts(whole: &Expr) -> Vec<&Expr> {
    split(whole, &BinaryOperator::And)
}

fn split<'a>(whole: &'a Expr, by: &BinaryOperator) -> Vec<&'a Expr> {
    let mut parts = Vec::new();
    let mut open = vec![whole];
    while let Some(expr) = open.pop() {
        match bare(expr) {
            Expr::BinaryOp { left, op, right } if op == by => open.extend([&**right, &**left]),
            part => parts.push(part),
        }
    }
    parts
}

/// The expression without brackets around it.
pub(super) fn bare(mut expr: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expr {
        expr = inner;
    }
    expr
}

impl<'a> Test<'a> {
    /// What a condition says, or each side of an OR.
    pub fn sides_of(condition: &'a Expr) -> Vec<Self> {
        match Self::of(condition) {
            Self::Either(sides) => sides.into_iter().map(Self::of).collect(),
            test => vec![test],
        }
    }

    /// What a single condition says.
    pub fn of(condition: &'a Expr) -> Self {
        let condition = bare(condition);
        match condition {
            Expr::BinaryOp { left, op, right } => Self::of_operator(condition, left, op, right),
            Expr::InList {
                expr,
                list,
                negated: false,
            } if list.iter().all(is_constant) => Self::compared(expr, Self::Equal),
            Expr::AnyOp {
                left,
                compare_op: BinaryOperator::Eq,
                right,
                ..
            } if is_constant(right) => Self::compared(left, Self::Equal),
            Expr::Between {
                expr,
                negated: false,
                low,
                high,
            } if is_constant(low) && is_constant(high) => Self::compared(expr, Self::Range),
            Expr::InSubquery {
                expr,
                negated: false,
                ..
            } => column(expr).map_or(Self::Other, Self::Found),
            Expr::InSubquery {
                subquery,
                negated: true,
                ..
            } => Self::NotIn(subquery),
            Expr::UnaryOp {
                op: UnaryOperator::Not,
                expr,
            } => match bare(expr) {
                Expr::InSubquery {
                    subquery,
                    negated: false,
                    ..
                } => Self::NotIn(subquery),
                _ => Self::Other,
            },
            Expr::Like {
                negated: false,
                any: false,
                expr,
                pattern,
                ..
            }
            | Expr::ILike {
                negated: false,
                any: false,
                expr,
                pattern,
                ..
            } if begins_with_a_wildcard(pattern) => {
                only_column(expr).map_or(Self::Other, |column| Self::Inside(column, bare(expr)))
            }
            _ => Self::Other,
        }
    }

    fn of_operator(whole: &'a Expr, left: &'a Expr, op: &BinaryOperator, right: &'a Expr) -> Self {
        let kind = match op {
            BinaryOperator::Or => return Self::Either(split(whole, op)),
            BinaryOperator::Eq | BinaryOperator::Spaceship => Self::Equal,
            BinaryOperator::Lt
            | BinaryOperator::LtEq
            | BinaryOperator::Gt
            | BinaryOperator::GtEq => Self::Range,
            _ => return Self::Other,
        };
        if is_constant(right) {
            return Self::compared(left, kind);
        }
        if is_constant(left) {
            return Self::compared(right, kind);
        }
        match (op, column(left), column(right)) {
            (BinaryOperator::Eq, Some(one), Some(other)) => Self::Joined(one, other),
            _ => Self::Other,
        }
    }

    fn compared(subject: &'a Expr, as_it_is: fn(Named<'a>) -> Self) -> Self {
        if let Some(column) = column(subject) {
            return as_it_is(column);
        }
        match only_column(subject) {
            Some(column) if hides_its_column(subject) => Self::Wrapped(column, bare(subject)),
            _ => Self::Other,
        }
    }
}

/// The column that an expression is, if it is nothing else.
pub(super) fn column(expr: &Expr) -> Option<Named<'_>> {
    match bare(expr) {
        Expr::Identifier(name) => Some(Named { of: None, name }),
        Expr::CompoundIdentifier(parts) => match &parts[..] {
            [.., of, name] => Some(Named { of: Some(of), name }),
            _ => None,
        },
        _ => None,
    }
}

/// Whether an index on the column can't be used because of what is made of it. A cast between kinds of texts is
/// harmless, so that of all casts only the one from a time to its day counts.
fn hides_its_column(expr: &Expr) -> bool {
    match bare(expr) {
        Expr::Function(_) | Expr::Extract { .. } | Expr::Substring { .. } | Expr::Trim { .. } => {
            true
        }
        Expr::Ceil { .. } | Expr::Floor { .. } => true,
        Expr::Cast {
            kind: CastKind::Cast | CastKind::DoubleColon,
            data_type: DataType::Date,
            ..
        } => true,
        Expr::BinaryOp { op, .. } => matches!(
            op,
            BinaryOperator::Plus
                | BinaryOperator::Minus
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Modulo
        ),
        _ => false,
    }
}

/// Whether the value is the same for all rows of the statement.
fn is_constant(expr: &Expr) -> bool {
    mentions(expr).is_some_and(|columns| columns.is_empty())
}

/// The one column of an expression; none when there are several.
fn only_column(expr: &Expr) -> Option<Named<'_>> {
    let mut columns = mentions(expr)?;
    let column = columns.pop()?;
    columns.is_empty().then_some(column)
}

/// Every column that an expression mentions; `None` when it holds something that is not understood, a subquery for
/// example.
pub(super) fn mentions(whole: &Expr) -> Option<Vec<Named<'_>>> {
    let mut columns = Vec::new();
    let mut open = vec![whole];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::Identifier(_) | Expr::CompoundIdentifier(_) => columns.push(column(expr)?),
            Expr::Value(_) | Expr::TypedString(_) | Expr::Interval(_) => {}
            Expr::Nested(inner)
            | Expr::IsNull(inner)
            | Expr::IsNotNull(inner)
            | Expr::IsTrue(inner)
            | Expr::IsNotTrue(inner)
            | Expr::IsFalse(inner)
            | Expr::IsNotFalse(inner)
            | Expr::UnaryOp { expr: inner, .. }
            | Expr::Cast { expr: inner, .. }
            | Expr::Extract { expr: inner, .. }
            | Expr::Ceil { expr: inner, .. }
            | Expr::Floor { expr: inner, .. }
            | Expr::Collate { expr: inner, .. }
            | Expr::Prefixed { value: inner, .. } => open.push(inner),
            Expr::BinaryOp { left, right, .. }
            | Expr::AnyOp { left, right, .. }
            | Expr::AllOp { left, right, .. }
            | Expr::IsDistinctFrom(left, right)
            | Expr::IsNotDistinctFrom(left, right)
            | Expr::AtTimeZone {
                timestamp: left,
                time_zone: right,
            }
            | Expr::Like {
                expr: left,
                pattern: right,
                ..
            }
            | Expr::ILike {
                expr: left,
                pattern: right,
                ..
            } => open.extend([&**left, &**right]),
            Expr::Between {
                expr, low, high, ..
            } => open.extend([&**expr, &**low, &**high]),
            Expr::InList { expr, list, .. } => {
                open.push(expr);
                open.extend(list);
            }
            Expr::Substring {
                expr,
                substring_from,
                substring_for,
                ..
            } => {
                open.push(expr);
                open.extend(substring_from.as_deref());
                open.extend(substring_for.as_deref());
            }
            Expr::Trim {
                expr, trim_what, ..
            } => {
                open.push(expr);
                open.extend(trim_what.as_deref());
            }
            Expr::Tuple(parts) => open.extend(parts),
            Expr::Array(array) => open.extend(&array.elem),
            Expr::Function(function) => open.extend(arguments(&function.args)?),
            _ => return None,
        }
    }
    Some(columns)
}

/// The plain arguments of a function; `None` when it has others.
fn arguments(of: &FunctionArguments) -> Option<Vec<&Expr>> {
    match of {
        FunctionArguments::None => Some(Vec::new()),
        FunctionArguments::Subquery(_) => None,
        FunctionArguments::List(list) => list
            .args
            .iter()
            .map(|argument| match argument {
                FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Some(expr),
                _ => None,
            })
            .collect(),
    }
}

/// Whether the text that a pattern is made of begins with a wildcard, as far as it stands in the statement. A pattern of
/// nothing but wildcards looks for nothing.
fn begins_with_a_wildcard(pattern: &Expr) -> bool {
    match bare(pattern) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text)
            | Value::EscapedStringLiteral(text)
            | Value::DoubleQuotedString(text) => {
                text.starts_with(['%', '_']) && text.chars().any(|c| !matches!(c, '%' | '_'))
            }
            _ => false,
        },
        Expr::BinaryOp {
            left,
            op: BinaryOperator::StringConcat,
            right,
        } => begins_a_joined_text(leftmost(left)) && mentions(right).is_some(),
        Expr::Function(function) if name_is(&function.name, "concat") => arguments(&function.args)
            .is_some_and(|parts| {
                parts.len() > 1
                    && parts
                        .first()
                        .is_some_and(|first| begins_a_joined_text(first))
            }),
        Expr::Cast { expr, .. } => begins_with_a_wildcard(expr),
        _ => false,
    }
}

/// The first of texts that are joined by `||`.
fn leftmost(mut expr: &Expr) -> &Expr {
    loop {
        match bare(expr) {
            Expr::BinaryOp {
                left,
                op: BinaryOperator::StringConcat,
                ..
            } => expr = left,
            first => return first,
        }
    }
}

fn begins_a_joined_text(first: &Expr) -> bool {
    match bare(first) {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => {
                text.starts_with(['%', '_'])
            }
            _ => false,
        },
        _ => false,
    }
}

/// Whether a function is called so.
pub(super) fn name_is(name: &ObjectName, word: &str) -> bool {
    let last = name.0.last().and_then(|part| part.as_ident());
    last.is_some_and(|ident| ident.value.eq_ignore_ascii_case(word))
}
