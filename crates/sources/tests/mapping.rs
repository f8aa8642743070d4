//! Whole mappings: what tables they make in which release.

mod platform;

use platform::{TestPlatform, describe, load, load_with, said};
use realign_sources::{DoctrineOptions, Naming};

const D2: &str = "orm-2.8/dbal-2.13";
const D3: &str = "orm-2.14/dbal-3.6";
const D4: &str = "orm-3.3/dbal-4.2";

const CUSTOMER: &str = r#"
<entity name="M\Customer" table="cust">
  <indexes>
    <index name="idx_name" columns="name"/>
    <index columns="name,status"/>
  </indexes>
  <unique-constraints><unique-constraint columns="autsys"/></unique-constraints>
  <id name="id" type="integer"><generator strategy="AUTO"/></id>
  <field name="name" type="string" nullable="true"/>
  <field name="status" type="smallint"><options><option name="unsigned">true</option><option name="default">1</option></options></field>
  <field name="autsys" type="integer" nullable="true"/>
  <field name="isActive" type="boolean" column="is_active"><options><option name="default">0</option></options></field>
  <field name="ver" type="integer" version="true"/>
  <embedded name="addr" class="Address"/>
  <one-to-one field="detail" target-entity="Detail"><join-column name="detail_id"/></one-to-one>
  <many-to-one field="irrdb" target-entity="M\Detail"><join-column name="irrdb" nullable="false" on-delete="SET NULL"/></many-to-one>
  <many-to-one field="theParent" target-entity="Customer"/>
  <many-to-many field="tags" target-entity="Detail">
    <join-table name="cust_tag">
      <join-columns><join-column name="customer_id" on-delete="CASCADE"/></join-columns>
      <inverse-join-columns><join-column name="tag_id" referenced-column-name="id"/></inverse-join-columns>
    </join-table>
  </many-to-many>
  <many-to-many field="friends" target-entity="Customer"/>
  <many-to-many field="dets" target-entity="Detail"/>
</entity>
<entity name="M\Detail">
  <id name="id" type="bigint"><generator strategy="IDENTITY"/><options><option name="unsigned">true</option><option name="comment">pk</option></options></id>
  <field name="theText" type="text" length="65535"/>
</entity>"#;
const ADDRESS: &str =
    r#"<embeddable name="M\Address"><field name="street" length="40"/></embeddable>"#;

