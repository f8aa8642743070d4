//! What a step endangers: reasons, losses, and the questions to the data before it.
//!
//! Reasons: `R101` the table is copied, `R102` existing rows get a value, `R103` a new name,
//! `R104` values stay longer than declared, `R105` a view or trigger will fail, `R106` data
//! goes. Prechecks: `R201` an unreadable table, `R202` NULLs, `R203` a value that nobody can
//! guess, `R204` duplicates, `R205` rows without a parent, `R206` values that don't convert,
//! `R207` rows that a check refuses.

use realign_model::{
    Check, Column, DataType, ForeignKey, Ident, Index, IndexTarget, ObjectName, Origin, Table,
};
use realign_planner::{
    Change, Expectation, Loss, Lowering, Phase, Precheck, Risk, Statement, Step, TableChange,
    TableItem,
};

use crate::assemble::UNREADABLE;
use crate::dependents::{mentions, triggers_of};
use crate::keywords::{literal, quote};
use crate::lower::{fold, views_with};
use crate::rebuild::zero;
use crate::types::{self, Affinity, affinity};
use crate::{expr, render};

/// The names that a table and its columns have until the plan runs.
#[derive(Debug)]
pub(crate) struct Past {
    /// The table's present name.
    pub(crate) table: ObjectName,
    /// Renamed columns: present name, new name.
    pub(crate) columns: Vec<(Ident, Ident)>,
}

impl Past {
    /// The past of a change; `former` is the table's present name if it gets a new one.
    pub(crate) fn of(change: &TableChange, former: Option<&ObjectName>) -> Self {
        let columns = change.items.iter().filter_map(|item| match item {
            TableItem::RenameColumn { from, to } => Some((from.clone(), to.clone())),
            _ => None,
        });
        Self {
            table: former.unwrap_or(&change.is.name).clone(),
            columns: columns.collect(),
        }
    }

    fn table(&self) -> String {
        render::object(&self.table)
    }

    fn column(&self, name: &Ident) -> String {
        self.columns
            .iter()
            .find(|(_, to)| to.text.eq_ignore_ascii_case(&name.text))
            .map_or_else(|| quote(name), |(from, _)| quote(from))
    }
}

/// A table and everything in it goes.
pub(crate) fn table_goes(step: &mut Step, table: &Table) {
    step.raise(
        Risk::Destructive,
        "R106",
        format!("table {} and its rows go", table.name),
    );
    step.losses.push(Loss {
        object: format!("table {}", table.name),
        count_sql: format!("SELECT count(*) FROM {}", render::object(&table.name)),
        unit: "rows".to_owned(),
    });
}

/// Everything that is worth knowing of a table made anew.
pub(crate) fn of_rebuild(
    step: &mut Step,
    change: &TableChange,
    past: &Past,
    lowering: &Lowering<'_>,
) {
    for note in &change.is.opaque {
        if note.starts_with(UNREADABLE) {
            step.prechecks.push(unreadable(change, note));
        }
    }
    for item in &change.items {
        match item {
            TableItem::AddColumn(column) => added(step, column, change, past),
            TableItem::DropColumn(column) => column_goes(step, column, change, past, lowering),
            TableItem::ModifyColumn { is, wish, .. } => {
                modified(step, (is, wish), change, past);
            }
            TableItem::AddIndex(index) | TableItem::ReplaceIndex { wish: index, .. } => {
                unique(step, index, change, past);
            }
            TableItem::RenameIndex { is, wish } if !is.unique => unique(step, wish, change, past),
            TableItem::SetPrimaryKey {
                wish: Some(key), ..
            } => {
                let mut index = Index::over(None, key.columns().cloned(), true);
                index.origin = key.origin.clone();
                unique(step, &index, change, past);
            }
            TableItem::AddCheck(check) | TableItem::ReplaceCheck { wish: check, .. } => {
                step.prechecks.extend(checked(check, change, past));
            }
            TableItem::RenameColumn { .. }
            | TableItem::RenameIndex { .. }
            | TableItem::DropIndex(_)
            | TableItem::SetPrimaryKey { wish: None, .. }
            | TableItem::AddForeignKey(_)
            | TableItem::ReplaceForeignKey { .. }
            | TableItem::DropForeignKey(_)
            | TableItem::DropCheck(_)
            | TableItem::SetOptions(_) => {}
        }
    }
    for key in &change.target.foreign_keys {
        if !was_there(key, &change.is) || changes_values(key, change) {
            step.prechecks.extend(orphans(key, change, past, lowering));
        }
    }
}

