//! Accounts with few rights, and servers with settings of their own.

use realign_mysql::{MYSQL, live};
use realign_planner::{Policy, Profile, Scope, diff};
use realign_runtime::{Connection, inspect};
use realign_testkit::{Live as _, mariadb, mariadb_with};

use crate::shop::{Shop, target};

const FAMILY: &str = "
CREATE TABLE parent (id INT NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB;
CREATE TABLE child (
  id INT NOT NULL, parent_id INT NOT NULL, PRIMARY KEY (id), KEY idx (parent_id),
  CONSTRAINT fk FOREIGN KEY (parent_id) REFERENCES parent (id) ON DELETE CASCADE
) ENGINE=InnoDB;
CREATE VIEW v AS SELECT id FROM parent;
";

#[test]
fn an_account_that_may_only_select_sees_no_false_difference() {
    let shop = Shop::on(mariadb(), FAMILY);
    let wish = shop.inspect();
    assert!(wish.remarks.is_empty());
    let account = shop
        .database
        .server()
        .user(&[&format!("SELECT ON {}.*", shop.database.name())]);
    let target = target(
        shop.database.server().port(),
        &account,
        shop.database.name(),
    );
    let connect = live::connect(&target).expect("makes sense");
    let mut connection = Connection::open(connect.as_ref()).expect("may log in");
    let found = inspect(&mut connection, &MYSQL, Profile::default()).expect("may read");
    let codes: Vec<_> = found.remarks.iter().map(|r| r.code.as_str()).collect();
    assert!(
        codes.contains(&"C301") && codes.contains(&"C302"),
        "{codes:?}"
    );
    let policy = Policy {
        scope: Scope::MAPPING,
        ..Policy::default()
    };
    let mut declared = wish.database.clone();
    declared.views.clear();
    let differences = diff(&found.database, &declared, &MYSQL, &found.facts, &policy);
    assert!(differences.in_sync(), "{differences:#?}");
}

#[test]
fn table_names_fold_where_the_server_folds_them() {
    let shop = Shop::on(
        mariadb_with(&["--lower-case-table-names=1"]),
        "CREATE TABLE Camel (id INT NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB; \
         CREATE TABLE other (camel_id INT NOT NULL, KEY idx (camel_id), \
           CONSTRAINT fk FOREIGN KEY (camel_id) REFERENCES Camel (id)) ENGINE=InnoDB;",
    );
    let mut wish = shop.inspect().database;
    for table in &mut wish.tables {
        table.name.name.text = table.name.name.text.replace("camel", "Camel");
        for key in &mut table.foreign_keys {
            key.ref_table.name.text = "Camel".to_owned();
        }
    }
    let differences = shop.differences(&wish, &Policy::default());
    assert!(differences.in_sync(), "{differences:#?}");
}

#[test]
fn renames_keep_the_rows() {
    let shop = Shop::on(
        mariadb(),
        &format!("{FAMILY} INSERT INTO parent VALUES (1); INSERT INTO child VALUES (1, 1);"),
    );
    let mut wish = shop.inspect().database;
    wish.views.clear();
    let child = wish
        .tables
        .iter_mut()
        .find(|t| t.name.name.text == "child")
        .expect("there");
    let former = child.name.clone();
    child.renamed_from.push(former);
    child.name.name.text = "kid".to_owned();
    let column = &mut child.columns[1];
    let former = column.name.clone();
    column.renamed_from.push(former);
    column.name.text = "elder".to_owned();
    column.data_type = realign_model::DataType::int(realign_model::IntWidth::W64);
    child.foreign_keys[0].columns[0].text = "elder".to_owned();
    child.indexes[0].parts[0] = realign_model::IndexPart::column("elder".into());
    let parent = wish
        .tables
        .iter_mut()
        .find(|t| t.name.name.text == "parent")
        .expect("there");
    parent.columns[0].data_type = realign_model::DataType::int(realign_model::IntWidth::W64);
    shop.update(&wish, &Policy::default()).expect("updated");
    assert_eq!(
        shop.database.rows("SELECT id, elder FROM kid"),
        [["1", "1"]]
    );
}
