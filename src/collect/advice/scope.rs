//! The parts of a statement that rules look at: each SELECT (or UPDATE or DELETE) with the tables that it reads and the
//! conditions that hold for them.

use std::collections::HashSet;

use sqlparser::ast::{
    Delete, Expr, FromTable, Ident, Join, JoinConstraint, JoinOperator, ObjectName, Query, Select,
    SetExpr, Statement, TableFactor, TableWithJoins, Update, UpdateTableFromKind,
};

use super::facts::{Dialect, Known, TableFact};
use super::predicate::{Named, Test, bare, conjuncts};

/// What a statement is at its top.
#[derive(Debug, Clone, Copy)]
pub(super) enum Top<'a> {
    /// One SELECT, whose rows go to whoever asked.
    Select(&'a Query, &'a Select),
    /// An UPDATE.
    Update(&'a Update),
    /// A DELETE.
    Delete(&'a Delete),
    /// A UNION and the like.
    Other,
}

/// A statement taken apart.
#[derive(Debug)]
pub(super) struct Parts<'a> {
    /// What it is at its top.
    pub top: Top<'a>,
    /// The SELECTs in it, that of the top first.
    pub scopes: Vec<Scope<'a>>,
    /// Each query in it.
    pub queries: Vec<&'a Query>,
}

/// One SELECT with what it reads.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    /// Which SELECT it is.
    pub select: Option<&'a Select>,
    /// What stands in its FROM.
    pub members: Vec<Member<'a>>,
    /// The conditions that all must hold for a row.
    pub conditions: Vec<&'a Expr>,
}

/// One member of a FROM.
#[derive(Debug)]
pub(super) struct Member<'a> {
    /// What its columns are called by.
    pub alias: Option<&'a Ident>,
    /// What is known of it, when it is a table that is known.
    pub fact: Option<&'a TableFact>,
    /// Its name, when it is a table or view and nothing else.
    pub table: Option<&'a ObjectName>,
    /// How it is tied to those before it.
    pub tie: Tie,
}

/// How a member of a FROM is tied to those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tie {
    /// By nothing but a comma, or a JOIN without a condition.
    Nothing,
    /// By a condition of an inner join.
    Inner,
    /// By an outer join, whose condition does not choose rows.
    Left,
    /// Otherwise: a CROSS JOIN that says so, USING, NATURAL.
    Otherwise,
}

/// Takes a statement apart; `None` when it is none that rules look at.
pub(super) fn parts<'a>(statement: &'a Statement, known: &Known<'a>) -> Option<Parts<'a>> {
    let mut finder = Finder {
        known: *known,
        own_names: HashSet::new(),
        queries: Vec::new(),
        scopes: Vec::new(),
        open: Vec::new(),
    };
    let top = match statement {
        Statement::Query(query) => {
            finder.open.push(query);
            match &*query.body {
                SetExpr::Select(select) => Top::Select(query, select),
                _ => Top::Other,
            }
        }
        Statement::Update(update) => {
            let from: &[TableWithJoins] = match &update.from {
                Some(
                    UpdateTableFromKind::BeforeSet(from) | UpdateTableFromKind::AfterSet(from),
                ) => from,
                None => &[],
            };
            finder.change(&update.table, from, update.selection.as_ref());
            Top::Update(update)
        }
        Statement::Delete(delete) => {
            let (FromTable::WithFromKeyword(from) | FromTable::WithoutKeyword(from)) = &delete.from;
            let [from] = &from[..] else { return None };
            let using = delete.using.as_deref().unwrap_or_default();
            finder.change(from, using, delete.selection.as_ref());
            Top::Delete(delete)
        }
        _ => return None,
    };
    finder.run();
    Some(Parts {
        top,
        scopes: finder.scopes,
        queries: finder.queries,
    })
}

/// Walks through the queries of a statement.
struct Finder<'a> {
    known: Known<'a>,
    own_names: HashSet<&'a str>,
    queries: Vec<&'a Query>,
    scopes: Vec<Scope<'a>>,
    open: Vec<&'a Query>,
}

impl<'a> Finder<'a> {
    fn run(&mut self) {
        let mut next = 0;
        while let Some(query) = self.open.get(next).copied() {
            next += 1;
            self.queries.push(query);
            self.open_ctes(query);
            let mut bodies = vec![&*query.body];
            while let Some(body) = bodies.pop() {
                match body {
                    SetExpr::Select(select) => self.select(select),
                    SetExpr::Query(inner) => self.open.push(inner),
                    SetExpr::SetOperation { left, right, .. } => {
                        bodies.extend([&**right, &**left]);
                    }
                    _ => {}
                }
            }
        }
    }

