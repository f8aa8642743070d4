//! A dialect that is just good enough to walk: everything is compared by equality,
//! names fold their case, index and key names are unique in the whole schema.

#![allow(dead_code, reason = "each test program uses a part of it")]

use std::collections::BTreeMap;

use realign_model::{
    Check, Column, DataType, Database, Expr, ForeignKey, Ident, Index, IntWidth, ObjectName,
    Opaque, PrimaryKey, Sequence, Table, Trigger, View,
};
use realign_planner::script::Scripts;
use realign_planner::{
    Aspect, AspectDifference, Assembled, Bookkeeping, CatalogQuery, Change, Compare, Diagnostic,
    Dialect, Diff, DoctrinePlatform, Envelope, Facts, Lowering, NameKind, NameLimit, Namespacing,
    NotCompared, Object, Phase, Plan, Policy, Rows, Side, Statement, Step, Verdict, Versions, diff,
    is_key, plan, referred,
};

/// The dialect of these tests.
#[derive(Debug)]
pub(crate) struct Plain;

fn side(text: impl std::fmt::Debug) -> Side {
    Side::plain(format!("{text:?}"))
}

fn differ(
    aspect: Aspect,
    is: impl std::fmt::Debug,
    wish: impl std::fmt::Debug,
) -> AspectDifference {
    AspectDifference {
        aspect,
        declared: side(wish),
        database: side(is),
    }
}

impl Compare for Plain {
    fn fold(&self, _kind: NameKind, name: &str, _facts: &Facts) -> String {
        name.to_ascii_lowercase()
    }

    fn index_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::SchemaWithTables
    }

    fn foreign_key_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Schema
    }

    fn column(
        &self,
        is: (&Column, &Table),
        wish: (&Column, &Table),
        _facts: &Facts,
        _unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        let (is, wish) = (is.0, wish.0);
        let mut found = Vec::new();
        if is.data_type != wish.data_type {
            found.push(differ(Aspect::Type, &is.data_type, &wish.data_type));
        }
        if is.nullable != wish.nullable {
            found.push(differ(Aspect::Nullability, is.nullable, wish.nullable));
        }
        if is.default != wish.default {
            found.push(differ(Aspect::Default, &is.default, &wish.default));
        }
        found
    }

    fn table(
        &self,
        _is: &Table,
        _wish: &Table,
        _facts: &Facts,
        _notes: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        Vec::new()
    }

    fn index(
        &self,
        is: &Index,
        wish: &Index,
        _tables: (&Table, &Table),
        _facts: &Facts,
        _unknown: &mut Vec<AspectDifference>,
    ) -> Vec<AspectDifference> {
        if is.parts == wish.parts && is.unique == wish.unique && is.predicate == wish.predicate {
            Vec::new()
        } else {
            vec![differ(Aspect::Columns, &is.parts, &wish.parts)]
        }
    }

    fn foreign_key(
        &self,
        is: &ForeignKey,
        wish: &ForeignKey,
        _facts: &Facts,
    ) -> Vec<AspectDifference> {
        if is.on_delete == wish.on_delete {
            Vec::new()
        } else {
            vec![differ(Aspect::Actions, is.on_delete, wish.on_delete)]
        }
    }

    fn keeps_foreign_keys(&self, _table: &Table, _facts: &Facts) -> bool {
        true
    }

    fn check(&self, is: &Check, wish: &Check, facts: &Facts) -> Verdict {
        self.expr(&is.expr, &wish.expr, facts)
    }

    fn view(
        &self,
        (is, _): (&View, &Database),
        (wish, _): (&View, &Database),
        facts: &Facts,
    ) -> Verdict {
        self.expr(&is.query, &wish.query, facts)
    }

    fn object(&self, is: &Object, wish: &Object, facts: &Facts) -> Verdict {
        match (is, wish) {
            (Object::Opaque(is), Object::Opaque(wish)) => {
                self.expr(&Expr::new(&is.text), &Expr::new(&wish.text), facts)
            }
            (_, _) => Verdict::from_equal(is == wish),
        }
    }

    fn lets_go(&self, opaque: &Opaque, _facts: &Facts) -> bool {
        opaque.text != "lost"
    }

    fn sequence(&self, is: &Sequence, wish: &Sequence, _facts: &Facts) -> Vec<AspectDifference> {
        realign_planner::counting(is, wish)
    }

    fn trigger_names(&self, _facts: &Facts) -> Namespacing {
        Namespacing::Schema
    }

    fn trigger(&self, is: &Trigger, wish: &Trigger, facts: &Facts) -> Verdict {
        self.expr(&is.source_text, &wish.source_text, facts)
    }

    /// A text with a question mark is one that only an engine could read.
    fn expr(&self, is: &Expr, wish: &Expr, _facts: &Facts) -> Verdict {
        if is != wish && (is.text.contains('?') || wish.text.contains('?')) {
            return Verdict::Unknown;
        }
        Verdict::from_equal(is == wish)
    }

    /// The index of a foreign key's own columns, as long as that key is there.
    fn is_implied_index(&self, index: &Index, table: &Table, _facts: &Facts) -> bool {
        table
            .foreign_keys
            .iter()
            .any(|key| key.columns.iter().eq(index.columns()))
            && !index.unique
    }

    fn is_implied_check(&self, _check: &Check, _table: &Table, _facts: &Facts) -> bool {
        false
    }
}

