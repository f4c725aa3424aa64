//! What the advice may rest on besides the text: the tables of the server as their collector found them, and what the
//! server measured of the statement.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

/// Whose SQL it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// PostgreSQL: `$1`, names in double quotes, unquoted ones in lower case.
    #[default]
    Postgres,
    /// MySQL and MariaDB: `?`, names in backticks, `...` for the rest of a list.
    Mysql,
}

/// All that is known when a statement is looked at. What is unknown is left out: the rules that would need it are then
/// silent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Known<'a> {
    /// Whose SQL it is.
    pub dialect: Dialect,
    /// The schema (MySQL: the database) that names without one are looked up in first; PostgreSQL: `public` if left out.
    pub schema: Option<&'a str>,
    /// The tables of the database.
    pub tables: &'a [TableFact],
    /// How many rows a call returned or changed, on average.
    pub rows_per_call: Option<f64>,
    /// How many rows a call read to do so, on average; MySQL counts them.
    pub rows_read_per_call: Option<f64>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableFact {
    /// Its schema; its database on MySQL.
    pub schema: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Live rows, as the server estimates them. `None` too where the server has never counted (PostgreSQL: −1).
    pub rows: Option<u64>,
    /// Size without its indexes, bytes.
    pub bytes: Option<u64>,
    /// Its indexes, valid ones only; `None` when they could not be read.
    pub indexes: Option<Vec<IndexFact>>,
    /// When the planner's statistics were last renewed.
    pub analyzed: Analyzed,
    /// Rows changed since then.
    pub changed_since_analyze: Option<u64>,
}

/// When the planner's statistics of a table were last renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Analyzed {
    /// The server does not tell.
    #[default]
    Unknown,
    /// Never since its statistics are kept.
    Never,
    /// So long ago.
    Ago(Duration),
}

/// An index.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct IndexFact {
    /// Its name.
    pub name: Arc<str>,
    /// `btree`, `hash`, `gin`, `fulltext`… in lower case.
    pub method: Arc<str>,
    /// What it is over, in its order.
    pub keys: Vec<IndexKey>,
    /// Whether each value is in it once.
    pub unique: bool,
    /// Whether it holds only some of the rows (`CREATE INDEX … WHERE …`).
    pub partial: bool,
}

/// One key of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IndexKey {
    /// A column, by its name without quotes.
    Column(Arc<str>),
    /// An expression as the server writes it: `lower((email)::text)`.
    Expression(Arc<str>),
}

impl IndexFact {
    /// Whether lookups of single values and ranges over all rows are served by it.
    pub(super) fn serves_lookups(&self) -> bool {
        !self.partial && matches!(&*self.method, "" | "btree" | "hash")
    }

    /// The column that it is ordered by first, if that is a plain column.
    pub(super) fn leading_column(&self) -> Option<&str> {
        match self.keys.first() {
            Some(IndexKey::Column(name)) => Some(name),
            _ => None,
        }
    }

    pub(super) fn columns(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| match key {
            IndexKey::Column(name) => Some(&**name),
            IndexKey::Expression(_) => None,
        })
    }

    pub(super) fn expressions(&self) -> impl Iterator<Item = &str> {
        self.keys.iter().filter_map(|key| match key {
            IndexKey::Expression(text) => Some(&**text),
            IndexKey::Column(_) => None,
        })
    }
}

impl TableFact {
    /// From so many rows on, reading a table as a whole is worth a word: the number from which a missing index is
    /// commonly looked for.
    pub const LARGE: u64 = 10_000;

    pub(super) fn is_large(&self) -> bool {
        self.rows.is_some_and(|rows| rows >= Self::LARGE)
    }

    pub(super) fn is_small(&self) -> bool {
        self.rows.is_some_and(|rows| rows < Self::LARGE)
    }

    /// The indexes that serve lookups.
    pub(super) fn lookup_indexes(&self) -> impl Iterator<Item = &IndexFact> {
        let indexes = self.indexes.as_deref().unwrap_or_default();
        indexes.iter().filter(|index| index.serves_lookups())
    }

    /// Whether a lookup by this column alone is served.
    pub(super) fn leads_an_index(&self, column: &str, dialect: Dialect) -> bool {
        self.lookup_indexes()
            .filter_map(IndexFact::leading_column)
            .any(|leading| dialect.same(leading, column))
    }

    /// An index made to search inside of texts (trigrams, words) that holds the column.
    pub(super) fn has_text_index(&self, column: &str, dialect: Dialect) -> bool {
        let indexes = self.indexes.as_deref().unwrap_or_default();
        indexes
            .iter()
            .filter(|index| !index.serves_lookups() && !index.partial)
            .any(|index| {
                let by_column = index.columns().any(|key| dialect.same(key, column));
                by_column || index.expressions().any(|text| text.contains(column))
            })
    }

    /// Its name as it is typed in a statement.
    pub(super) fn typed(&self, dialect: Dialect) -> String {
        let is_home = dialect == Dialect::Postgres && &*self.schema == "public";
        if is_home || self.schema.is_empty() {
            return dialect.quoted(&self.name).into_owned();
        }
        format!(
            "{}.{}",
            dialect.quoted(&self.schema),
            dialect.quoted(&self.name)
        )
    }
}

/// Words that are common as names and mean something else without quotes, on either server.
#[rustfmt::skip]
const RESERVED: [&str; 60] = [
    "all", "analyze", "and", "any", "as", "asc", "between", "both", "by", "case", "check", "column", "condition",
    "constraint", "create", "cross", "default", "delete", "desc", "distinct", "else", "end", "except", "exists", "for",
    "foreign", "from", "grant", "group", "groups", "having", "in", "index", "interval", "into", "is", "join", "key",
    "keys", "lead", "leading", "left", "like", "limit", "not", "null", "offset", "on", "or", "order", "primary",
    "range", "rank", "references", "select", "system", "table", "to", "user", "when",
];

impl Dialect {
    /// Whether two names, as the parser gives them, mean the same thing.
    pub(super) fn same(self, one: &str, other: &str) -> bool {
        match self {
            Self::Postgres => one == other,
            Self::Mysql => one.eq_ignore_ascii_case(other),
        }
    }

    /// A name as it must be typed.
    pub(super) fn quoted(self, name: &str) -> Cow<'_, str> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let begins_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        if begins_well && name.chars().all(plain) && !RESERVED.contains(&name) {
            return Cow::Borrowed(name);
        }
        Cow::Owned(match self {
            Self::Postgres => format!("\"{}\"", name.replace('"', "\"\"")),
            Self::Mysql => format!("`{}`", name.replace('`', "``")),
        })
    }
}
