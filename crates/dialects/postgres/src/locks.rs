//! How many locks a plan holds at its end, all of it being one transaction.
//!
//! The server has room for a fixed number of them, for all its sessions together. A transaction
//! that finds none left ends, after half of its work. What is counted here is what a plan
//! surely locks (a table, what is kept beside it, each index, each sequence), and it is refused only
//! where no server of that setting has room: the room is a hash table with some slack, which
//! holds up to twice what the manual says of it.

use realign_model::{Column, DataType, Database, Identity, Origin, Table};
use realign_planner::{Change, Precheck, Step, TableItem};

/// Plans of fewer locks are not asked about: there is no setting so small.
const FEW: usize = 1000;

/// Asks about a whole schema that is made or taken away, at its first step.
pub(crate) fn ask_of_schema(steps: &mut [Step], database: &Database) {
    let alone = database.sequences.iter().filter(|s| s.owned_by.is_none());
    let tables: usize = database.tables.iter().map(of_table).sum();
    ask(steps, tables + alone.count() + database.views.len());
}

/// Asks about changes, at their first step.
pub(crate) fn ask_of_changes(steps: &mut [Step], changes: &[Change]) {
    ask(steps, changes.iter().map(of_change).sum());
}

fn ask(steps: &mut [Step], locks: usize) {
    if let Some(first) = steps.first_mut()
        && locks > FEW
    {
        first.prechecks.push(precheck(locks));
    }
}

fn of_change(change: &Change) -> usize {
    if let Change::CreateTable(table) | Change::DropTable(table) = change {
        of_table(table)
    } else if let Change::AlterTable(change) = change {
        let is_index = |item: &&TableItem| {
            matches!(
                item,
                TableItem::AddIndex(_) | TableItem::DropIndex(_) | TableItem::ReplaceIndex { .. }
            )
        };
        1 + change.items.iter().filter(is_index).count()
    } else {
        1
    }
}

fn of_table(table: &Table) -> usize {
    let counted = table
        .columns
        .iter()
        .filter(|column| {
            matches!(
                column.identity,
                Some(Identity::Serial | Identity::Identity { .. })
            )
        })
        .count();
    // Long values are kept in a table of their own, with an index.
    let beside = if table.partitioning.is_none() && table.columns.iter().any(may_be_long) {
        2
    } else {
        0
    };
    1 + beside + counted + table.indexes.len() + usize::from(table.primary_key.is_some())
}

fn may_be_long(column: &Column) -> bool {
    matches!(
        column.data_type,
        DataType::Text { .. } | DataType::Blob { .. } | DataType::Json { .. } | DataType::Array(_)
    )
}

fn precheck(locks: usize) -> Precheck {
    // Each session, each prepared transaction and each process of the server's own counts.
    let slots = "current_setting('max_connections')::bigint \
         + current_setting('max_prepared_transactions')::bigint \
         + current_setting('max_worker_processes')::bigint \
         + current_setting('max_wal_senders')::bigint \
         + coalesce(current_setting('autovacuum_worker_slots', true), \
         current_setting('autovacuum_max_workers'))::bigint + 1";
    let settings = format!(
        "(SELECT current_setting('max_locks_per_transaction')::bigint AS each, {slots} AS slots) s"
    );
    Precheck {
        code: "R220".to_owned(),
        message: format!(
            "this plan is one transaction that holds {locks} locks: each table, index and sequence is one"
        ),
        count_text: "{n} more than the server is set up for".to_owned(),
        count_sql: format!(
            "SELECT CASE WHEN {locks} > 2 * each * slots + 2000 THEN {locks} - each * slots \
             ELSE 0 END FROM {settings}"
        ),
        sample_sql: format!(
            "SELECT each AS max_locks_per_transaction, {locks} / slots + 1 AS enough FROM {settings}"
        ),
        help: "raise max_locks_per_transaction (ALTER SYSTEM SET …, or postgresql.conf) and start the \
               server anew; it can go back afterwards"
            .to_owned(),
        lossy: false,
        refused_with: Vec::new(),
        origin: Origin::None,
    }
}

#[cfg(test)]
mod tests {
    use realign_model::{
        Column, DataType, Database, Ident, IntWidth, ObjectName, PrimaryKey, Table, TextSize,
    };
    use realign_planner::{Phase, Step};

    use super::ask_of_schema;

    #[test]
    fn only_a_large_plan_is_asked_about() {
        let table = |at: usize| {
            let mut table = Table::new(ObjectName::bare(format!("t{at}")));
            let id = Column::new(Ident::new("id"), DataType::int(IntWidth::W32));
            let text = DataType::Text {
                size: TextSize::Long,
            };
            table.columns = vec![id, Column::new(Ident::new("words"), text)];
            table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("id")])));
            table
        };
        let asked = |tables: usize| {
            let mut steps = vec![Step::new(Phase::Create, "t0", Vec::new())];
            let database = Database {
                tables: (0..tables).map(table).collect(),
                ..Database::default()
            };
            ask_of_schema(&mut steps, &database);
            let first = steps.remove(0).prechecks;
            first.first().map(|precheck| precheck.message.clone())
        };
        assert_eq!(asked(250), None);
        let told = asked(251).expect("asked");
        assert!(told.contains("holds 1004 locks"), "{told}");
    }
}
