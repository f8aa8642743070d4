//! A plan of more locks than the server has room for is refused before its first statement.

use realign_model::{Column, DataType, Database, Ident, IntWidth, ObjectName};
use realign_model::{PrimaryKey, Table, TextSize};
use realign_planner::{Policy, Profile, diff, plan};
use realign_postgres::POSTGRES;
use realign_runtime::{Connection, inspect, precheck};
use realign_testkit::{Live as _, PostgresDatabase, postgres, postgres_with};

use crate::support::target;

/// Tables that lock four objects each: themselves, their key, and the table and index that keep
/// their long values.
fn declared(tables: usize) -> Database {
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
    Database {
        tables: (0..tables).map(table).collect(),
        ..Database::default()
    }
}

/// What a plan of that many tables is told.
fn told(database: &PostgresDatabase, tables: usize) -> Vec<(String, String, Vec<String>)> {
    let connect = realign_postgres::live::connect(&target(database)).expect("a complete address");
    let mut connection = Connection::open(connect.as_ref()).expect("the server is up");
    let found = inspect(&mut connection, &POSTGRES, Profile::default()).expect("readable");
    let (wish, policy) = (declared(tables), Policy::default());
    let diff = diff(&found.database, &wish, &POSTGRES, &found.facts, &policy);
    let plan = plan(
        &diff,
        &found.database,
        &wish,
        &POSTGRES,
        &found.facts,
        &found.sizes,
        &policy,
    );
    let asked = precheck(&mut connection, &plan).expect("answered");
    let refusals = asked.refusals.into_iter();
    refusals
        .map(|r| (r.code, r.count_text, r.samples))
        .collect()
}

#[test]
fn a_plan_of_more_locks_than_there_is_room_for_is_refused() {
    let small = postgres_with(&[
        "max_connections=10",
        "max_locks_per_transaction=10",
        "max_prepared_transactions=5",
        "max_worker_processes=2",
        "max_wal_senders=2",
        "autovacuum_max_workers=1",
    ])
    .database();
    let told_small = told(&small, 700);
    let [(code, text, samples)] = told_small.as_slice() else {
        panic!("{told_small:?}");
    };
    assert_eq!(code, "R220");
    assert!(
        text.ends_with("more than the server is set up for"),
        "{text}"
    );
    assert!(
        samples[0].contains("max_locks_per_transaction = '10'"),
        "{samples:?}"
    );
    assert!(samples[0].contains("enough = "), "{samples:?}");
    // What is told is so.
    let statements: Vec<String> = (0..700)
        .map(|at| format!("CREATE TABLE t{at} (id INT PRIMARY KEY, words TEXT);"))
        .collect();
    let refused = small.try_client(&format!("BEGIN; {} COMMIT;", statements.join(" ")));
    let refused = refused.expect_err("there is no room");
    assert!(refused.contains("out of shared memory"), "{refused}");
    assert_eq!(told(&postgres().database(), 700), []);
}
