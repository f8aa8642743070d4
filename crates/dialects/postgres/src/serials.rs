//! Columns that take their values from a sequence, in the one form that the model has of them.

use std::collections::HashMap;

use realign_model::{Database, Expr, Ident, Identity, ObjectName, Sequence, TableOptions};

use realign_planner::Facts;

use crate::facts::since;
use crate::interpret::put_together;
use crate::parse::{Cursor, is_usual};
use crate::render::{catalog_name, live_ident, live_object, string_literal};

/// `nextval('name'::regclass)`.
pub(crate) fn taking_from(sequence: &ObjectName) -> Expr {
    Expr::new(format!(
        "nextval({}::regclass)",
        string_literal(&live_object(sequence))
    ))
}

/// A serial whose sequence is the very one that the engine makes along says nothing more; of
/// every other the default names its sequence.
pub(crate) fn settle(database: &mut Database, facts: &Facts) {
    let owned: HashMap<(ObjectName, Ident), usize> = database
        .sequences
        .iter()
        .enumerate()
        .filter_map(|(at, sequence)| Some((sequence.owned_by.clone()?, at)))
        .collect();
    let named: HashMap<ObjectName, usize> = database
        .sequences
        .iter()
        .enumerate()
        .map(|(at, sequence)| (sequence.name.clone(), at))
        .collect();
    for table in &mut database.tables {
        let unlogged = is_unlogged(&table.options) && since(facts, UNLOGGED_SEQUENCES);
        for column in &mut table.columns {
            if column.identity != Some(Identity::Serial) {
                continue;
            }
            let owner = (table.name.clone(), column.name.clone());
            let written = column
                .default
                .as_ref()
                .and_then(|default| named_in(default.as_str()))
                .and_then(|name| named.get(&name));
            let Some(sequence) = written
                .or_else(|| owned.get(&owner))
                .and_then(|at| database.sequences.get(*at))
            else {
                continue;
            };
            let implied = sequence.unlogged == unlogged
                && is_own(sequence, &owner)
                && is_usual(sequence, &column.data_type);
            column.default = (!implied).then(|| {
                let written = column.default.take();
                written.unwrap_or_else(|| taking_from(&sequence.name))
            });
        }
    }
}

/// The first version that has unlogged sequences: those of an unlogged table's columns are so.
pub(crate) const UNLOGGED_SEQUENCES: u32 = 15;

/// True for an unlogged table.
pub(crate) fn is_unlogged(options: &TableOptions) -> bool {
    matches!(options, TableOptions::Postgres(o) if o.unlogged)
}

/// The sequence that a default names.
pub(crate) fn named_in(default: &str) -> Option<ObjectName> {
    let text = crate::defaults::sequence_path(default)?;
    let path = Cursor::new(&text).path().ok()?;
    Some(ObjectName::new(
        path.schema.as_deref().map(live_ident),
        live_ident(&path.name),
    ))
}

/// True when a sequence belongs to this column under the name that the engine gives it.
fn is_own(sequence: &Sequence, owner: &(ObjectName, Ident)) -> bool {
    let (table, column) = owner;
    let name = put_together(
        &catalog_name(&table.name),
        Some(&catalog_name(column)),
        "seq",
    );
    !sequence.loose
        && sequence.owned_by.as_ref() == Some(owner)
        && sequence.name.schema == table.schema
        && catalog_name(&sequence.name.name) == name
}