impl Dialect for Plain {
    fn name(&self) -> &'static str {
        "plain"
    }

    fn url_schemes(&self) -> &'static [&'static str] {
        &["plain"]
    }

    fn offline_facts(&self, _server_version: &str) -> Option<Facts> {
        None
    }

    fn facts_queries(&self) -> Vec<CatalogQuery> {
        Vec::new()
    }

    fn facts(&self, _answers: &[Rows]) -> Facts {
        Facts::default()
    }

    fn catalog(&self, _facts: &Facts) -> Vec<CatalogQuery> {
        Vec::new()
    }

    fn catalog_details(&self, _answers: &[Rows], _facts: &Facts) -> Vec<CatalogQuery> {
        Vec::new()
    }

    fn assemble(&self, _answers: Vec<Rows>, _facts: &Facts) -> Assembled {
        Assembled::default()
    }

    fn doctrine(&self) -> &dyn DoctrinePlatform {
        unreachable!("no mapping is read here")
    }

    fn compare(&self) -> &dyn Compare {
        self
    }

    /// One step a change, with the phase that its kind has.
    fn lower(&self, changes: &[Change], _lowering: &Lowering<'_>) -> Vec<Step> {
        changes
            .iter()
            .map(|change| {
                let (phase, object, sql) = match change {
                    Change::CreateTable(t) => (Phase::Create, t.name.to_string(), "create"),
                    Change::DropTable(t) => (Phase::Drop, t.name.to_string(), "drop"),
                    Change::RenameTable { to, .. } => (Phase::Rename, to.to_string(), "rename"),
                    Change::AlterTable(c) => (Phase::Alter, c.is.name.to_string(), "alter"),
                    Change::CreateView(v) | Change::ReplaceView { wish: v, .. } => {
                        (Phase::CreateDependents, v.name.to_string(), "create view")
                    }
                    Change::DropView(v) => (Phase::DropDependents, v.name.to_string(), "drop view"),
                    other => (Phase::CreateDependents, format!("{other:?}"), "other"),
                };
                Step::new(
                    phase,
                    &object,
                    vec![Statement::new(format!("{sql} {object}"))],
                )
            })
            .collect()
    }

    fn envelope(&self, _steps: &[Step], _facts: &Facts) -> Envelope {
        Envelope {
            opening: vec![Statement::new("begin")],
            closing: vec![Statement::new("commit")],
            abort: vec![Statement::new("rollback")],
            atomic: true,
        }
    }

    fn script_opening(&self, _database: &Database, _facts: &Facts) -> Vec<Statement> {
        Vec::new()
    }

    fn create(&self, _database: &Database, _facts: &Facts) -> Vec<Step> {
        Vec::new()
    }

    fn drop(&self, _database: &Database, _facts: &Facts) -> Vec<Step> {
        Vec::new()
    }

    fn describe_column(&self, column: &Column, _facts: &Facts) -> String {
        column.name.to_string()
    }

    fn describe_index(&self, index: &Index, _facts: &Facts) -> String {
        index.name_str().to_owned()
    }

    fn describe_foreign_key(&self, key: &ForeignKey, _facts: &Facts) -> String {
        key.name_str().to_owned()
    }

    fn cannot_index(&self, _index: &Index, _table: &Table, _facts: &Facts) -> Option<Diagnostic> {
        None
    }

    fn cannot_refer(
        &self,
        key: &ForeignKey,
        table: &Table,
        targets: &[&Table],
        _facts: &Facts,
    ) -> Option<Diagnostic> {
        let known = |target: &&Table| is_key(target, &referred(key, target));
        (!targets.is_empty() && !targets.iter().any(known))
            .then(|| Diagnostic::error("T093", format!("{} refers to no key", table.name)))
    }

    fn cannot_pair(
        &self,
        _key: &ForeignKey,
        _own: Versions<'_>,
        _target: Versions<'_>,
        _facts: &Facts,
    ) -> Option<Diagnostic> {
        None
    }

    fn name_limit(&self, _facts: &Facts) -> Option<NameLimit> {
        Some(NameLimit {
            most: 40,
            in_bytes: false,
            cuts: false,
        })
    }

    fn not_compared(&self) -> &'static [NotCompared] {
        &[]
    }

    fn quote(&self, name: &Ident, _facts: &Facts) -> String {
        name.to_string()
    }

    fn scripts(&self) -> &dyn Scripts {
        unreachable!("a plan is made without scripts")
    }

    fn interpret(&self) -> &dyn realign_planner::Interpret {
        unreachable!("the tests of the planner read no script")
    }

    fn bookkeeping(&self) -> &dyn Bookkeeping {
        unreachable!("a plan is made without books")
    }

    fn names_in(&self, sql: &str) -> Vec<String> {
        sql.split_whitespace().map(str::to_owned).collect()
    }

    fn is_internal_table(&self, name: &str) -> bool {
        name.starts_with("internal_")
    }
}