fn unreadable(change: &TableChange, note: &str) -> Precheck {
    let name = &change.is.name;
    Precheck {
        code: "R201".to_owned(),
        message: format!("{name} can't be made anew: {note}"),
        count_text: "{n} table would lose what could not be read".to_owned(),
        count_sql: "SELECT 1".to_owned(),
        sample_sql: format!(
            "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name = {}",
            literal(&name.name.text)
        ),
        help: "change the table by hand, then run it again".to_owned(),
        lossy: true,
        origin: change.target.origin.clone(),
    }
}

fn added(step: &mut Step, column: &Column, change: &TableChange, past: &Past) {
    let Some(value) = zero(column) else {
        return;
    };
    let object = format!("{}.{}", change.target.name, column.name);
    match unguessable(column, &change.target) {
        None => step.reasons.push(realign_planner::Reason::new(
            "R102",
            format!("{object} is NOT NULL without a default: existing rows get {value}"),
        )),
        Some(why) => step.prechecks.push(Precheck {
            code: "R203".to_owned(),
            message: format!("{object} can't be added: it is NOT NULL, has no default, and {why}"),
            count_text: "{n} rows would need a value".to_owned(),
            count_sql: format!("SELECT count(*) FROM {}", past.table()),
            sample_sql: format!("SELECT * FROM {} LIMIT 5", past.table()),
            help: "declare a default, or let it be NULL until every row has a value".to_owned(),
            lossy: false,
            origin: column.origin.clone(),
        }),
    }
}

/// Why no value of the type's own would be right for an existing row.
fn unguessable(column: &Column, table: &Table) -> Option<&'static str> {
    let references = table.foreign_keys.iter().any(|key| {
        key.columns
            .iter()
            .any(|name| name.text.eq_ignore_ascii_case(&column.name.text))
    });
    if references {
        return Some("it refers to another table");
    }
    match column.type_mark.as_deref() {
        Some("guid") => return Some("a UUID can't be guessed"),
        Some("json" | "json_array" | "array" | "object") => {
            return Some("an empty text is no value of its type");
        }
        _ => {}
    }
    match types::family(&column.data_type) {
        DataType::Date
        | DataType::Time { .. }
        | DataType::DateTime { .. }
        | DataType::Timestamp { .. } => Some("a date can't be guessed"),
        DataType::Blob { .. } => Some("bytes can't be guessed"),
        DataType::Uuid | DataType::Char { len: Some(36) } => Some("a UUID can't be guessed"),
        _ => None,
    }
}

fn column_goes(
    step: &mut Step,
    column: &Column,
    change: &TableChange,
    past: &Past,
    lowering: &Lowering<'_>,
) {
    let object = format!("{}.{}", change.target.name, column.name);
    step.raise(
        Risk::Destructive,
        "R106",
        format!("column {object} and its values go"),
    );
    step.losses.push(Loss {
        object: format!("column {object}"),
        count_sql: format!(
            "SELECT count({}) FROM {}",
            past.column(&column.name),
            past.table()
        ),
        unit: "values".to_owned(),
    });
    for view in views_with(lowering.is, &past.table.name.text, &column.name.text) {
        step.raise(
            Risk::Breaking,
            "R105",
            format!("view {} mentions {object} and may fail", view.name),
        );
    }
    for trigger in triggers_of(lowering.is, &past.table.name.text) {
        if mentions(trigger.source_text.as_str(), &column.name.text) {
            step.raise(
                Risk::Breaking,
                "R105",
                format!("trigger {} mentions {object} and may fail", trigger.name),
            );
        }
    }
}

