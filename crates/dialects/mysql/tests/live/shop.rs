//! A database that is inspected, compared and updated as the program does it.

use realign_model::Database;
use realign_mysql::{MYSQL, live};
use realign_planner::{Diff, Plan, Policy, Profile, diff, plan};
use realign_runtime::{
    Connection, Inspection, Secret, Stop, Target, apply, inspect, precheck, verify,
};
use realign_testkit::{Account, Server, Shape, TestDatabase};

/// A database of one test.
pub(crate) struct Shop {
    pub(crate) database: TestDatabase,
}

impl Shop {
    /// A new database on this server.
    pub(crate) fn on(server: &'static Server, script: &str) -> Self {
        let database = server.database();
        database.client(script);
        Self { database }
    }

    /// The address, for the account that may do everything.
    pub(crate) fn target(&self) -> Target {
        let server = self.database.server();
        target(
            server.port(),
            &Account {
                name: "testkit".to_owned(),
                password: server.password().to_owned(),
            },
            self.database.name(),
        )
    }

    pub(crate) fn connection(&self) -> Connection {
        let connect = live::connect(&self.target()).expect("the address makes sense");
        Connection::open(connect.as_ref()).expect("the server is up")
    }

    pub(crate) fn inspect(&self) -> Inspection {
        inspect(&mut self.connection(), &MYSQL, Profile::default()).expect("the catalogue is read")
    }

    /// What differs from a declared schema.
    pub(crate) fn differences(&self, wish: &Database, policy: &Policy) -> Diff {
        let found = self.inspect();
        diff(&found.database, wish, &MYSQL, &found.facts, policy)
    }

    /// The plan to a declared schema.
    pub(crate) fn plan(&self, wish: &Database, policy: &Policy) -> Plan {
        let found = self.inspect();
        let differences = diff(&found.database, wish, &MYSQL, &found.facts, policy);
        plan(
            &differences,
            &found.database,
            wish,
            &MYSQL,
            &found.facts,
            &found.sizes,
            policy,
        )
    }

    /// Brings the database to a declared schema; the error says what went wrong where.
    pub(crate) fn update(&self, wish: &Database, policy: &Policy) -> Result<Plan, String> {
        let plan = self.plan(wish, policy);
        let mut connection = self.connection();
        let asked =
            precheck(&mut connection, &plan).map_err(|e| format!("precheck: {e} {:?}", e.notes))?;
        if let Some(refusal) = asked.refusals.first() {
            return Err(format!(
                "refused: {} {} {}",
                refusal.code, refusal.message, refusal.count_text
            ));
        }
        let sent: Vec<_> = plan.statements().map(|s| s.sql.clone()).collect();
        apply(&mut connection, &plan, &mut (), &Stop::default()).map_err(|f| {
            format!(
                "failed: {} {:?}\n{}",
                f.error,
                f.error.notes,
                sent.join("\n")
            )
        })?;
        verify(&mut connection, &MYSQL, &plan)
            .map_err(|e| format!("{e}: {:?}\n{}", e.notes, sent.join("\n")))?;
        Ok(plan)
    }

    /// The database as its own client shows it.
    pub(crate) fn outside(&self) -> Shape {
        Shape::of(&self.database)
    }
}

/// An address on this machine.
pub(crate) fn target(port: u16, account: &Account, database: &str) -> Target {
    Target {
        scheme: "mariadb".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: Some(port),
        user: Some(account.name.clone()),
        password: Some(Secret::new(account.password.clone())),
        database: database.to_owned(),
        ..Target::default()
    }
}
