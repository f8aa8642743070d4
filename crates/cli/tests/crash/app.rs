//! An application with migrations and a mapping, the way from its old state to its new one, and
//! what a database is compared by.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use realign_testkit::{Live, Shape, mariadb, mysql_or_say, postgres, rows, sqlite_file};
use tempfile::TempDir;

use crate::program::Program;

/// An engine, and a new database on the server that all tests share.
#[derive(Clone, Copy)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    open: fn() -> Option<Box<dyn Live>>,
}

pub(crate) const SQLITE: Engine = Engine {
    name: "sqlite",
    open: || Some(Box::new(sqlite_file())),
};
pub(crate) const MARIADB: Engine = Engine {
    name: "mariadb",
    open: || Some(Box::new(mariadb().database())),
};
pub(crate) const MYSQL: Engine = Engine {
    name: "mysql",
    open: || Some(Box::new(mysql_or_say()?.database())),
};
pub(crate) const POSTGRES: Engine = Engine {
    name: "postgresql",
    open: || Some(Box::new(postgres().database())),
};

impl Engine {
    pub(crate) fn database(self) -> Option<Box<dyn Live>> {
        (self.open)()
    }
}

/// What a database is brought along by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Migrations with definitions and rows mixed.
    Migrate,
    /// A mapping that is new.
    Update,
    /// What the engine's own program has written of a database, and a migration behind it.
    Dump,
    /// One migration whose ALTER and UPDATE take long.
    Long,
    /// Migrations of which the database has some already.
    Included,
    /// The same in one transaction.
    IncludedTogether,
}

/// An application in a folder of its own, its database in the old state.
pub(crate) struct App {
    pub(crate) engine: &'static str,
    pub(crate) database: Box<dyn Live>,
    way: Way,
    folder: TempDir,
}

/// What has to be the same after a kill and a further run.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct State {
    shape: Shape,
    rows: BTreeMap<String, Vec<Vec<String>>>,
    history: Vec<Vec<String>>,
}

/// The history has times and names of hosts in it.
const HISTORY: &str = "realign_migrations";

impl App {
    pub(crate) fn new(engine: &'static str, database: Box<dyn Live>, way: Way) -> Self {
        let folder = TempDir::with_prefix("crash-").expect("the temporary folder can be written");
        let app = Self {
            engine,
            database,
            way,
            folder,
        };
        app.configure("");
        match way {
            Way::Migrate => {
                app.database.client(OLD_TABLES);
                for (name, text) in migrations(engine) {
                    app.write(&format!("migrations/{name}"), text);
                }
            }
            Way::Update => {
                app.database.client(&old_schema(engine));
                app.write("mapping/Shop.Customer.dcm.xml", CUSTOMER);
                app.write("mapping/Shop.Invoice.dcm.xml", INVOICE);
                app.write("mapping/Shop.Payment.dcm.xml", PAYMENT);
            }
            // Whoever has the dump writes it.
            Way::Dump => {}
            Way::Included | Way::IncludedTogether => {
                app.database.client(OLD_TABLES);
                let made = included(engine, way);
                for (name, sql) in &made {
                    if name.contains("there") {
                        app.database.client(sql);
                    }
                    app.write(&format!("migrations/{name}.sql"), sql);
                }
            }
            Way::Long => {
                app.database.client(&big_table(engine));
                app.write("migrations/20260201000000_long.sql", long(engine));
            }
        }
        app
    }

    fn configure(&self, more: &str) {
        let text = format!(
            "[database]\nurl = \"{}\"\n[schema]\nsources = [\"doctrine-xml:mapping\"]\n\
             doctrine = \"orm-2.14/dbal-3.6\"\n{more}",
            self.database.url()
        );
        self.write("realign.toml", &text);
    }

