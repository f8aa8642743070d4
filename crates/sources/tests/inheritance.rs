//! Hierarchies: mapped superclasses, one table for all, a table for each.

#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "mappings are put together as text"
)]

mod platform;

use platform::{describe, load, said};

const D2: &str = "orm-2.8/dbal-2.13";
const D3: &str = "orm-2.14/dbal-3.6";
const D4: &str = "orm-3.3/dbal-4.2";

const ANIMALS: &str = r#"
<entity name="Z\Animal" inheritance-type="SINGLE_TABLE">
  <discriminator-map><discriminator-mapping value="a" class="Animal"/><discriminator-mapping value="c" class="Cat"/></discriminator-map>
  <id name="id" type="integer"><generator strategy="AUTO"/></id>
  <field name="n" length="9"/>
</entity>
<entity name="Z\Cat">
  <field name="lives" type="integer"/>
  <many-to-one field="owner" target-entity="Animal"><join-column name="owner_id" nullable="false"/></many-to-one>
  <one-to-one field="mate" target-entity="Cat"/>
</entity>"#;

#[test]
fn one_table_for_all() {
    let mapping = load(&[ANIMALS], D4);
    assert_eq!(
        describe(&mapping),
        "\
Animal
  n VARCHAR(9)
  id INT AUTO
  dtype VARCHAR(255)
  lives INT NULL
  mate_id INT NULL
  owner_id INT
  PRIMARY (id)
  INDEX IDX_6D0726292D0F73B8 (mate_id)
  INDEX IDX_6D0726297E3C61F9 (owner_id)
  FK_6D0726292D0F73B8 (mate_id) -> Animal (id)
  FK_6D0726297E3C61F9 (owner_id) -> Animal (id)
"
    );
    assert!(said(&mapping).is_empty());
    assert!(mapping.classes.iter().all(|c| c.problems.is_empty()));
}

#[test]
fn indexes_of_a_child_in_one_table_are_ignored_and_said() {
    let child =
        r#"<entity name="C"><indexes><index columns="x"/></indexes><field name="x"/></entity>"#;
    let root = r#"<entity name="R" inheritance-type="SINGLE_TABLE"><discriminator-column name="kind" type="integer"/>
      <discriminator-map><discriminator-mapping value="1" class="R"/><discriminator-mapping value="2" class="C"/></discriminator-map>
      <id name="id" type="integer"/></entity>"#;
    let mapping = load(&[child, root], D3);
    assert!(mapping.database.tables[0].indexes.is_empty());
    assert_eq!(said(&mapping).len(), 1);
    assert!(said(&mapping)[0].starts_with("D039 f0.xml:2"));
}

#[test]
fn a_table_for_each() {
    let files = [
        r#"<entity name="Base" table="base" inheritance-type="JOINED">
        <discriminator-column name="kind" length="20"/>
        <discriminator-map><discriminator-mapping value="b" class="Base"/><discriminator-mapping value="c" class="Child"/><discriminator-mapping value="g" class="Grand"/></discriminator-map>
        <id name="id" type="integer"><generator strategy="AUTO"/></id><field name="bx" type="json"/>
        <many-to-one field="up" target-entity="Base"/></entity>
      <entity name="Child" table="child"><field name="cx" type="datetime"/></entity>
      <entity name="Grand" table="grand" extends="Child"><field name="gx" type="date"/></entity>"#,
    ];
    for profile in [D2, D3, D4] {
        let text = describe(&load(&files, profile));
        assert!(
            text.contains("  FK_22B35429BF396750 (id) -> base (id) CASCADE"),
            "{text}"
        );
    }
    assert_eq!(
        describe(&load(&files, D4)),
        "\
base
  bx TEXT
  id INT AUTO
  up_id INT NULL
  kind VARCHAR(20)
  PRIMARY (id)
  INDEX IDX_C0B4FE6152F241C (up_id)
  FK_C0B4FE6152F241C (up_id) -> base (id)
child
  cx DATETIME
  id INT
  PRIMARY (id)
  FK_22B35429BF396750 (id) -> base (id) CASCADE
grand
  gx DATE
  id INT
  PRIMARY (id)
  FK_D4B27628BF396750 (id) -> base (id) CASCADE
"
    );
}

