//! How far a statement reaches into a table: one that adds a column to a wide table need not look
//! at all the others.

use realign_model::Table;

use super::Steps;
use crate::parse::{Action, ColumnDef, Position};

/// True for a statement of one clause that is carried out or not: what fails leaves the table as
/// it was.
pub(in crate::interpret) fn is_whole(steps: &Steps) -> bool {
    let [(action, _)] = steps else {
        return false;
    };
    match action {
        Action::AddColumn { column, .. } => !adds_key(column),
        // Its place is looked up once it is another column.
        Action::ChangeColumn {
            column, position, ..
        } => !adds_key(column) && !matches!(position, Position::After(_)),
        Action::AddKey(_)
        | Action::RenameColumn { .. }
        | Action::AlterDefault { .. }
        | Action::AlterColumnVisibility { .. }
        | Action::DropColumn { .. }
        | Action::AddCheck(_)
        | Action::DropIndex { .. }
        | Action::DropPrimaryKey { .. }
        | Action::DropForeignKey { .. }
        | Action::DropConstraint { .. }
        | Action::EnforceCheck { .. }
        | Action::RenameIndex { .. }
        | Action::AlterIndexVisibility { .. }
        | Action::RenameTo(_)
        | Action::Convert { .. }
        | Action::Option(_)
        | Action::PartitionBy(_)
        | Action::Nothing => true,
        // The former table is shown of one that becomes opaque.
        Action::Versioning(_)
        | Action::Period { .. }
        | Action::DropPeriod(_)
        | Action::ChangePartitions(_) => false,
    }
}

fn adds_key(column: &ColumnDef) -> bool {
    let definition = &column.definition;
    definition.primary || definition.unique || definition.references.is_some()
}

/// The first column that is not as the server has it yet, in a table that was settled before.
pub(super) fn first_unsettled(table: &Table, steps: &Steps) -> usize {
    let mut added = 0;
    for (action, _) in steps {
        match action {
            Action::AddColumn {
                column,
                position: Position::Unsaid,
                ..
            } if column.definition.checks.is_empty() => added += 1,
            Action::AddKey(_)
            | Action::DropColumn { .. }
            | Action::DropIndex { .. }
            | Action::DropPrimaryKey { .. }
            | Action::DropForeignKey { .. }
            | Action::RenameIndex { .. }
            | Action::AlterIndexVisibility { .. }
            | Action::RenameTo(_)
            | Action::Nothing => {}
            // A new default, a check or another place may concern any column.
            Action::AddColumn { .. }
            | Action::ChangeColumn { .. }
            | Action::RenameColumn { .. }
            | Action::AlterDefault { .. }
            | Action::AlterColumnVisibility { .. }
            | Action::AddCheck(_)
            | Action::DropConstraint { .. }
            | Action::EnforceCheck { .. }
            | Action::Convert { .. }
            | Action::Option(_)
            | Action::PartitionBy(_)
            | Action::ChangePartitions(_)
            | Action::Versioning(_)
            | Action::Period { .. }
            | Action::DropPeriod(_) => return 0,
        }
    }
    table.columns.len().saturating_sub(added)
}