#[test]
fn the_measured_mapping_in_the_newest_generation() {
    let mapping = load(&[CUSTOMER, ADDRESS], D4);
    assert_eq!(
        describe(&mapping),
        "\
cust
  name VARCHAR(255) NULL
  status SMALLINT UNSIGNED DEFAULT 1
  autsys INT NULL
  is_active BOOLEAN DEFAULT 0
  ver INT DEFAULT 1
  id INT AUTO
  addr_street VARCHAR(40)
  detail_id BIGINT UNSIGNED NULL 'pk'
  irrdb BIGINT UNSIGNED 'pk'
  theParent_id INT NULL
  PRIMARY (id)
  UNIQUE UNIQ_997B25AD8D003BB (detail_id)
  INDEX IDX_997B25A666E98DF (irrdb)
  INDEX IDX_997B25A97C298D0 (theParent_id)
  INDEX idx_name (name)
  INDEX IDX_997B25A5E237E067B00651C (name, status)
  UNIQUE UNIQ_997B25AC6431118 (autsys)
  FK_997B25AD8D003BB (detail_id) -> Detail (id)
  FK_997B25A666E98DF (irrdb) -> Detail (id) SET NULL
  FK_997B25A97C298D0 (theParent_id) -> cust (id)
cust_tag
  customer_id INT
  tag_id BIGINT UNSIGNED 'pk'
  PRIMARY (customer_id, tag_id)
  INDEX IDX_6B54CFB89395C3F3 (customer_id)
  INDEX IDX_6B54CFB8BAD26311 (tag_id)
  FK_6B54CFB89395C3F3 (customer_id) -> cust (id) CASCADE
  FK_6B54CFB8BAD26311 (tag_id) -> Detail (id)
customer_customer
  customer_source INT
  customer_target INT
  PRIMARY (customer_source, customer_target)
  INDEX IDX_ADFCCD26EE4FA322 (customer_source)
  INDEX IDX_ADFCCD26F7AAF3AD (customer_target)
  FK_ADFCCD26EE4FA322 (customer_source) -> cust (id) CASCADE
  FK_ADFCCD26F7AAF3AD (customer_target) -> cust (id) CASCADE
customer_detail
  customer_id INT
  detail_id BIGINT UNSIGNED 'pk'
  PRIMARY (customer_id, detail_id)
  INDEX IDX_9FC3A3C29395C3F3 (customer_id)
  INDEX IDX_9FC3A3C2D8D003BB (detail_id)
  FK_9FC3A3C29395C3F3 (customer_id) -> cust (id) CASCADE
  FK_9FC3A3C2D8D003BB (detail_id) -> Detail (id) CASCADE
Detail
  theText TEXT
  id BIGINT UNSIGNED AUTO 'pk'
  PRIMARY (id)
"
    );
    assert_eq!(
        said(&mapping),
        ["D028 f0.xml:17 on-delete is SET NULL, but irrdb is NOT NULL"]
    );
    let problems: Vec<_> = mapping.classes.iter().flat_map(|c| &c.problems).collect();
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(mapping.classes[0].name, "M\\Address");
}

fn columns(files: &[&str], profile: &str, table: &str) -> Vec<String> {
    let mapping = load(files, profile);
    let table = mapping.database.table(table).expect("the table");
    table.columns.iter().map(|c| c.name.to_string()).collect()
}

#[test]
fn older_generations_put_keys_first_but_not_those_with_capitals() {
    for profile in [D2, D3] {
        assert_eq!(
            columns(&[CUSTOMER, ADDRESS], profile, "cust"),
            [
                "id",
                "detail_id",
                "irrdb",
                "name",
                "status",
                "autsys",
                "is_active",
                "ver",
                "addr_street",
                "theParent_id"
            ],
        );
    }
}

#[test]
fn dbal_2_5_orders_foreign_keys_by_their_keys() {
    let entity = r#"<entity name="A" table="a">
      <id name="id" type="integer"/>
      <field name="y" type="integer"/><field name="x" type="integer"/>
      <one-to-one field="fx" target-entity="A"><join-column name="x"/></one-to-one>
      <many-to-one field="fy" target-entity="A"><join-column name="y"/></many-to-one>
    </entity>"#;
    assert_eq!(
        columns(&[entity], "orm-2.5/dbal-2.5", "a"),
        ["id", "x", "y"]
    );
    assert_eq!(
        columns(&[entity], "orm-2.6/dbal-2.6", "a"),
        ["id", "y", "x"]
    );
}

#[test]
fn embeddables_nest_and_prefix() {
    let entity = r#"<entity name="M\P" table="p"><id name="id" type="integer"/>
      <embedded name="home" class="A"/>
      <embedded name="work" class="A" column-prefix="w"/>
      <embedded name="bare" class="G" use-column-prefix="false"/></entity>"#;
    let parts = r#"<embeddable name="M\A"><field name="zip"/><embedded name="geo" class="G"/></embeddable>
      <embeddable name="M\G"><field name="lat" type="float" column="`Lat`"/></embeddable>"#;
    assert_eq!(
        columns(&[entity, parts], D4, "p"),
        ["id", "home_zip", "home_geo_Lat", "wzip", "wgeo_Lat", "Lat"]
    );
    let mapping = load(&[entity, parts], D4);
    let table = mapping.database.table("p").expect("the table");
    assert!(table.column("home_geo_Lat").is_some_and(|c| c.name.quoted));
}

