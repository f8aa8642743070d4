//! What a step endangers: reasons, losses, and questions about single columns.
//!
//! Reasons: `R101` the table is copied, `R102` existing rows get a value, `R103` a new name,
//! `R104` values stay longer than declared, `R105` a view or trigger will fail, `R106` data
//! goes. Prechecks: `R202` NULLs, `R203` a value that nobody can guess, `R206` values that
//! don't convert.

use realign_model::{Column, DataType, Ident, Index, ObjectName, Table};
use realign_planner::{Loss, Lowering, Precheck, Reason, Risk, Step, TableChange, TableItem};

use crate::assemble::UNREADABLE;
use crate::dependents::{mentions, triggers_of, views_with};
use crate::foreign_keys::{changes_values, was_there};
use crate::keywords::quote;
use crate::precheck::{checked, orphans, sample, unique, unreadable};
use crate::rebuild::zero;
use crate::render;
use crate::types::{self, Affinity, affinity};

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

    /// The table as SQL.
    pub(crate) fn table(&self) -> String {
        render::object(&self.table)
    }

    /// A column as SQL, by its new name.
    pub(crate) fn column(&self, name: &Ident) -> String {
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

/// A virtual table goes, and what its module keeps for it.
pub(crate) fn virtual_table_goes(step: &mut Step, name: &ObjectName) {
    step.raise(
        Risk::Destructive,
        "R106",
        format!("virtual table {name} goes, with all that its module keeps for it"),
    );
    step.losses.push(Loss {
        object: format!("virtual table {name}"),
        count_sql: format!("SELECT count(*) FROM {}", render::object(name)),
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

fn added(step: &mut Step, column: &Column, change: &TableChange, past: &Past) {
    let Some(value) = zero(column) else {
        return;
    };
    let object = format!("{}.{}", change.target.name, column.name);
    match unguessable(column, &change.target) {
        None => step.reasons.push(Reason::new(
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
            refused_with: Vec::new(),
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
            refused_with: Vec::new(),
            origin: wish.origin.clone(),
        });
    }
    if let (Some(wanted), present) = (
        types::text_length(&wish.data_type),
        types::text_length(&is.data_type),
    ) && present.is_none_or(|present| present > wanted)
        && affinity(&is.data_type) == Affinity::Text
    {
        step.reasons.push(Reason::new(
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
            refused_with: Vec::new(),
            origin: wish.origin.clone(),
        });
    }
}