    fn open_ctes(&mut self, query: &'a Query) {
        let with = query.with.iter();
        for cte in with.flat_map(|with| &with.cte_tables) {
            self.own_names.insert(&cte.alias.name.value);
            self.open.push(&cte.query);
        }
    }

    fn select(&mut self, select: &'a Select) {
        let mut scope = Scope {
            select: Some(select),
            ..Scope::default()
        };
        for from in &select.from {
            self.from(&mut scope, from);
        }
        if let Some(selection) = &select.selection {
            self.conditions(&mut scope, selection);
        }
        self.scopes.push(scope);
    }

    fn change(
        &mut self,
        changed: &'a TableWithJoins,
        others: &'a [TableWithJoins],
        selection: Option<&'a Expr>,
    ) {
        let mut scope = Scope::default();
        self.from(&mut scope, changed);
        for other in others {
            self.from(&mut scope, other);
        }
        if let Some(selection) = selection {
            self.conditions(&mut scope, selection);
        }
        self.scopes.push(scope);
    }

    fn from(&mut self, scope: &mut Scope<'a>, from: &'a TableWithJoins) {
        let member = self.member(&from.relation, Tie::Nothing);
        scope.members.push(member);
        for join in &from.joins {
            let tie = self.tie(scope, join);
            let member = self.member(&join.relation, tie);
            scope.members.push(member);
        }
    }

    fn tie(&mut self, scope: &mut Scope<'a>, join: &'a Join) -> Tie {
        match &join.join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::StraightJoin(constraint) => match constraint {
                JoinConstraint::On(condition) => {
                    self.conditions(scope, condition);
                    Tie::Inner
                }
                JoinConstraint::None => Tie::Nothing,
                JoinConstraint::Using(_) | JoinConstraint::Natural => Tie::Otherwise,
            },
            JoinOperator::Left(_) | JoinOperator::LeftOuter(_) => Tie::Left,
            _ => Tie::Otherwise,
        }
    }

    fn member(&mut self, factor: &'a TableFactor, tie: Tie) -> Member<'a> {
        match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                sample: None,
                ..
            } => {
                let last = name.0.last().and_then(|part| part.as_ident());
                let is_own = name.0.len() == 1
                    && last.is_some_and(|ident| self.own_names.contains(ident.value.as_str()));
                let is_own = is_own || is_of_the_server(name);
                Member {
                    alias: alias.as_ref().map(|alias| &alias.name).or(last),
                    fact: self.known.table(name).filter(|_| !is_own),
                    table: Some(name).filter(|_| !is_own),
                    tie,
                }
            }
            TableFactor::Derived {
                subquery, alias, ..
            } => {
                self.open.push(subquery);
                Member {
                    alias: alias.as_ref().map(|alias| &alias.name),
                    fact: None,
                    table: None,
                    tie,
                }
            }
            _ => Member {
                alias: None,
                fact: None,
                table: None,
                tie,
            },
        }
    }

    fn conditions(&mut self, scope: &mut Scope<'a>, whole: &'a Expr) {
        for condition in conjuncts(whole) {
            self.open_subqueries(condition);
            scope.conditions.push(condition);
        }
    }

    /// The subqueries that stand in a condition at the places where people put them.
    fn open_subqueries(&mut self, condition: &'a Expr) {
        let mut open = vec![condition];
        while let Some(expr) = open.pop() {
            match bare(expr) {
                Expr::InSubquery { subquery, .. }
                | Expr::Exists { subquery, .. }
                | Expr::Subquery(subquery) => self.open.push(subquery),
                Expr::UnaryOp { expr, .. } => open.push(expr),
                Expr::BinaryOp { left, right, .. } => open.extend([&**right, &**left]),
                _ => {}
            }
        }
    }
}

/// Whether a name is of the server's own catalogues, which nobody indexes.
fn is_of_the_server(name: &ObjectName) -> bool {
    let schemas = [
        "pg_catalog",
        "information_schema",
        "performance_schema",
        "mysql",
        "sys",
    ];
    let mut parts = name.0.iter().rev().filter_map(|part| part.as_ident());
    let table = parts.next().map(|ident| ident.value.to_ascii_lowercase());
    let schema = parts.next().map(|ident| ident.value.to_ascii_lowercase());
    schema.is_some_and(|schema| schemas.contains(&&*schema))
        || table.is_some_and(|table| table.starts_with("pg_"))
}

