//! Partitions.

use realign_model::{Expr, Ident, Partitioning, Table};

use super::Misfit;
use super::session::Session;
use crate::parse::{self, PartitionBy, PartitionChange, numbered};

/// The clause that makes them.
pub(super) fn made(by: &PartitionBy) -> Partitioning {
    Partitioning {
        clause: Expr::new(by.clause()),
    }
}

/// Carries out what ALTER TABLE does to partitions.
pub(super) fn change(
    table: &mut Table,
    change: &PartitionChange,
    session: &Session,
) -> Result<(), Misfit> {
    if *change == PartitionChange::Nothing {
        return Ok(());
    }
    let Some(present) = &table.partitioning else {
        return Err(Misfit::new(format!(
            "table {} is not partitioned",
            table.name
        )));
    };
    if *change == PartitionChange::Remove {
        table.partitioning = None;
        return Ok(());
    }
    let text = present.clause.text.clone();
    let Ok(mut by) = parse::partitions(&text, &session.facts) else {
        return Err(Misfit::new(format!(
            "the partitions of table {} are not understood",
            table.name
        )));
    };
    let place = |by: &PartitionBy, name: &Ident| {
        by.partitions
            .iter()
            .position(|partition| partition.name.text.eq_ignore_ascii_case(&name.text))
    };
    match change {
        PartitionChange::Nothing | PartitionChange::Remove => {}
        PartitionChange::Add {
            partitions,
            count,
            if_not_exists,
        } => {
            for partition in partitions {
                if place(&by, &partition.name).is_some() {
                    if *if_not_exists {
                        continue;
                    }
                    return Err(Misfit::new(format!(
                        "table {} has a partition {} already",
                        table.name, partition.name
                    )));
                }
                by.partitions.push(partition.clone());
            }
            for _ in 0..(*count).min(parse::MOST_PARTITIONS) {
                by.partitions.push(numbered(by.partitions.len()));
            }
        }
        PartitionChange::Drop { names, if_exists } => {
            for name in names {
                match place(&by, name) {
                    Some(at) => drop(by.partitions.remove(at)),
                    None if *if_exists => {}
                    None => {
                        return Err(Misfit::new(format!(
                            "table {} has no partition {name}",
                            table.name
                        )));
                    }
                }
            }
        }
        PartitionChange::Reorganize { names, into } => {
            let first = names.first().and_then(|name| place(&by, name));
            for name in names {
                let Some(at) = place(&by, name) else {
                    return Err(Misfit::new(format!(
                        "table {} has no partition {name}",
                        table.name
                    )));
                };
                by.partitions.remove(at);
            }
            let at = first
                .unwrap_or(by.partitions.len())
                .min(by.partitions.len());
            by.partitions.splice(at..at, into.iter().cloned());
        }
        PartitionChange::Coalesce(count) => {
            let left = by.partitions.len().saturating_sub(*count as usize).max(1);
            by.partitions.truncate(left);
        }
    }
    table.partitioning = Some(made(&by));
    Ok(())
}
