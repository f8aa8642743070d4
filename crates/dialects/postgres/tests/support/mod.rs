//! A database of the shared server, and the whole way from a wish to a proven database.

use std::fs;
use std::path::Path;

use realign_model::Database;
use realign_planner::{Diff, Plan, Policy, Profile, Weight, diff, plan};
use realign_postgres::POSTGRES;
use realign_runtime::{
    Connection, Inspection, Secret, Stop, Target, apply, inspect, precheck, verify,
};
use realign_testkit::{Live as _, PostgresDatabase, postgres};

/// A database of its own.
pub(crate) struct TestDatabase {
    live: PostgresDatabase,
}

impl TestDatabase {
    pub(crate) fn new() -> Self {
        Self {
            live: postgres().database(),
        }
    }

    /// A copy, faster than making it again.
    pub(crate) fn copy_of(other: &Self) -> Self {
        Self {
            live: other.live.copy(),
        }
    }

    pub(crate) fn with(script: &str) -> Self {
        let database = Self::new();
        database.run(script);
        database
    }

    /// Runs a script; the error is what the client said.
    pub(crate) fn try_run(&self, script: &str) -> Result<String, String> {
        let bare = "\\pset tuples_only on\n\\pset format unaligned\n";
        self.live.try_client(&format!("{bare}{script}"))
    }

    /// The same, going on after an error: a dump may need extensions and roles that are not here.
    pub(crate) fn load(&self, script: &str) {
        let on = "\\unset ON_ERROR_STOP\n";
        self.live.client(&format!("{on}{script}"));
    }

    pub(crate) fn run(&self, script: &str) -> String {
        self.try_run(script).unwrap_or_else(|e| {
            panic!("{e}\nin: {}", script.chars().take(2000).collect::<String>())
        })
    }

    /// The schema as the engine's own tool prints it, in an order that no history shows.
    pub(crate) fn dump(&self) -> Vec<String> {
        let text = self.live.printed(&["--no-comments"]);
        let mut parts: Vec<String> = text
            .split(";\n")
            .map(|statement| {
                let mut lines: Vec<String> = statement
                    .lines()
                    .filter(|l| {
                        !l.starts_with("--") && !l.trim().is_empty() && !l.starts_with('\\')
                    })
                    .map(|l| unnamed(l.trim().trim_end_matches(',')))
                    .collect();
                // The order of columns is none.
                if lines.first().is_some_and(|l| l.starts_with("CREATE TABLE")) {
                    lines[1..].sort();
                }
                lines.join("\n")
            })
            .filter(|s| {
                // Rights are the administrator's.
                !s.is_empty()
                    && !s.starts_with("GRANT ")
                    && !s.starts_with("REVOKE ")
                    && !s.starts_with("SET ")
                    && !s.starts_with("SELECT pg_catalog")
            })
            .collect();
        parts.sort();
        parts
    }

    pub(crate) fn target(&self) -> Target {
        target(&self.live)
    }

    pub(crate) fn open(&self) -> Connection {
        let connect = realign_postgres::live::connect(&self.target()).expect("a complete address");
        Connection::open(connect.as_ref()).expect("the server is up")
    }

    pub(crate) fn inspect(&self) -> Inspection {
        inspect(&mut self.open(), &POSTGRES, Profile::default()).expect("readable")
    }

    /// What differs from a wish.
    pub(crate) fn diff(&self, wish: &Database, policy: &Policy) -> Diff {
        let found = self.inspect();
        diff(&found.database, wish, &POSTGRES, &found.facts, policy)
    }

    /// The plan towards a wish.
    pub(crate) fn plan(&self, wish: &Database, policy: &Policy) -> Plan {
        let found = self.inspect();
        let diff = diff(&found.database, wish, &POSTGRES, &found.facts, policy);
        plan(
            &diff,
            &found.database,
            wish,
            &POSTGRES,
            &found.facts,
            &found.sizes,
            policy,
        )
    }

    /// Goes the whole way; the error is what stood in the way, or what is left.
    pub(crate) fn update(&self, wish: &Database, policy: &Policy) -> Result<Plan, String> {
        let plan = self.plan(wish, policy);
        let mut connection = self.open();
        let checked = precheck(&mut connection, &plan).map_err(|e| format!("{e:?}"))?;
        let hard: Vec<_> = checked.refusals.iter().filter(|r| !r.lossy).collect();
        if !hard.is_empty() {
            return Err(format!("refused: {hard:#?}"));
        }
        apply(&mut connection, &plan, &mut (), &Stop::default())
            .map_err(|failure| format!("{:?}\n{}", failure.error, script(&plan)))?;
        verify(&mut connection, &POSTGRES, &plan)
            .map_err(|e| format!("{e:?}\n{}", script(&plan)))?;
        Ok(plan)
    }
}

/// The address of a database, for the account that may do everything.
pub(crate) fn target(database: &PostgresDatabase) -> Target {
    let url = database.url();
    let (_, account) = url.split_once("://").expect("a URL");
    let (account, _) = account.split_once('@').expect("with an account");
    let (user, password) = account.split_once(':').expect("with a password");
    Target {
        scheme: "postgres".to_owned(),
        host: "127.0.0.1".to_owned(),
        port: Some(database.server().port()),
        user: Some(user.to_owned()),
        password: Some(Secret::new(password)),
        database: database.name().to_owned(),
        ..Target::default()
    }
}

/// Since version 18 a NOT NULL has a name, which says nothing of the column.
fn unnamed(line: &str) -> String {
    let words = line.split_once(" CONSTRAINT ").and_then(|(before, after)| {
        let (_, rest) = after.split_once(" NOT NULL")?;
        Some(format!("{before} NOT NULL{rest}"))
    });
    words.unwrap_or_else(|| line.to_owned())
}

/// Every statement of a plan.
pub(crate) fn script(plan: &Plan) -> String {
    let lines: Vec<String> = plan.statements().map(|s| format!("{};\n", s.sql)).collect();
    lines.concat()
}

/// The wish that a database is: as if it had been declared, marks included.
pub(crate) fn wish_of(database: &TestDatabase) -> Database {
    let mut wish = database.inspect().database;
    for table in &mut wish.tables {
        for column in &mut table.columns {
            column.type_mark.get_or_insert_with(String::new);
        }
    }
    wish
}

/// The lines of a diff that weigh something.
pub(crate) fn differences(diff: &Diff) -> Vec<String> {
    diff.of(Weight::Differs)
        .map(|f| format!("{} {:?}", f.object, f.aspect))
        .collect()
}

/// The mapping of these folders; a file of a later one replaces that of an earlier one.
pub(crate) fn mapping(folders: &[&Path]) -> Database {
    use realign_planner::Dialect as _;
    use realign_sources::{DoctrineOptions, SourceFile, load_doctrine_xml};
    let mut files = std::collections::BTreeMap::new();
    for entry in folders
        .iter()
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| fs::read_dir(folder).expect("mappings").flatten())
    {
        let path = entry.file_name().to_string_lossy().into_owned();
        let text = fs::read_to_string(entry.path()).expect("text");
        files.insert(path.clone(), SourceFile { path, text });
    }
    let facts = POSTGRES.offline_facts("postgresql-15").expect("known");
    let files: Vec<SourceFile> = files.into_values().collect();
    let read = load_doctrine_xml(
        &files,
        &DoctrineOptions::default(),
        POSTGRES.doctrine(),
        &facts,
    );
    assert!(!read.has_errors(), "{:#?}", read.diagnostics);
    read.database
}