    /// A lease of so many seconds.
    pub(crate) fn leases(&self, seconds: u64) {
        self.configure(&format!("[lock]\nlease = {seconds}\n"));
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.folder().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("own folder");
        std::fs::write(path, text).expect("own folder");
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    /// A command of the program in the application's folder.
    pub(crate) fn program(&self, words: &str) -> Program {
        Program::new(self.folder(), words)
    }

    /// The command that brings the database along.
    pub(crate) fn forward(&self) -> Program {
        self.program(match self.way {
            Way::Migrate | Way::Dump | Way::Long | Way::Included => {
                "migrate -n --allow-no-migration"
            }
            Way::IncludedTogether => "migrate -n --allow-no-migration --all-or-nothing",
            Way::Update => "schema update --force",
        })
    }

    /// Runs that command to its end, in which nothing may be left to do.
    #[track_caller]
    pub(crate) fn arrives(&self) {
        let ended = self.forward().run();
        assert_eq!(ended.code(), 0, "on {}: {}", self.engine, ended.text);
        let again = self.forward().run();
        assert_eq!(again.code(), 0, "on {}: {}", self.engine, again.text);
        let nothing = ["already at", "Already at", "Nothing to update"];
        assert!(
            nothing.iter().any(|words| again.text.contains(words)),
            "something was left to do on {}: {}\nafter: {}",
            self.engine,
            again.text,
            ended.text
        );
    }

    /// What all runs of the program here have said, for who has to understand a failure.
    pub(crate) fn outputs(&self) -> String {
        let mut files: Vec<_> = std::fs::read_dir(self.folder())
            .expect("own folder")
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with("output-")
            })
            .collect();
        files.sort_by_key(|path| path.metadata().and_then(|m| m.created()).ok());
        files
            .iter()
            .map(|path| std::fs::read_to_string(path).unwrap_or_default())
            .collect::<Vec<_>>()
            .join("---\n")
    }

    /// How the database stands.
    pub(crate) fn state(&self) -> State {
        let mut rows: BTreeMap<String, Vec<Vec<String>>> = rows(self.database.as_ref())
            .into_iter()
            .map(|(table, rows)| (table, rows.values))
            .collect();
        for values in rows.values_mut() {
            values.sort();
        }
        let history = match rows.remove(HISTORY) {
            Some(_) => self.database.rows(&format!(
                "SELECT version, outcome FROM {HISTORY} ORDER BY version"
            )),
            None => Vec::new(),
        };
        State {
            shape: Shape::of(self.database.as_ref()),
            rows,
            history,
        }
    }

    /// How often the history says that of its migrations.
    pub(crate) fn recorded(&self, outcome: &str) -> usize {
        self.database
            .rows(&format!(
                "SELECT version FROM {HISTORY} WHERE outcome = '{outcome}'"
            ))
            .len()
    }

    /// Compares with the state of a run that nobody disturbed.
    #[track_caller]
    pub(crate) fn stands_as(&self, wanted: &State, told: &dyn Fn() -> String) {
        let now = self.state();
        if now == *wanted {
            return;
        }
        let mut text = wanted.shape.differences(&now.shape);
        for (table, rows) in &wanted.rows {
            let there = now.rows.get(table);
            if there != Some(rows) {
                let _ = write!(text, "rows of {table}\n- {rows:?}\n+ {there:?}\n");
            }
        }
        if wanted.history != now.history {
            let _ = write!(text, "- {:?}\n+ {:?}\n", wanted.history, now.history);
        }
        panic!("on {}, {:?}, {}\n{text}", self.engine, self.way, told());
    }
}

/// No counted column: counters stand outside of transactions, and have gaps after a kill.
const OLD_TABLES: &str = "
    CREATE TABLE person (id INT PRIMARY KEY, name VARCHAR(100) NOT NULL, visits INT NOT NULL DEFAULT 0);
    INSERT INTO person (id, name) VALUES (1, 'Ada'), (2, 'Grace'), (3, 'Edsger');
    CREATE TABLE obsolete (id INT PRIMARY KEY);
    CREATE TABLE note (text VARCHAR(100) NOT NULL);
    CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL);
    INSERT INTO account (id, balance) VALUES (1, 100), (2, 7);";