fn modified(step: &mut Step, (is, wish): (&Column, &Column), change: &TableChange, past: &Past) {
    let object = format!("{}.{}", change.target.name, wish.name);
    let table = past.table();
    let column = past.column(&wish.name);
    if is.nullable && !wish.nullable {
        step.prechecks.push(Precheck {
            code: "R202".to_owned(),
            message: format!("{object} can't become NOT NULL: some rows have no value"),
            count_text: "{n} rows have NULL there".to_owned(),
            count_sql: format!("SELECT count(*) FROM {table} WHERE {column} IS NULL"),
            sample_sql: sample(change, past, &format!("{column} IS NULL"), &[]),
            help: format!(
                "give these rows a value: UPDATE {table} SET {column} = … WHERE {column} IS NULL"
            ),
            lossy: false,
            origin: wish.origin.clone(),
        });
    }
    if let (Some(wanted), present) = (
        types::text_length(&wish.data_type),
        types::text_length(&is.data_type),
    ) && present.is_none_or(|present| present > wanted)
        && affinity(&is.data_type) == Affinity::Text
    {
        step.reasons.push(realign_planner::Reason::new(
            "R104",
            format!(
                "{object}: values longer than {wanted} characters stay, the engine counts none"
            ),
        ));
    }
    let numbers = |data_type: &DataType| {
        matches!(
            types::family(data_type),
            DataType::Int { .. }
                | DataType::Decimal { .. }
                | DataType::Float { .. }
                | DataType::Boolean
        )
    };
    if numbers(&wish.data_type) && !numbers(&is.data_type) {
        let whole = matches!(
            types::family(&wish.data_type),
            DataType::Int { .. } | DataType::Boolean
        );
        let digits = if whole { "0-9+-" } else { "0-9.eE+-" };
        let bad = format!(
            "(typeof({column}) = 'blob' OR (typeof({column}) = 'text' AND (trim({column}) NOT GLOB '*[0-9]*' OR trim({column}) GLOB '*[^{digits}]*')))"
        );
        step.prechecks.push(Precheck {
            code: "R206".to_owned(),
            message: format!(
                "{object} can't become {}: some values are no numbers",
                types::render(&wish.data_type)
            ),
            count_text: "{n} rows have another value".to_owned(),
            count_sql: format!("SELECT count(*) FROM {table} WHERE {bad}"),
            sample_sql: sample(change, past, &bad, &[column]),
            help: "correct these values, then run it again".to_owned(),
            lossy: true,
            origin: wish.origin.clone(),
        });
    }
}

/// A query for up to five rows: the key, and what is in question.
fn sample(change: &TableChange, past: &Past, condition: &str, columns: &[String]) -> String {
    let mut shown = key_columns(change, past);
    for column in columns {
        if !shown.contains(column) {
            shown.push(column.clone());
        }
    }
    format!(
        "SELECT {} FROM {} WHERE {condition} LIMIT 5",
        shown.join(", "),
        past.table()
    )
}

/// The columns that let a person find a row.
fn key_columns(change: &TableChange, past: &Past) -> Vec<String> {
    let key: Vec<String> = change
        .is
        .primary_key
        .iter()
        .flat_map(realign_model::PrimaryKey::columns)
        .map(|name| past.column(name))
        .collect();
    if key.is_empty() && !crate::compare::options(&change.is).without_rowid {
        vec!["rowid".to_owned()]
    } else {
        key
    }
}

/// What existing rows will hold in a column.
enum Future {
    /// What this expression over the present rows gives.
    Varies(String),
    /// One value for all of them.
    Constant(String),
    /// NULL.
    Null,
    /// Nothing that could be asked before the column is there.
    Unknown,
}

