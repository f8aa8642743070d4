//! An application of our own, and the binary run in its folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::Value;

/// What a command answered.
pub(crate) struct Answer {
    code: i32,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl Answer {
    /// Ended with this exit code.
    #[track_caller]
    pub(crate) fn ended(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "\n--- stdout\n{}\n--- stderr\n{}",
            self.out, self.err
        );
        self
    }

    /// Standard output holds these words.
    #[track_caller]
    pub(crate) fn says(self, words: &str) -> Self {
        assert!(self.out.contains(words), "no `{words}` in\n{}", self.out);
        self
    }

    /// Standard error holds these words.
    #[track_caller]
    pub(crate) fn warns(self, words: &str) -> Self {
        assert!(self.err.contains(words), "no `{words}` in\n{}", self.err);
        self
    }

    /// Standard output as one document.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}\n{}{}", self.out, self.err))
    }
}

/// An application in a folder of its own: mappings of two releases and a database.
pub(crate) struct App {
    folder: tempfile::TempDir,
}

impl App {
    /// With mappings, without a database.
    pub(crate) fn new() -> Self {
        let app = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        app.write("v1/Entities.Cust.dcm.xml", CUST_1);
        app.write("v1/Entities.Vlan.dcm.xml", VLAN_1);
        app.write("v2/Entities.Cust.dcm.xml", CUST_2);
        app.write("v2/Entities.Vlan.dcm.xml", VLAN_2);
        app
    }

    /// The same, created as the first release declares it, with rows.
    pub(crate) fn running() -> Self {
        let app = Self::new();
        app.v1(&["schema", "create", "--force"]).ended(0);
        app.sql(
            "INSERT INTO cust (id, name, shortname) VALUES (1, 'Acme', 'acme'), (2, 'Lonap', 'lonap');
             INSERT INTO vlan (id, name, number, custid) VALUES (1, 'Peering', 10, 1), (2, 'Quarantine', 3998, 2);",
        );
        app
    }

    /// A file of it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub(crate) fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Runs a command in its folder.
    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        let output = Command::new(env!("CARGO_BIN_EXE_realign"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("DATABASE_URL")
            .env_remove("REALIGN_DATABASE_URL")
            .output()
            .unwrap();
        Answer {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs a command with a mapping and the database.
    pub(crate) fn with(&self, mapping: &str, arguments: &[&str]) -> Answer {
        let mapping = format!("doctrine-xml:{mapping}");
        let mut all = vec!["--database-url", "sqlite:app.db", "--schema", &mapping];
        all.extend(arguments);
        self.run(&all)
    }

    /// With the mapping of the first release.
    pub(crate) fn v1(&self, arguments: &[&str]) -> Answer {
        self.with("v1", arguments)
    }

    /// With that of the second.
    pub(crate) fn v2(&self, arguments: &[&str]) -> Answer {
        self.with("v2", arguments)
    }

    fn db(&self) -> Connection {
        Connection::open(self.path("app.db")).unwrap()
    }

    /// Executes SQL.
    #[track_caller]
    pub(crate) fn sql(&self, script: &str) {
        self.db().execute_batch(script).unwrap();
    }

    /// The only value of a query.
    #[track_caller]
    pub(crate) fn one(&self, query: &str) -> String {
        self.db()
            .query_row(query, [], |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| match value {
                rusqlite::types::Value::Null => "NULL".to_owned(),
                rusqlite::types::Value::Integer(n) => n.to_string(),
                rusqlite::types::Value::Real(n) => n.to_string(),
                rusqlite::types::Value::Text(text) => text,
                rusqlite::types::Value::Blob(_) => "blob".to_owned(),
            })
            .unwrap()
    }

    /// What SQLite itself holds of the schema.
    pub(crate) fn stored(&self) -> String {
        self.one(
            "SELECT group_concat(sql, char(10)) FROM (SELECT sql FROM sqlite_schema ORDER BY name)",
        )
    }
}

/// How a mapping begins.
pub(crate) const HEAD: &str =
    r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">"#;

/// Customers of the first release.
pub(crate) const CUST_1: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Entities\Cust" table="cust">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="255" nullable="true"/>
    <field name="shortname" type="string" length="255" nullable="true"/>
  </entity>
</doctrine-mapping>
"#;

const VLAN_1: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Entities\Vlan" table="vlan">
    <indexes>
      <index name="idx_number" columns="number"/>
    </indexes>
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="255" nullable="true"/>
    <field name="number" type="integer" nullable="true"/>
    <many-to-one field="Cust" target-entity="Entities\Cust">
      <join-columns><join-column name="custid" referenced-column-name="id"/></join-columns>
    </many-to-one>
  </entity>
</doctrine-mapping>
"#;

const CUST_2: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Entities\Cust" table="cust">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="255" nullable="true"/>
    <field name="shortname" type="string" length="255" nullable="true" unique="true"/>
    <field name="peering" type="boolean"><options><option name="default">0</option></options></field>
  </entity>
</doctrine-mapping>
"#;

const VLAN_2: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Entities\Vlan" table="vlan">
    <indexes>
      <index name="idx_number_name" columns="number,name"/>
    </indexes>
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="255" nullable="true"/>
    <field name="number" type="bigint" nullable="true"/>
    <many-to-one field="Cust" target-entity="Entities\Cust">
      <join-columns><join-column name="custid" referenced-column-name="id" on-delete="CASCADE"/></join-columns>
    </many-to-one>
  </entity>
</doctrine-mapping>
"#;

/// Only the owner may read it.
#[cfg(unix)]
pub(crate) fn assert_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "{}", path.display());
}

/// Nothing to ask where files have no modes.
#[cfg(not(unix))]
pub(crate) fn assert_private(_path: &Path) {}