impl<'a> Known<'a> {
    /// The table that a statement means by a name; none when it is unknown or could be several.
    fn table(&self, name: &ObjectName) -> Option<&'a TableFact> {
        let parts: Option<Vec<&Ident>> = name.0.iter().map(|part| part.as_ident()).collect();
        let parts = parts?;
        let (schema, name) = match &parts[..] {
            [name] => (None, self.dialect.folded(name)),
            [.., schema, name] => (Some(self.dialect.folded(schema)), self.dialect.folded(name)),
            [] => return None,
        };
        let called_so: Vec<&TableFact> = self
            .tables
            .iter()
            .filter(|table| self.dialect.same(&table.name, &name))
            .collect();
        let within = |schema: &str| {
            let mut inside = called_so.iter().copied();
            inside.find(|table| self.dialect.same(&table.schema, schema))
        };
        if let Some(schema) = schema {
            return within(&schema);
        }
        match &called_so[..] {
            [only] => Some(only),
            _ => match (self.schema, self.dialect) {
                (Some(home), _) => within(home),
                (None, Dialect::Postgres) => within("public"),
                (None, Dialect::Mysql) => None,
            },
        }
    }
}

impl Dialect {
    /// A name as the server keeps it: PostgreSQL folds what is not quoted to lower case.
    pub(super) fn folded(self, name: &Ident) -> String {
        match (self, name.quote_style) {
            (Self::Postgres, None) => name.value.to_lowercase(),
            _ => name.value.clone(),
        }
    }
}

impl<'a> Scope<'a> {
    /// Whether it is that of this SELECT.
    pub fn is_of(&self, select: &Select) -> bool {
        self.select.is_some_and(|own| std::ptr::eq(own, select))
    }

    /// The member that a column is of; none when that can't be told.
    pub fn owner(&self, column: &Named<'_>, dialect: Dialect) -> Option<usize> {
        let Some(of) = column.of else {
            return (self.members.len() == 1 && self.members[0].table.is_some()).then_some(0);
        };
        let of = dialect.folded(of);
        self.members.iter().position(|member| {
            let alias = member.alias.map(|alias| dialect.folded(alias));
            alias.is_some_and(|alias| dialect.same(&alias, &of))
        })
    }

    /// The table that a column is of, when it is known, with the column's name.
    pub fn known_owner(
        &self,
        column: &Named<'_>,
        dialect: Dialect,
    ) -> Option<(&'a TableFact, String)> {
        let fact = self.members[self.owner(column, dialect)?].fact?;
        Some((fact, dialect.folded(column.name)))
    }

    /// The columns of a member that are each compared to single values.
    fn pinned(&self, member: usize, dialect: Dialect) -> Vec<String> {
        let tests = self.conditions.iter().map(|condition| Test::of(condition));
        tests
            .filter_map(|test| match test {
                Test::Equal(column) | Test::Found(column) => Some(column),
                _ => None,
            })
            .filter(|column| self.owner(column, dialect) == Some(member))
            .map(|column| dialect.folded(column.name))
            .collect()
    }

    /// Whether an index finds the few rows of some member by a value: the other conditions then only choose among them.
    pub fn is_narrowed(&self, dialect: Dialect) -> bool {
        (0..self.members.len()).any(|member| {
            self.members[member].fact.is_some_and(|fact| {
                let pinned = self.pinned(member, dialect);
                pinned
                    .iter()
                    .any(|column| fact.leads_an_index(column, dialect))
            })
        })
    }

    /// Whether a key that is there once finds at most one row (or one for each of a list of values) of a member.
    pub fn is_found_by_key(&self, member: usize, dialect: Dialect) -> bool {
        let Some(fact) = self.members.get(member).and_then(|member| member.fact) else {
            return false;
        };
        let pinned = self.pinned(member, dialect);
        fact.lookup_indexes()
            .filter(|index| index.unique && index.expressions().next().is_none())
            .any(|index| {
                index
                    .columns()
                    .all(|key| pinned.iter().any(|column| dialect.same(column, key)))
            })
    }
}