fn future(name: &Ident, change: &TableChange, past: &Past) -> Future {
    let Some(target) = change.target.column_ignoring_case(&name.text) else {
        return Future::Unknown;
    };
    if let Some(generated) = &target.generated {
        let text = generated.expr.as_str();
        return if touches_new(text, change) {
            Future::Unknown
        } else {
            Future::Varies(format!("({text})"))
        };
    }
    if change.is.column_ignoring_case(&name.text).is_some() {
        return Future::Varies(past.column(name));
    }
    match (&target.default, zero(target)) {
        (Some(default), _) => Future::Constant(render::default_value(default)),
        (None, Some(value)) => Future::Constant(value.to_owned()),
        (None, None) => Future::Null,
    }
}

/// True when an expression mentions a column that is not there yet.
fn touches_new(text: &str, change: &TableChange) -> bool {
    change.items.iter().any(|item| match item {
        TableItem::AddColumn(column) => mentions(text, &column.name.text),
        TableItem::RenameColumn { to, .. } => mentions(text, &to.text),
        _ => false,
    })
}

/// A unique index or key that comes: no two rows may be alike.
pub(crate) fn unique(step: &mut Step, index: &Index, change: &TableChange, past: &Past) {
    if !index.unique {
        return;
    }
    let mut groups = Vec::new();
    let mut filled = Vec::new();
    for part in &index.parts {
        match &part.target {
            IndexTarget::Column(name) => {
                let column = match future(name, change, past) {
                    Future::Varies(column) => column,
                    // The same everywhere: the other parts decide.
                    Future::Constant(_) => continue,
                    // NULLs are never alike.
                    Future::Null | Future::Unknown => return,
                };
                filled.push(format!("{column} IS NOT NULL"));
                let collation = part.collation.as_ref().map_or(String::new(), |c| {
                    format!(" COLLATE {}", quote(&Ident::new(c)))
                });
                groups.push(format!("{column}{collation}"));
            }
            IndexTarget::Expr(expr) => {
                if touches_new(expr.as_str(), change) {
                    return;
                }
                filled.push(format!("({expr}) IS NOT NULL"));
                groups.push(expr.text.clone());
            }
        }
    }
    if let Some(predicate) = &index.predicate {
        if touches_new(predicate.as_str(), change) {
            return;
        }
        filled.push(format!("({predicate})"));
    }
    let table = past.table();
    let columns: Vec<String> = index
        .parts
        .iter()
        .map(|part| match &part.target {
            IndexTarget::Column(name) => name.text.clone(),
            IndexTarget::Expr(expr) => expr.text.clone(),
        })
        .collect();
    let what = format!("{}.{}", change.target.name, columns.join(", "));
    let condition = if filled.is_empty() {
        String::new()
    } else {
        format!(" WHERE {}", filled.join(" AND "))
    };
    let (count_sql, sample_sql) = if groups.is_empty() {
        (
            format!("SELECT max(count(*) - 1, 0) FROM {table}"),
            format!("SELECT * FROM {table} LIMIT 5"),
        )
    } else {
        let groups = groups.join(", ");
        let rows = key_columns(change, past).join(" || '-' || ");
        let rows = if rows.is_empty() {
            "1".to_owned()
        } else {
            rows
        };
        (
            format!(
                "SELECT count(*) FROM (SELECT 1 FROM {table}{condition} GROUP BY {groups} HAVING count(*) > 1)"
            ),
            format!(
                "SELECT {groups}, count(*) AS rows, group_concat({rows}, ', ') AS keys FROM {table}{condition} GROUP BY {groups} HAVING count(*) > 1 LIMIT 5"
            ),
        )
    };
    step.prechecks.push(Precheck {
        code: "R204".to_owned(),
        message: format!("{what} can't become unique"),
        count_text: "{n} values stand more than once".to_owned(),
        count_sql,
        sample_sql,
        help: "merge these rows or change their values, then run it again".to_owned(),
        lossy: false,
        origin: index.origin.clone(),
    });
}

