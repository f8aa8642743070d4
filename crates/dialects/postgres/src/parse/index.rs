//! CREATE INDEX.

use realign_model::{Expr, Ident, IndexKind, IndexPart, IndexTarget, Rare, SortOrder};

use super::{Cursor, Path, Reading};
use crate::lexer::TokenKind;

/// An index as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexText {
    /// Its name, when given.
    pub(crate) name: Option<Ident>,
    /// `IF NOT EXISTS`.
    pub(crate) if_not_exists: bool,
    /// The table or the stored view.
    pub(crate) table: Path,
    /// `UNIQUE`.
    pub(crate) unique: bool,
    /// Its kind.
    pub(crate) kind: IndexKind,
    /// Its parts.
    pub(crate) parts: Vec<IndexPart>,
    /// `INCLUDE`.
    pub(crate) include: Vec<Ident>,
    /// `NULLS NOT DISTINCT`.
    pub(crate) nulls_not_distinct: bool,
    /// `WITH`.
    pub(crate) storage: Vec<String>,
    /// `WHERE`.
    pub(crate) predicate: Option<Expr>,
}

/// Operator classes that are the default of some type under this name: whether they are
/// written or not makes no difference.
const DEFAULT_CLASSES: &[&str] = &[
    "array_ops",
    "bit_ops",
    "bool_ops",
    "box_ops",
    "bpchar_ops",
    "bytea_ops",
    "char_ops",
    "circle_ops",
    "date_ops",
    "enum_ops",
    "float4_ops",
    "float8_ops",
    "int2_ops",
    "int4_ops",
    "int8_ops",
    "interval_ops",
    "jsonb_ops",
    "macaddr8_ops",
    "macaddr_ops",
    "money_ops",
    "multirange_ops",
    "name_ops",
    "numeric_ops",
    "oid_ops",
    "oidvector_ops",
    "pg_lsn_ops",
    "point_ops",
    "poly_ops",
    "range_ops",
    "record_ops",
    "text_ops",
    "tid_ops",
    "time_ops",
    "timestamp_ops",
    "timestamptz_ops",
    "timetz_ops",
    "tsquery_ops",
    "tsvector_ops",
    "uuid_ops",
    "varbit_ops",
];

/// True when a type has this operator class without anybody asking for it.
pub(crate) fn default_class(class: &str, kind: &IndexKind) -> bool {
    let gist = matches!(kind, IndexKind::Method(method) if method == "gist" || method == "spgist");
    DEFAULT_CLASSES.contains(&class)
        || (class == "inet_ops" && !gist)
        || (class.ends_with("_minmax_ops") && matches!(kind, IndexKind::Method(m) if m == "brin"))
}

impl Cursor<'_> {
    /// What follows `CREATE [UNIQUE] INDEX`.
    pub(crate) fn index(&mut self, unique: bool) -> Reading<IndexText> {
        self.take("concurrently");
        let if_not_exists = self.if_not_exists();
        let name = if self.sees("on") {
            None
        } else {
            // The schema of an index is that of its table, whatever is written.
            Some(crate::render::live_ident(&self.path()?.name))
        };
        self.expect("on")?;
        self.take("only");
        let table = self.path()?;
        let kind = if self.take("using") {
            match self.text_name()?.as_str() {
                "btree" => IndexKind::Plain,
                method => IndexKind::Method(method.to_owned()),
            }
        } else {
            IndexKind::Plain
        };
        self.expect_symbol("(")?;
        let parts = self.parts(&kind)?;
        self.expect_symbol(")")?;
        let include = if self.take("include") {
            self.names()?
        } else {
            Vec::new()
        };
        let nulls_not_distinct = self.nulls_not_distinct();
        let storage = if self.take("with") {
            self.options()?
        } else {
            Vec::new()
        };
        if self.take("tablespace") {
            self.text_name()?;
        }
        let predicate = if self.take("where") {
            Some(Expr::new(self.rest()))
        } else {
            None
        };
        self.expect_end()?;
        Ok(IndexText {
            name,
            if_not_exists,
            table,
            unique,
            kind,
            parts,
            include,
            nulls_not_distinct,
            storage,
            predicate,
        })
    }

    /// Parts of a key with commas between, of which nothing else is known.
    pub(crate) fn index_parts(&mut self) -> Reading<Vec<IndexPart>> {
        self.parts(&IndexKind::Plain)
    }

    fn parts(&mut self, kind: &IndexKind) -> Reading<Vec<IndexPart>> {
        let mut parts = vec![self.index_part(kind)?];
        while self.take_symbol(",") {
            parts.push(self.index_part(kind)?);
        }
        Ok(parts)
    }

    fn index_part(&mut self, kind: &IndexKind) -> Reading<IndexPart> {
        let target = self.index_target()?;
        let mut part = IndexPart {
            target,
            order: SortOrder::Asc,
            rare: Rare::new(),
        };
        if self.take("collate") {
            part.collation = Some(self.collation()?);
        }
        if !self.sees_any(&["asc", "desc", "nulls"])
            && self
                .peek()
                .is_some_and(|t| matches!(t.kind, TokenKind::Word | TokenKind::Quoted))
        {
            let path = self.path()?;
            let class = path.name.clone();
            let mark = self.mark();
            let with = if self.sees_symbol("(") {
                self.skip_group()?;
                format!(" {}", self.since(mark))
            } else {
                String::new()
            };
            if !with.is_empty() || !default_class(&class, kind) {
                let own = Path {
                    schema: path.schema.filter(|schema| schema != "pg_catalog"),
                    ..path
                };
                part.operator_class = Some(format!("{}{with}", own.render()));
            }
        }
        if self.take("desc") {
            part.order = SortOrder::Desc;
        } else {
            self.take("asc");
        }
        let first = part.order == SortOrder::Desc;
        if self.take_all(&["nulls", "first"]) {
            let nulls_first = (!first).then_some(true);
            part.rare.put(nulls_first, |rare| &mut rare.nulls_first);
        } else if self.take_all(&["nulls", "last"]) {
            let nulls_first = first.then_some(false);
            part.rare.put(nulls_first, |rare| &mut rare.nulls_first);
        }
        Ok(part)
    }

    fn index_target(&mut self) -> Reading<IndexTarget> {
        if self.sees_symbol("(") {
            return Ok(IndexTarget::Expr(Expr::new(self.group()?)));
        }
        let mark = self.mark();
        let path = self.path()?;
        if self.sees_symbol("(") {
            self.skip_group()?;
            return Ok(IndexTarget::Expr(Expr::new(self.since(mark))));
        }
        if path.schema.is_some() {
            return Err(self.expected("a column"));
        }
        Ok(IndexTarget::Column(crate::render::live_ident(&path.name)))
    }
}
