//! A query as a tree: what is said, without parentheses and without second spellings.

/// A whole query.
#[derive(Debug, Clone)]
pub(super) struct Query {
    /// `WITH RECURSIVE`.
    pub(super) recursive: bool,
    /// The queries that it names first.
    pub(super) with: Vec<Named>,
    /// What gives the rows.
    pub(super) body: Body,
    /// `ORDER BY`.
    pub(super) order: Vec<Ordered>,
    /// `LIMIT`.
    pub(super) limit: Option<Expr>,
    /// `OFFSET`.
    pub(super) offset: Option<Expr>,
}

/// A query of a WITH.
#[derive(Debug, Clone)]
pub(super) struct Named {
    /// Its name.
    pub(super) name: String,
    /// Names of its columns, when given.
    pub(super) columns: Vec<String>,
    /// `MATERIALIZED`, `NOT MATERIALIZED`, or nothing.
    pub(super) kept: Option<bool>,
    /// The query.
    pub(super) query: Query,
}

/// What gives rows.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// `SELECT`.
    Select(Box<Select>),
    /// `UNION`, `INTERSECT`, `EXCEPT`, with ALL or without.
    Set(String, Box<Query>, Box<Query>),
    /// `VALUES`.
    Values(Vec<Vec<Expr>>),
}

/// One SELECT.
#[derive(Debug, Clone, Default)]
pub(super) struct Select {
    /// `DISTINCT`, and the expressions of `ON`.
    pub(super) distinct: Option<Vec<Expr>>,
    /// What is selected, each with its alias.
    pub(super) items: Vec<(Expr, Option<String>)>,
    /// `FROM`.
    pub(super) from: Vec<From>,
    /// `WHERE`.
    pub(super) filter: Option<Expr>,
    /// `GROUP BY`.
    pub(super) group: Vec<Expr>,
    /// `HAVING`.
    pub(super) having: Option<Expr>,
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub(super) enum From {
    /// A table, a view, or a query of a WITH.
    Relation {
        /// `ONLY`.
        only: bool,
        /// The schema, when written.
        schema: Option<String>,
        /// The name.
        name: String,
        /// What it is called here.
        alias: Alias,
    },
    /// A query.
    Query {
        /// `LATERAL`.
        lateral: bool,
        /// The query.
        query: Box<Query>,
        /// What it is called here.
        alias: Alias,
    },
    /// A function. It sees what stands beside it, whether LATERAL is said or not.
    Function {
        /// The call.
        call: Expr,
        /// `WITH ORDINALITY`.
        ordinality: bool,
        /// What it is called here.
        alias: Alias,
    },
    /// A join.
    Join {
        /// `JOIN`, `LEFT JOIN`, `CROSS JOIN` …, with NATURAL before it.
        kind: String,
        /// Left side.
        left: Box<From>,
        /// Right side.
        right: Box<From>,
        /// `ON`.
        on: Option<Expr>,
        /// `USING`.
        using: Vec<String>,
    },
}

/// A name for rows, and for their columns.
#[derive(Debug, Clone, Default)]
pub(super) struct Alias {
    /// The name, when given.
    pub(super) name: Option<String>,
    /// Names of the first columns, when given.
    pub(super) columns: Vec<String>,
}

/// A sort key.
#[derive(Debug, Clone)]
pub(super) struct Ordered {
    /// The key.
    pub(super) expr: Expr,
    /// `DESC`, `NULLS FIRST` … where it is not what holds anyway.
    pub(super) how: String,
}

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    /// A string.
    Text(String),
    /// A number.
    Number(String),
    /// A column, with what stands before it.
    Column(Vec<String>),
    /// `*`, of one of the FROM when named.
    Star(Vec<String>),
    /// NULL, TRUE, CURRENT_DATE and their like.
    Word(String),
    /// An operator.
    Operator(String, Vec<Expr>),
    /// A function, or something that is written like one.
    Call(Box<Call>),
    /// A cast.
    Cast(Box<Expr>, String),
    /// A query as a value: `EXISTS`, `ARRAY`, `IN`, or nothing.
    Query(String, Box<QueryBox>),
}

/// A query within an expression. Two are never equal: they are compared once they are written.
#[derive(Debug, Clone)]
pub(super) struct QueryBox(pub(super) Query);

impl PartialEq for QueryBox {
    fn eq(&self, _: &Self) -> bool {
        false
    }
}

/// A call.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    /// The function's name, the schema of the server left out.
    pub(super) name: String,
    /// `DISTINCT`.
    pub(super) distinct: bool,
    /// The arguments.
    pub(super) arguments: Vec<Expr>,
    /// `ORDER BY` within.
    pub(super) order: Vec<(Expr, String)>,
    /// `FILTER`.
    pub(super) filter: Option<Expr>,
    /// `OVER`: partition, order, frame; or the name of a window.
    pub(super) over: Option<Over>,
}

/// What a window function looks at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Over {
    /// `PARTITION BY`.
    pub(super) partition: Vec<Expr>,
    /// `ORDER BY`.
    pub(super) order: Vec<(Expr, String)>,
    /// The frame as it is written.
    pub(super) frame: String,
}