#[test]
fn indexes_replace_each_other() {
    // A unique constraint takes the place of the first index that it fulfils; an explicit
    // index takes the place of a foreign key's own; one over more columns does not.
    let entity = r#"<entity name="A" table="a">
      <indexes><index name="on_b" columns="b_id"/><index name="on_c" columns="c_id,n"/><index name="n1" columns="n"/></indexes>
      <unique-constraints><unique-constraint name="n2" columns="n"/></unique-constraints>
      <id name="id" type="integer"/><field name="n" type="integer" unique="true"/>
      <many-to-one field="b" target-entity="A"/><many-to-one field="c" target-entity="A"/>
    </entity>"#;
    let text = describe(&load(&[entity], D3));
    let indexes: Vec<&str> = text
        .lines()
        .filter(|l| l.contains("INDEX") || l.contains("UNIQUE"))
        .collect();
    assert_eq!(
        indexes,
        [
            "  INDEX IDX_E8B7BE4391D79BD3 (c_id)",
            "  INDEX on_b (b_id)",
            "  INDEX on_c (c_id, n)",
            "  INDEX n1 (n)",
            "  UNIQUE n2 (n)",
        ]
    );
}

#[test]
fn an_association_as_id_has_no_index_beside_the_primary_key() {
    let files = [
        r#"<entity name="M\User" table="users"><id name="id" type="integer"><generator/></id></entity>
      <entity name="M\Pref" table="pref"><id name="user" association-key="true"/><id name="key" type="string" length="20"/>
        <many-to-one field="user" target-entity="User"><join-column name="user_id" nullable="true"/></many-to-one></entity>
      <entity name="M\Sub" table="sub"><id name="pref" association-key="true"/>
        <one-to-one field="pref" target-entity="Pref"><join-columns><join-column name="u" referenced-column-name="user_id"/></join-columns></one-to-one></entity>"#,
    ];
    assert_eq!(
        describe(&load(&files, D3)),
        "\
pref
  key VARCHAR(20)
  user_id INT
  PRIMARY (key, user_id)
  INDEX IDX_A1559831A76ED395 (user_id)
  FK_A1559831A76ED395 (user_id) -> users (id)
sub
  u INT
  PRIMARY (u)
  FK_580282DCF26D6A3E (u) -> pref (user_id)
users
  id INT AUTO
  PRIMARY (id)
"
    );
}

#[test]
fn quoting_enters_generated_names() {
    let entity = r#"<entity name="A" table="order"><id name="id" type="integer"/>
      <field name="g" column="`group`" type="integer" unique="true"/></entity>"#;
    let text = describe(&load(&[entity], D3));
    assert!(
        text.contains("UNIQUE UNIQ_F5299398D3CB4A96 (group)"),
        "{text}"
    );
    assert!(text.contains("  `group` INT\n"), "{text}");
    let double = TestPlatform {
        quote: '"',
        ..TestPlatform::default()
    };
    let text = describe(&load_with(
        &[entity],
        D3,
        &DoctrineOptions::default(),
        double,
    ));
    assert!(text.contains("988D0E7A (group)"), "{text}");
}

