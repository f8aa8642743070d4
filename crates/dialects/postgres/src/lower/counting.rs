//! Columns that the engine counts: serial ones and identities.

use realign_model::{Column, Ident, Identity, ObjectName, Sequence};
use realign_planner::{Change, Statement, Step, TableItem};

use super::scene::Scene;
use crate::render::{self, beside, catalog_name, ident, object_name, string_literal};
use crate::types;

/// The sequence that a serial column takes its values from.
fn serial_sequence(table: &ObjectName, column: &Ident) -> String {
    let text = format!("{}_{}_seq", catalog_name(&table.name), catalog_name(column));
    beside(table, &render::live_ident(&text))
}

/// True when a column that starts to be counted makes this sequence its own: then it stays.
pub(super) fn is_adopted(sequence: &Sequence, change: &Change, scene: &Scene<'_>) -> bool {
    let Change::AlterTable(change) = change else {
        return false;
    };
    let table = scene.now(change);
    let name = object_name(&sequence.name);
    change.items.iter().any(|item| match item {
        TableItem::ModifyColumn { is, wish, .. } => {
            let counts = matches!(
                wish.identity,
                Some(Identity::Serial | Identity::AutoIncrement)
            );
            counts && is.identity != wish.identity && serial_sequence(&table, &wish.name) == name
        }
        _ => false,
    })
}

/// The engine starts or stops counting; it goes on behind the values that are there.
pub(super) fn set_identity(
    (is, wish): (&Column, &Column),
    start: &str,
    step: &mut Step,
    table: &ObjectName,
    scene: &Scene<'_>,
) {
    let mut send = |sql: String| step.statements.push(Statement::new(sql));
    let name = object_name(table);
    let column = ident(&wish.name);
    match (&is.identity, &wish.identity) {
        (Some(Identity::Identity { .. }), Some(wanted)) => {
            let always = matches!(wanted, Identity::Identity { always: true });
            send(format!(
                "{start} SET GENERATED {}",
                if always { "ALWAYS" } else { "BY DEFAULT" }
            ));
        }
        (Some(Identity::Identity { .. }), None) => send(format!("{start} DROP IDENTITY")),
        (Some(_), None) => send(format!("{start} DROP DEFAULT")),
        (None | Some(_), Some(Identity::Identity { always })) => {
            if is.identity.is_some() || is.default.is_some() {
                send(format!("{start} DROP DEFAULT"));
            }
            // The one that it had would be in the way of the new one's name.
            let owner = Some((&table.name, catalog_name(&is.name)));
            let own = scene.is.sequences.iter().find(|sequence| {
                let by = sequence.owned_by.as_ref();
                !sequence.loose && by.map(|(t, c)| (&t.name, catalog_name(c))) == owner
            });
            if let Some(sequence) = own {
                send(format!("DROP SEQUENCE {}", object_name(&sequence.name)));
            }
            send(format!(
                "{start} ADD GENERATED {} AS IDENTITY",
                if *always { "ALWAYS" } else { "BY DEFAULT" }
            ));
            send(format!(
                "SELECT setval(pg_get_serial_sequence({}, {}), (SELECT MAX({column}) FROM {name}))",
                string_literal(&name),
                string_literal(&catalog_name(&wish.name))
            ));
        }
        (None | Some(_), Some(Identity::Serial | Identity::AutoIncrement)) => {
            let sequence = serial_sequence(table, &wish.name);
            let present = scene
                .is
                .sequences
                .iter()
                .find(|s| object_name(&s.name) == sequence);
            let declared = scene
                .wish
                .sequences
                .iter()
                .filter(|s| s.owned_by.is_none())
                .any(|s| object_name(&s.name).eq_ignore_ascii_case(&sequence));
            match present.map(|sequence| &sequence.data_type) {
                _ if declared => {}
                None => send(format!(
                    "CREATE SEQUENCE {sequence} AS {}",
                    types::render(&wish.data_type)
                )),
                // One that was there before counts as far as the column does.
                Some(Some(data_type)) if *data_type != types::normal(&wish.data_type) => {
                    send(format!(
                        "ALTER SEQUENCE {sequence} AS {}",
                        types::render(&wish.data_type)
                    ));
                }
                Some(_) => {}
            }
            let literal = string_literal(&sequence);
            send(format!(
                "SELECT setval({literal}, (SELECT MAX({column}) FROM {name}))"
            ));
            send(format!("{start} SET DEFAULT nextval({literal})"));
            send(format!(
                "ALTER SEQUENCE {sequence} OWNED BY {name}.{column}"
            ));
        }
        (None, None) => {}
    }
}