/// The plan between two databases.
pub(crate) fn planned(is: &Database, wish: &Database, policy: &Policy) -> Plan {
    let facts = Facts::default();
    let diff = diff(is, wish, &Plain, &facts, policy);
    plan(&diff, is, wish, &Plain, &facts, &BTreeMap::new(), policy)
}

pub(crate) fn column(name: &str) -> Column {
    Column::new(Ident::new(name), DataType::int(IntWidth::W32))
}

pub(crate) fn nullable(name: &str) -> Column {
    Column {
        nullable: true,
        ..column(name)
    }
}

pub(crate) fn table(name: &str, columns: &[&str]) -> Table {
    let mut table = Table::new(ObjectName::bare(name));
    table.columns = columns.iter().map(|c| column(c)).collect();
    table.primary_key = table
        .columns
        .first()
        .map(|c| Box::new(PrimaryKey::over([c.name.clone()])));
    table
}

pub(crate) fn index(name: &str, columns: &[&str], unique: bool) -> Index {
    Index::over(
        Some(Ident::new(name)),
        columns.iter().map(|c| Ident::new(*c)),
        unique,
    )
}

pub(crate) fn key(name: &str, column: &str, target: &str) -> ForeignKey {
    ForeignKey {
        name: Some(Ident::new(name)),
        columns: vec![Ident::new(column)],
        ref_table: ObjectName::bare(target),
        ref_columns: vec![Ident::new("id")],
        on_delete: None,
        on_update: None,
        deferrable: false,
        initially_deferred: false,
        match_kind: realign_model::MatchKind::Simple,
        set_columns: Vec::new(),
        origin: realign_model::Origin::None,
    }
}

pub(crate) fn database(tables: Vec<Table>) -> Database {
    Database {
        tables,
        ..Database::default()
    }
}

pub(crate) fn compare(is: &Database, wish: &Database, policy: &Policy) -> Diff {
    diff(is, wish, &Plain, &Facts::default(), policy)
}

pub(crate) fn complete() -> Policy {
    Policy {
        complete: true,
        ..Policy::default()
    }
}