#[test]
fn two_keys_over_one_column_to_different_targets_are_both_dropped() {
    let files = [r#"<entity name="A" table="a"><id name="id" type="integer"/>
        <many-to-one field="x" target-entity="A"><join-column name="t"/></many-to-one>
        <many-to-one field="y" target-entity="B"><join-column name="t"/></many-to-one>
        <many-to-one field="z" target-entity="A"><join-column name="t"/></many-to-one></entity>
      <entity name="B" table="b"><id name="id" type="integer"/></entity>"#];
    let mapping = load(&files, D3);
    assert!(mapping.database.tables[0].foreign_keys.is_empty());
    assert_eq!(mapping.database.tables[0].indexes.len(), 1);
    assert_eq!(mapping.diagnostics[0].code, "D041");
}

#[test]
fn sequences_and_schemas() {
    let platform = TestPlatform {
        sequences: true,
        schemas: true,
        ..TestPlatform::default()
    };
    let files = [
        r#"<entity name="A" table="s.a"><id name="id" type="integer"><generator strategy="AUTO"/></id></entity>
      <entity name="B" table="b" schema="t"><id name="id" type="integer"><generator strategy="SEQUENCE"/>
        <sequence-generator sequence-name="b_seq" allocation-size="10" initial-value="5"/></id></entity>"#,
    ];
    let options = DoctrineOptions {
        table_prefix: "x_".into(),
        ..DoctrineOptions::default()
    };
    let mapping = load_with(&files, D3, &options, platform);
    assert_eq!(
        describe(&mapping),
        "\
s.x_a
  id INT
  PRIMARY (id)
t.x_b
  id INT
  PRIMARY (id)
sequence s.x_a_id_seq by 1 from 1
sequence x_b_seq by 10 from 5
"
    );
    let names: Vec<&str> = mapping
        .database
        .namespaces
        .iter()
        .map(|n| n.name.as_str())
        .collect();
    assert_eq!(names, ["s", "t"]);
    let emulated = load(&files, D3);
    assert_eq!(emulated.database.tables[0].name.to_string(), "s__a");
}

#[test]
fn a_prefix_stands_on_tables_join_tables_and_named_indexes() {
    let entity = r#"<entity name="A" table="a"><indexes><index name="i" columns="n"/><index columns="n,id"/></indexes>
      <id name="id" type="integer"/><field name="n" type="integer"/>
      <many-to-many field="others" target-entity="A"/></entity>"#;
    let options = DoctrineOptions {
        table_prefix: "p_".into(),
        ..DoctrineOptions::default()
    };
    let mapping = load_with(&[entity], D3, &options, TestPlatform::default());
    let names: Vec<String> = mapping
        .database
        .tables
        .iter()
        .map(|t| t.name.to_string())
        .collect();
    assert_eq!(names, ["p_a", "p_a_a"]);
    let indexes = &mapping.database.tables[0].indexes;
    assert_eq!(indexes[0].name_str(), "p_i");
    assert!(indexes[1].name_str().starts_with("IDX_"));
    assert_ne!(
        indexes[1].name_str(),
        load(&[entity], D3).database.tables[0].indexes[1].name_str()
    );
}

#[test]
fn index_names_can_be_made_unique() {
    let files = [
        r#"<entity name="A" table="a"><indexes><index name="i" columns="id"/><index name="own" columns="id"/><index name="b" columns="id"/></indexes><id name="id" type="integer"/></entity>
      <entity name="B" table="b"><indexes><index name="I" columns="id"/></indexes><id name="id" type="integer"/></entity>"#,
    ];
    let options = DoctrineOptions {
        qualify_index_names: true,
        ..DoctrineOptions::default()
    };
    let mapping = load_with(&files, D3, &options, TestPlatform::default());
    let names: Vec<&str> = mapping
        .database
        .tables
        .iter()
        .flat_map(|t| t.indexes.iter().map(realign_model::Index::name_str))
        .collect();
    assert_eq!(names, ["a_i", "own", "a_b", "b_I"]);
}

#[test]
fn naming_strategies_fill_in_names() {
    let entity = r#"<entity name="App\UserGroup"><id name="id" type="integer"/><field name="isActive" type="boolean"/>
      <many-to-one field="topGroups" target-entity="UserGroup"/><many-to-many field="boxes" target-entity="MailBox"/></entity>
      <entity name="App\MailBox"><id name="id" type="integer"/></entity>"#;
    let names = |naming| {
        let options = DoctrineOptions {
            naming,
            ..DoctrineOptions::default()
        };
        let mapping = load_with(&[entity], D4, &options, TestPlatform::default());
        mapping
            .database
            .tables
            .iter()
            .map(|t| {
                let columns: Vec<&str> = t.columns.iter().map(|c| c.name.as_str()).collect();
                format!("{}: {}", t.name, columns.join(" "))
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(Naming::Default),
        [
            "MailBox: id",
            "UserGroup: isActive id topGroups_id",
            "usergroup_mailbox: usergroup_id mailbox_id",
        ]
    );
    assert_eq!(
        names(Naming::Underscore),
        [
            "mail_box: id",
            "user_group: is_active id top_groups_id",
            "user_group_mail_box: user_group_id mail_box_id",
        ]
    );
    assert_eq!(
        names(Naming::Laravel),
        [
            "mail_boxes: id",
            "user_groups: is_active id top_group_id",
            "mail_box_user_group: user_group_id mail_box_id",
        ]
    );
}

#[test]
fn releases_differ_in_what_they_read() {
    let entity = r#"<entity name="A" table="a"><indexes><index fields="n"/></indexes>
      <id name="id" type="guid" length="36"/><field name="n" type="string" column="nn"/>
      <field name="v" type="datetime" version="true"><options><option name="comment">c</option></options></field>
      <many-to-one field="p" target-entity="A"/></entity>"#;
    let old = load(&[entity], "orm-2.8/dbal-2.13");
    assert_eq!(said(&old).len(), 1);
    assert_eq!(old.diagnostics[0].code, "D044");
    let text = describe(&load(&[entity], D3));
    assert!(text.contains("(nn)"), "{text}");
    assert!(
        text.contains("  v TIMESTAMP DEFAULT CURRENT_TIMESTAMP 'c'\n"),
        "{text}"
    );
    // From ORM 2.15 on the options of a field hide that it is the version.
    let text = describe(&load(&[entity], "orm-2.20/dbal-3.9"));
    assert!(
        text.contains("  v DATETIME DEFAULT CURRENT_TIMESTAMP 'c'\n"),
        "{text}"
    );
}

#[test]
fn orm_2_6_makes_no_foreign_keys_where_dbal_claims_none() {
    let entity = r#"<entity name="A" table="a"><id name="id" type="integer"/>
      <many-to-one field="p" target-entity="A"/></entity>"#;
    let platform = TestPlatform {
        foreign_keys: false,
        ..TestPlatform::default()
    };
    let count = |profile| {
        let mapping = load_with(&[entity], profile, &DoctrineOptions::default(), platform);
        let table = &mapping.database.tables[0];
        (table.indexes.len(), table.foreign_keys.len())
    };
    assert_eq!(count("orm-2.6/dbal-2.9"), (0, 0));
    assert_eq!(count("orm-2.8/dbal-2.13"), (1, 1));
}

#[test]
fn the_order_of_files_does_not_matter() {
    let (a, b) = (
        r#"<entity name="A" table="z"><id name="id" type="integer"/></entity>"#,
        r#"<entity name="B" table="y"><id name="id" type="integer"/></entity>"#,
    );
    assert_eq!(describe(&load(&[a, b], D3)), describe(&load(&[b, a], D3)));
}

#[test]
fn join_columns_take_over_what_they_refer_to() {
    let files = [
        r#"<entity name="A" table="a"><id name="id" type="decimal"><options><option name="unsigned">1</option><option name="default">7</option></options></id>
      <many-to-one field="p" target-entity="A"><join-column column-definition="CHAR(3)"/></many-to-one>
      <many-to-one field="q" target-entity="A"/></entity>"#,
    ];
    let text = describe(&load(&files, D4));
    assert!(text.contains("  p_id [CHAR(3)] DEFAULT 7 NULL\n"), "{text}");
    assert!(
        text.contains("  q_id NUMERIC(10, 0) DEFAULT 7 NULL\n"),
        "{text}"
    );
}