/// True when a key ties the same columns to the same target already.
fn was_there(key: &ForeignKey, is: &Table) -> bool {
    let folded = |names: &[Ident]| -> Vec<String> { names.iter().map(|n| fold(&n.text)).collect() };
    is.foreign_keys.iter().any(|other| {
        folded(&other.columns) == folded(&key.columns)
            && fold(&other.ref_table.name.text) == fold(&key.ref_table.name.text)
            && folded(&other.ref_columns) == folded(&key.ref_columns)
    })
}

fn orphans(
    key: &ForeignKey,
    change: &TableChange,
    past: &Past,
    lowering: &Lowering<'_>,
) -> Option<Precheck> {
    let mut values = Vec::new();
    for name in &key.columns {
        match future(name, change, past) {
            Future::Varies(value) | Future::Constant(value) => values.push(value),
            Future::Null | Future::Unknown => return None,
        }
    }
    let parent = lowering
        .is
        .tables
        .iter()
        .find(|t| fold(&t.name.name.text) == fold(&key.ref_table.name.text));
    let columns: Vec<String> = (1..=values.len()).map(|n| format!("c.value{n}")).collect();
    let filled: Vec<String> = columns
        .iter()
        .map(|column| format!("{column} IS NOT NULL"))
        .collect();
    let mut condition = filled.join(" AND ");
    if let Some(parent) = parent {
        let known = key
            .ref_columns
            .iter()
            .all(|c| parent.column_ignoring_case(&c.text).is_some());
        if !known {
            return None;
        }
        let same: Vec<String> = columns
            .iter()
            .zip(&key.ref_columns)
            .map(|(column, target)| format!("p.{} = {column}", quote(target)))
            .collect();
        condition = format!(
            "{condition} AND NOT EXISTS (SELECT 1 FROM {} AS p WHERE {})",
            render::object(&parent.name),
            same.join(" AND ")
        );
    } else if lowering
        .wish
        .tables
        .iter()
        .all(|t| fold(&t.name.name.text) != fold(&key.ref_table.name.text))
    {
        // The target is nowhere: not a matter of rows.
        return None;
    }
    let named: Vec<String> = values
        .iter()
        .enumerate()
        .map(|(at, value)| format!("{value} AS value{}", at + 1))
        .collect();
    let keys: Vec<String> = key_columns(change, past)
        .iter()
        .enumerate()
        .map(|(at, key)| format!("{key} AS row{}", at + 1))
        .collect();
    let rows = format!(
        "(SELECT {} FROM {}) AS c",
        keys.iter()
            .chain(&named)
            .cloned()
            .collect::<Vec<_>>()
            .join(", "),
        past.table()
    );
    Some(Precheck {
        code: "R205".to_owned(),
        message: format!(
            "{}.{} can't refer to {}: some rows have no parent there",
            change.target.name,
            render::names(&key.columns),
            key.ref_table
        ),
        count_text: "{n} rows have no parent".to_owned(),
        count_sql: format!("SELECT count(*) FROM {rows} WHERE {condition}"),
        sample_sql: format!("SELECT * FROM {rows} WHERE {condition} LIMIT 5"),
        help: "add the missing parents, or clear or delete these rows".to_owned(),
        lossy: false,
        origin: key.origin.clone(),
    })
}

fn checked(check: &Check, change: &TableChange, past: &Past) -> Option<Precheck> {
    let text = check.expr.as_str();
    if touches_new(text, change) {
        return None;
    }
    let refused = format!("NOT ({text})");
    Some(Precheck {
        code: "R207".to_owned(),
        message: format!(
            "{} can't get the check {}: some rows fail it",
            change.target.name,
            expr::normal(text)
        ),
        count_text: "{n} rows fail it".to_owned(),
        count_sql: format!("SELECT count(*) FROM {} WHERE {refused}", past.table()),
        sample_sql: format!("SELECT * FROM {} WHERE {refused} LIMIT 5", past.table()),
        help: "correct these rows, then run it again".to_owned(),
        lossy: false,
        origin: check.origin.clone(),
    })
}