#[test]
fn mapped_superclasses_give_their_columns_and_indexes_first() {
    let superclass = r#"<mapped-superclass name="M\Base">
        <indexes><index columns="made"/><index name="by_kind" columns="kind"/></indexes>
        <id name="id" type="integer"><generator strategy="AUTO"/></id>
        <field name="made" type="datetime"/><field name="kind" type="string" length="10"/>
        <many-to-one field="author" target-entity="User"/></mapped-superclass>"#;
    let user = r#"<entity name="M\User" table="user" xmlns:r="urn:realign" r:extends="Base">
        <indexes><index columns="name"/></indexes><field name="name"/>
        <attribute-overrides><attribute-override name="kind"><field column="sort" nullable="true"/></attribute-override></attribute-overrides>
        <association-overrides><association-override name="author"><join-columns><join-column name="writer" on-delete="CASCADE"/></join-columns></association-override></association-overrides>
      </entity>"#;
    let mapping = load(&[superclass, user], D3);
    assert_eq!(
        said(&mapping),
        ["D015 f0.xml:3 the table of M\\User has no column `kind` to index"]
    );
    assert_eq!(
        describe(&mapping),
        "\
user
  id INT AUTO
  writer INT NULL
  made DATETIME
  name VARCHAR(255)
  sort VARCHAR(255) NULL
  PRIMARY (id)
  INDEX IDX_8D93D64997A0D882 (writer)
  INDEX IDX_8D93D6495E237E06 (name)
  FK_8D93D64997A0D882 (writer) -> user (id) CASCADE
"
    );
}

#[test]
fn a_mapped_superclass_without_known_children_is_warned_of() {
    let mapping = load(
        &[
            r#"<mapped-superclass name="M\Base" table="t"><id name="id" type="integer"/></mapped-superclass>"#,
        ],
        D3,
    );
    let said = said(&mapping);
    assert!(
        said.iter().any(|line| line.starts_with("D036 f0.xml:2")),
        "{said:?}"
    );
    assert!(said.iter().any(|line| line.starts_with("D039")), "{said:?}");
    assert!(mapping.database.tables.is_empty());
}

#[test]
fn an_entity_below_a_plain_entity_is_two_tables_or_an_error() {
    let files = [
        r#"<entity name="A" table="a"><id name="id" type="integer"/><field name="x"/><many-to-one field="p" target-entity="A"/></entity>
      <entity name="B" table="b" extends="A"><field name="y"/></entity>"#,
    ];
    let old = load(&files, D3);
    let text = describe(&old);
    assert!(
        text.ends_with("b\n  id INT\n  x VARCHAR(255)\n  y VARCHAR(255)\n  PRIMARY (id)\n"),
        "{text}"
    );
    assert!(said(&load(&files, D4))[0].starts_with("D038 f0.xml:3"));
}

#[test]
fn circles_and_towers_are_refused() {
    let circle = r#"<entity name="A" extends="B"><id name="id" type="integer"/></entity>
      <entity name="B" extends="A"><id name="idb" type="integer"/></entity>
      <entity name="S" extends="S"><id name="id" type="integer"/></entity>
      <entity name="N" extends="Nowhere"><id name="id" type="integer"/></entity>"#;
    let mapping = load(&[circle], D3);
    let codes: Vec<&str> = mapping
        .diagnostics
        .iter()
        .map(|d| d.code.as_str())
        .collect();
    assert_eq!(
        codes.iter().filter(|code| **code == "D037").count(),
        3,
        "{:?}",
        said(&mapping)
    );

    let mut tower = String::from(r#"<entity name="C0"><id name="id" type="integer"/></entity>"#);
    for level in 1..5000 {
        tower.push_str(&format!(
            r#"<entity name="C{level}" extends="C{}"/>"#,
            level - 1
        ));
    }
    let mapping = load(&[&tower], D3);
    assert!(mapping.diagnostics.iter().any(|d| d.code == "D047"));
}

#[test]
fn embeddables_that_explode_are_refused() {
    let mut bomb = String::new();
    for level in 0..40 {
        bomb.push_str(&format!(
            r#"<embeddable name="E{level:02}"><field name="f"/><embedded name="a" class="E{0:02}"/><embedded name="b" class="E{0:02}"/></embeddable>"#,
            level + 1
        ));
    }
    bomb.push_str(r#"<embeddable name="E40"><field name="f"/></embeddable>"#);
    let entity = r#"<entity name="X"><id name="id" type="integer"/><embedded name="e" class="E00"/></entity>"#;
    let mapping = load(&[&bomb, entity], D3);
    let codes: Vec<&str> = mapping
        .diagnostics
        .iter()
        .map(|d| d.code.as_str())
        .collect();
    assert!(
        codes.contains(&"D034") || codes.contains(&"D043"),
        "{codes:?}"
    );

    let circle = r#"<embeddable name="E"><embedded name="e" class="E"/></embeddable>"#;
    assert!(said(&load(&[circle], D3))[0].starts_with("D034"));
}
