//! Sequences beside the tables that they count for.

use std::collections::HashMap;

use realign_model::{Database, Ident, Identity, ObjectName, Sequence, Table};
use realign_planner::{Facts, Phase, Step};

use crate::facts::since;
use crate::interpret::put_together;
use crate::lower::step;
use crate::parse::is_usual;
use crate::render::{catalog_name, ident, live_ident, object_name};
use crate::serials::{UNLOGGED_SEQUENCES, is_unlogged};

/// Tables by their names, and sequences by the columns that they belong to.
pub(crate) struct Owners<'a> {
    tables: HashMap<&'a ObjectName, &'a Table>,
    sequences: HashMap<&'a (ObjectName, Ident), &'a Sequence>,
}

impl<'a> Owners<'a> {
    /// Those of a database.
    pub(crate) fn of(database: &'a Database) -> Self {
        // Of two that are called alike the first counts.
        let tables = database.tables.iter().rev();
        let sequences = database.sequences.iter().rev();
        Self {
            tables: tables.map(|table| (&table.name, table)).collect(),
            sequences: sequences
                .filter_map(|sequence| Some((sequence.owned_by.as_ref()?, sequence)))
                .collect(),
        }
    }
}

/// True when the engine makes a sequence along with its column: a plain serial, an identity.
pub(crate) fn made_along(sequence: &Sequence, owners: &Owners<'_>) -> bool {
    let Some((table, column)) = &sequence.owned_by else {
        return false;
    };
    if sequence.loose {
        return false;
    }
    let Some(table) = owners.tables.get(table) else {
        return true;
    };
    let column = table.columns.iter().find(|c| c.name == *column);
    match column.map(|column| (&column.identity, &column.default)) {
        Some((Some(Identity::Serial | Identity::AutoIncrement), default)) => default.is_none(),
        Some((Some(Identity::Identity { .. }), _)) | None => true,
        Some((None, _)) => false,
    }
}

/// True when a sequence needs a statement of its own.
pub(super) fn stands_alone(sequence: &Sequence, owners: &Owners<'_>) -> bool {
    !made_along(sequence, owners)
}

/// The statements that give sequences to the columns that they belong to.
pub(super) fn owners(database: &Database, owners: &Owners<'_>) -> Vec<Step> {
    owners_of(database.sequences.iter(), owners)
}

/// The same for some sequences.
pub(crate) fn owners_of<'a>(
    sequences: impl Iterator<Item = &'a Sequence>,
    owners: &Owners<'_>,
) -> Vec<Step> {
    sequences
        .filter(|sequence| !sequence.loose && stands_alone(sequence, owners))
        .filter_map(|sequence| {
            let (table, column) = sequence.owned_by.as_ref()?;
            Some(step(
                Phase::Alter,
                format!("sequence {}", sequence.name),
                format!(
                    "ALTER SEQUENCE {} OWNED BY {}.{}",
                    object_name(&sequence.name),
                    object_name(table),
                    ident(column)
                ),
            ))
        })
        .collect()
}

/// What makes the sequences of a table's identities those that they shall be.
pub(super) fn identities(table: &Table, owners: &Owners<'_>, facts: &Facts) -> Vec<String> {
    let mut statements = Vec::new();
    for column in &table.columns {
        if !matches!(column.identity, Some(Identity::Identity { .. })) {
            continue;
        }
        let owner = (table.name.clone(), column.name.clone());
        let Some(sequence) = owners.sequences.get(&owner) else {
            continue;
        };
        let (own, middle) = (catalog_name(&table.name.name), catalog_name(&column.name));
        let usual_name = put_together(&own, Some(&middle), "seq");
        if catalog_name(&sequence.name.name) != usual_name {
            statements.push(format!(
                "ALTER SEQUENCE {} RENAME TO {}",
                crate::render::beside(&table.name, &live_ident(&usual_name)),
                ident(&sequence.name.name)
            ));
        }
        // It was made as its table is.
        if sequence.unlogged != is_unlogged(&table.options) && since(facts, UNLOGGED_SEQUENCES) {
            statements.push(logging(sequence));
        }
        if !is_usual(sequence, &column.data_type) {
            statements.push(format!(
                // It was made along with the column, and counts from its usual start.
                "ALTER SEQUENCE {}{} RESTART",
                object_name(&sequence.name),
                crate::render::sequence_options(sequence)
            ));
        }
    }
    statements
}

/// Says whether a sequence is logged.
pub(crate) fn logging(sequence: &Sequence) -> String {
    let word = if sequence.unlogged {
        "UNLOGGED"
    } else {
        "LOGGED"
    };
    format!("ALTER SEQUENCE {} SET {word}", object_name(&sequence.name))
}