/// Statements of which each would be seen if it ran twice or not at all.
fn migrations(engine: &str) -> [(&'static str, &'static str); 4] {
    [
        (
            "20260101000000_begin.sql",
            "CREATE TABLE city (id INT PRIMARY KEY, name VARCHAR(50) NOT NULL);
             INSERT INTO city (id, name) VALUES (1, 'London'), (2, 'Austin');
             UPDATE account SET balance = balance * 3;
             CREATE INDEX person_name ON person (name);",
        ),
        (
            "20260102000000_middle.sql",
            match engine {
                "postgresql" => {
                    "ALTER TABLE person ADD COLUMN country VARCHAR(2);
                     UPDATE person SET visits = visits + 1;
                     CREATE INDEX CONCURRENTLY person_visits ON person (visits);
                     COPY note (text) FROM stdin;\ncopied\ntwice\n\\.\n
                     INSERT INTO note (text) SELECT name FROM person ORDER BY id;
                     SELECT pg_catalog.set_config('search_path', '', false);
                     ALTER TABLE public.person ADD COLUMN city VARCHAR(50) DEFAULT 'none';
                     UPDATE public.account SET balance = balance + 5;
                     DROP INDEX CONCURRENTLY public.person_name;
                     CREATE INDEX CONCURRENTLY account_balance ON public.account (balance);
                     DROP TABLE public.obsolete;
                     COPY public.city FROM STDIN (FORMAT csv);\n3,\"of two\nlines\"\n\\.\n"
                }
                _ => {
                    "ALTER TABLE person ADD COLUMN country VARCHAR(2);
                     UPDATE person SET visits = visits + 1;
                     INSERT INTO note (text) SELECT name FROM person ORDER BY id;
                     ALTER TABLE person ADD COLUMN city VARCHAR(50) DEFAULT 'none';
                     CREATE INDEX person_visits ON person (visits);
                     UPDATE account SET balance = balance + 5;
                     DROP TABLE obsolete;"
                }
            },
        ),
        // Between two others, and each begins with what commits by itself: the record of one is
        // that of the next.
        (
            "20260102120000_short.sql",
            "CREATE TABLE street (id INT PRIMARY KEY, name VARCHAR(50) NOT NULL);",
        ),
        (
            "20260103000000_end.sql",
            "UPDATE account SET balance = balance * 2 WHERE id = 1;
             ALTER TABLE person RENAME TO people;
             CREATE VIEW visitors AS SELECT id, name FROM people WHERE visits > 0;
             INSERT INTO note (text) VALUES ('done');
             UPDATE people SET country = 'NL' WHERE id = 3;",
        ),
    ]
}

