//! A database in memory and the whole way over it: inspect, compare, plan, run, look again.

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test file uses its own part"
)]

use realign_model::{Database, Table};
use realign_planner::{Diff, Facts, Plan, Policy, Profile, Rows, Value, diff, plan};
use realign_runtime::{Connection, Inspection, Stop, Target, apply, inspect, precheck};
use realign_sqlite::SQLITE;

/// A database in memory.
pub struct Live {
    connection: Connection,
    /// Whose spelling is followed.
    pub profile: Profile,
}

impl Live {
    /// An empty one.
    pub fn new() -> Self {
        Self::open(std::path::Path::new(":memory:"))
    }

    /// The one in a file.
    pub fn open(path: &std::path::Path) -> Self {
        let target = Target {
            scheme: "sqlite".to_owned(),
            database: path.display().to_string(),
            ..Target::default()
        };
        let connect = realign_sqlite::connect(&target).expect("a target");
        Self {
            connection: Connection::open(connect.as_ref()).expect("memory opens"),
            profile: Profile::default(),
        }
    }

    /// One after these statements.
    pub fn after<S: AsRef<str>>(statements: &[S]) -> Self {
        let mut live = Self::new();
        for sql in statements {
            live.run(sql.as_ref());
        }
        live
    }

    /// Runs one statement that has to work.
    pub fn run(&mut self, sql: &str) -> Rows {
        self.connection
            .query(sql)
            .unwrap_or_else(|error| panic!("{error}\n{sql}"))
    }

    /// Runs one statement; the answer is whether it worked.
    pub fn accepts(&mut self, sql: &str) -> bool {
        self.connection.run(sql).expect("session stays").is_ok()
    }

    /// The rows of a query, values joined by `|`.
    pub fn rows(&mut self, sql: &str) -> Vec<String> {
        self.run(sql)
            .rows
            .iter()
            .map(|row| row.iter().map(Value::display).collect::<Vec<_>>().join("|"))
            .collect()
    }

    /// The stored texts, sorted, without the engine's own.
    pub fn texts(&mut self) -> Vec<String> {
        self.rows(
            "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY type, name",
        )
    }

    /// What it holds.
    pub fn inspect(&mut self) -> Inspection {
        inspect(&mut self.connection, &SQLITE, self.profile).expect("reads")
    }

    /// What differs from a declaration.
    pub fn diff(&mut self, wish: &Database, policy: &Policy) -> Diff {
        let seen = self.inspect();
        diff(&seen.database, wish, &SQLITE, &seen.facts, policy)
    }

    /// The plan to a declaration.
    pub fn plan(&mut self, wish: &Database, policy: &Policy) -> Plan {
        let seen = self.inspect();
        let found = diff(&seen.database, wish, &SQLITE, &seen.facts, policy);
        plan(
            &found,
            &seen.database,
            wish,
            &SQLITE,
            &seen.facts,
            &seen.sizes,
            policy,
        )
    }

    /// What the prechecks of a plan refuse, as codes.
    pub fn refused(&mut self, plan: &Plan) -> Vec<String> {
        precheck(&mut self.connection, plan)
            .expect("prechecks run")
            .refusals
            .iter()
            .map(|refusal| refusal.diagnostic().code)
            .collect()
    }

    /// Runs a plan.
    pub fn apply(&mut self, plan: &Plan) -> Result<(), String> {
        apply(&mut self.connection, plan, &mut (), &Stop::default())
            .map(|_| ())
            .map_err(|failure| format!("{} {:?}", failure.error, failure.error.notes))
    }

    /// Brings it to a declaration; nothing may be left to do. The answer is what was sent.
    pub fn update(&mut self, wish: &Database, policy: &Policy) -> Plan {
        let plan = self.plan(wish, policy);
        assert_eq!(self.refused(&plan), Vec::<String>::new());
        if let Err(error) = self.apply(&plan) {
            panic!("{error}\n{}", listing(&plan));
        }
        let left = self.diff(wish, policy);
        assert!(
            left.in_sync(),
            "left after\n{}\n{:#?}",
            listing(&plan),
            left.findings
        );
        plan
    }
}

/// The statements of a plan's steps, a line each.
pub fn listing(plan: &Plan) -> String {
    plan.statements()
        .map(|statement| statement.sql.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The model of these statements.
pub fn model<S: AsRef<str>>(statements: &[S]) -> Database {
    Live::after(statements).inspect().database
}

/// Facts without a connection.
pub fn facts() -> Facts {
    realign_planner::Dialect::offline_facts(&SQLITE, "sqlite-3.40").expect("names the engine")
}

/// The only table of a database.
pub fn only(database: &Database) -> &Table {
    assert_eq!(database.tables.len(), 1);
    &database.tables[0]
}

/// Everything counts.
pub fn complete() -> Policy {
    Policy {
        complete: true,
        scope: realign_planner::Scope::ALL,
        ..Policy::default()
    }
}