/// The last look at what these changes could have torn apart: foreign keys that are new, and
/// those of any table to a key whose own columns change. Rows that had no parent before and
/// that no change touches are nobody's business here.
pub(crate) fn foreign_key_check(changes: &[Change], lowering: &Lowering<'_>) -> Option<Step> {
    let mut statements: Vec<Statement> = Vec::new();
    let mut look = |table: &Table, touched: &dyn Fn(&ForeignKey) -> bool| {
        for (at, key) in table.foreign_keys.iter().enumerate() {
            let parent = lowering
                .wish
                .tables
                .iter()
                .find(|t| fold(&t.name.name.text) == fold(&key.ref_table.name.text));
            // The engine can't check a key whose target is not unique; it says so at each write.
            if !parent.is_some_and(|p| is_unique(p, &key.ref_columns)) || !touched(key) {
                continue;
            }
            // The engine counts the keys of a table from the last one.
            let id = table.foreign_keys.len() - 1 - at;
            statements.push(Statement::expecting(
                format!(
                    "SELECT * FROM pragma_foreign_key_check({}) WHERE fkid = {id}",
                    literal(&table.name.name.text)
                ),
                Expectation::NoRows,
            ));
        }
    };
    let mut altered: Vec<String> = Vec::new();
    for change in changes {
        if let Change::AlterTable(change) = change {
            altered.push(fold(&change.target.name.name.text));
            look(&change.target, &|key| {
                !was_there(key, &change.is)
                    || changes_values(key, change)
                    || changes_key(changes, key)
            });
        }
    }
    for table in &lowering.is.tables {
        let goes = changes
            .iter()
            .any(|c| matches!(c, Change::DropTable(t) if t.name == table.name));
        if !goes && !altered.contains(&fold(&table.name.name.text)) {
            look(table, &|key| changes_key(changes, key));
        }
    }
    if statements.is_empty() {
        return None;
    }
    let mut step = Step::new(Phase::Drop, "foreign keys", statements);
    "every row has its parents".clone_into(&mut step.title);
    step.origin = Origin::None;
    Some(step)
}

/// True when rows get other values in the columns of a key that stays.
fn changes_values(key: &ForeignKey, change: &TableChange) -> bool {
    change.items.iter().any(|item| match item {
        TableItem::ModifyColumn { is, wish, .. } => {
            let in_key = key
                .columns
                .iter()
                .any(|c| c.text.eq_ignore_ascii_case(&wish.name.text));
            let other = is.generated != wish.generated
                || affinity(&is.data_type) != affinity(&wish.data_type);
            in_key && other
        }
        _ => false,
    })
}

fn changes_key(changes: &[Change], key: &ForeignKey) -> bool {
    changes.iter().any(|change| match change {
        Change::AlterTable(change)
            if fold(&change.target.name.name.text) == fold(&key.ref_table.name.text) =>
        {
            change.items.iter().any(|item| match item {
                TableItem::ModifyColumn { is, wish, .. } => {
                    affinity(&is.data_type) != affinity(&wish.data_type)
                        && key
                            .ref_columns
                            .iter()
                            .any(|c| c.text.eq_ignore_ascii_case(&wish.name.text))
                }
                _ => false,
            })
        }
        _ => false,
    })
}

fn is_unique(table: &Table, columns: &[Ident]) -> bool {
    let same = |names: Vec<&Ident>| {
        let mut a: Vec<String> = names.iter().map(|n| fold(&n.text)).collect();
        let mut b: Vec<String> = columns.iter().map(|n| fold(&n.text)).collect();
        a.sort_unstable();
        b.sort_unstable();
        a == b
    };
    table
        .primary_key
        .as_ref()
        .is_some_and(|key| same(key.columns().collect()))
        || table.indexes.iter().any(|index| {
            index.unique && index.predicate.is_none() && same(index.columns().collect())
        })
}

#[cfg(test)]
mod tests;