/// Migrations, and those with `there` in their names have been made already: one is the first of
/// all, one comes right behind another, and settings of the session stand around one.
fn included(engine: &str, way: Way) -> [(&'static str, String); 6] {
    let (off, on) = match engine {
        // Others have no place in a transaction.
        "sqlite" if way == Way::IncludedTogether => (
            "PRAGMA defer_foreign_keys = 1",
            "PRAGMA defer_foreign_keys = 0",
        ),
        "sqlite" => (
            "PRAGMA recursive_triggers = 1",
            "PRAGMA recursive_triggers = 0",
        ),
        "postgresql" => (
            "SET client_min_messages = error",
            "RESET client_min_messages",
        ),
        _ => ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1"),
    };
    let (off, on) = (format!("{off};\n"), format!(";\n{on};"));
    [
        (
            "20260201000000_there",
            format!("{off}CREATE TABLE city (id INT NOT NULL PRIMARY KEY, name VARCHAR(50)){on}"),
        ),
        (
            "20260202000000_new",
            "CREATE TABLE street (id INT NOT NULL PRIMARY KEY);".to_owned(),
        ),
        (
            "20260203000000_there",
            "ALTER TABLE person ADD country VARCHAR(2);\nCREATE INDEX person_name ON person (name);"
                .to_owned(),
        ),
        (
            "20260204000000_there",
            "CREATE TABLE land (id INT NOT NULL PRIMARY KEY);".to_owned(),
        ),
        (
            "20260205000000_rows",
            "UPDATE account SET balance = balance * 3;\nCREATE TABLE river (id INT NOT NULL PRIMARY KEY);"
                .to_owned(),
        ),
        (
            "20260206000000_there",
            "CREATE VIEW rich AS SELECT id FROM account WHERE balance > 100;".to_owned(),
        ),
    ]
}

/// The schema of which the mapping below is the next version, with rows.
fn old_schema(engine: &str) -> String {
    let number = if engine == "sqlite" { "INTEGER" } else { "INT" };
    let end = match engine {
        "mariadb" | "mysql" => {
            "DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_unicode_ci` ENGINE = InnoDB"
        }
        _ => "",
    };
    let mut script = format!(
        "CREATE TABLE customer (id {number} NOT NULL, name VARCHAR(100) NOT NULL, kind {number} NOT NULL, PRIMARY KEY (id)) {end};
         CREATE TABLE invoice (id {number} NOT NULL, customer_id {number} DEFAULT NULL, amount NUMERIC(8, 2) NOT NULL, state VARCHAR(20) DEFAULT NULL, PRIMARY KEY (id)) {end};\n"
    );
    for n in 1..=8 {
        let _ = write!(script,
            "INSERT INTO customer (id, name, kind) VALUES ({n}, 'customer {n}', {n});
             INSERT INTO invoice (id, customer_id, amount, state) VALUES ({n}, {n}, {n}.5, 'open');\n"
        );
    }
    script
}

const CUSTOMER: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
<entity name="Shop\Customer" table="customer">
  <indexes><index name="customer_name" columns="name"/></indexes>
  <id name="id" type="integer"/>
  <field name="name" type="string" length="255"/>
  <field name="kind" type="bigint"/>
  <field name="country" type="string" length="2" nullable="true"/>
</entity></doctrine-mapping>"#;

const INVOICE: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
<entity name="Shop\Invoice" table="invoice">
  <indexes><index name="invoice_state" columns="state"/></indexes>
  <id name="id" type="integer"/>
  <field name="amount" type="decimal" precision="12" scale="2"/>
  <field name="state" type="string" length="30" nullable="true"/>
  <field name="paid" type="boolean"><options><option name="default">0</option></options></field>
  <many-to-one field="customer" target-entity="Shop\Customer">
    <join-column name="customer_id" referenced-column-name="id"/>
  </many-to-one>
</entity></doctrine-mapping>"#;

const PAYMENT: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
<entity name="Shop\Payment" table="payment">
  <unique-constraints><unique-constraint name="payment_reference" columns="reference"/></unique-constraints>
  <id name="id" type="integer"/>
  <field name="reference" type="string" length="40"/>
  <many-to-one field="invoice" target-entity="Shop\Invoice">
    <join-column name="invoice_id" referenced-column-name="id"/>
  </many-to-one>
</entity></doctrine-mapping>"#;

/// A table on which statements take a while: by its size where the engine has nothing slower.
fn big_table(engine: &str) -> String {
    let rows = match engine {
        "sqlite" => {
            "INSERT INTO big (id, n) WITH RECURSIVE s(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s WHERE x < 20) SELECT x, x FROM s;"
        }
        "postgresql" => {
            "INSERT INTO big (id, n) SELECT x, x FROM generate_series(1, 20) x;
             CREATE TABLE poured (id INT PRIMARY KEY);
             CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NEW; END $$;
             CREATE TRIGGER slowly BEFORE INSERT ON poured FOR EACH ROW EXECUTE FUNCTION slowly();"
        }
        "mariadb" => "INSERT INTO big (id, n) SELECT seq, seq FROM seq_1_to_60000;",
        _ => {
            "SET SESSION cte_max_recursion_depth = 100000;
             INSERT INTO big (id, n) WITH RECURSIVE s(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM s WHERE x < 60000) SELECT x, x FROM s;"
        }
    };
    format!(
        "CREATE TABLE big (id INT PRIMARY KEY, n INT NOT NULL, filler VARCHAR(200) NOT NULL DEFAULT 'a row that takes some room');
         CREATE TABLE small (id INT PRIMARY KEY, n INT NOT NULL);
         INSERT INTO small (id, n) VALUES (1, 1), (2, 2), (3, 3), (4, 4);
         {rows}"
    )
}

/// Between two short changes of rows: an ALTER and an UPDATE of about a second each.
fn long(engine: &str) -> &'static str {
    match engine {
        "sqlite" => {
            "UPDATE small SET n = n * 2 WHERE id = 1;
             ALTER TABLE big ADD COLUMN m INT;
             UPDATE big SET n = n + (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 60000) SELECT COUNT(*) FROM c);
             UPDATE small SET n = n * 3 WHERE id = 2;"
        }
        "postgresql" => {
            "UPDATE small SET n = n * 2 WHERE id = 1;
             -- realign:transaction off
             ALTER TABLE big ALTER COLUMN n TYPE BIGINT USING n + CASE WHEN pg_sleep(0.04) IS NULL THEN 1 ELSE 1 END;
             UPDATE big SET n = n + CASE WHEN pg_sleep(0.04) IS NULL THEN 1 ELSE 1 END;
             CREATE INDEX CONCURRENTLY big_n ON big (n);
             COPY poured FROM stdin;\n1\n2\n3\n4\n5\n6\n7\n8\n\\.\n
             UPDATE small SET n = n * 3 WHERE id = 2;"
        }
        _ => {
            "UPDATE small SET n = n * 2 WHERE id = 1;
             ALTER TABLE big ADD COLUMN m INT, ALGORITHM = COPY;
             UPDATE small SET n = n + 1 + SLEEP(0.2);
             ALTER TABLE big ADD INDEX big_filler (filler), ADD INDEX big_n (n);
             UPDATE small SET n = n * 3 WHERE id = 2;"
        }
    }
}
