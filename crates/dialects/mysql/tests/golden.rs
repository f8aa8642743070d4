//! A mapping with everything in it, and what the named releases of Doctrine make of it.

use realign_mysql::MYSQL;
use realign_planner::{Dialect, Facts};
use realign_sources::{DoctrineOptions, SourceFile, load_doctrine_xml};

const MAPPING: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="M\Customer" table="cust">
    <indexes>
      <index name="idx_name" columns="name"/>
      <index columns="name,status"/>
    </indexes>
    <unique-constraints><unique-constraint columns="autsys"/></unique-constraints>
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" nullable="true"/>
    <field name="status" type="smallint">
      <options><option name="unsigned">true</option><option name="default">1</option></options>
    </field>
    <field name="autsys" type="integer" nullable="true"/>
    <field name="isActive" type="boolean" column="is_active">
      <options><option name="default">0</option></options>
    </field>
    <field name="ver" type="integer" version="true"/>
    <embedded name="addr" class="M\Address"/>
    <one-to-one field="detail" target-entity="M\Detail"><join-column name="detail_id"/></one-to-one>
    <many-to-one field="irrdb" target-entity="M\Detail">
      <join-column name="irrdb" nullable="false" on-delete="SET NULL"/>
    </many-to-one>
    <many-to-one field="theParent" target-entity="M\Customer"/>
    <many-to-many field="tags" target-entity="M\Detail">
      <join-table name="cust_tag">
        <join-columns><join-column name="customer_id"/></join-columns>
        <inverse-join-columns><join-column name="tag_id"/></inverse-join-columns>
      </join-table>
    </many-to-many>
    <many-to-many field="friends" target-entity="M\Customer"/>
    <many-to-many field="dets" target-entity="M\Detail"/>
  </entity>
  <entity name="M\Detail">
    <id name="id" type="bigint">
      <generator strategy="IDENTITY"/>
      <options><option name="unsigned">true</option><option name="comment">pk</option></options>
    </id>
    <field name="theText" type="text" length="65535"/>
  </entity>
</doctrine-mapping>"#;

const EMBEDDABLE: &str = r#"<doctrine-mapping xmlns="http://doctrine-project.org/schemas/orm/doctrine-mapping">
  <embeddable name="M\Address"><field name="street" type="string" length="40"/></embeddable>
</doctrine-mapping>"#;

fn facts(server: &str, profile: &str) -> Facts {
    let mut facts = MYSQL.offline_facts(server).expect("names this engine");
    facts.doctrine = profile.parse().expect("a profile");
    facts
}

fn created(facts: &Facts) -> Vec<String> {
    let file = |path: &str, text: &str| SourceFile {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    let mapping = load_doctrine_xml(
        &[
            file("M.dcm.xml", MAPPING),
            file("M.Address.dcm.xml", EMBEDDABLE),
        ],
        &DoctrineOptions::default(),
        MYSQL.doctrine(),
        facts,
    );
    MYSQL
        .create(&mapping.database, facts)
        .into_iter()
        .flat_map(|step| step.statements)
        .map(|statement| statement.sql)
        .collect()
}

#[test]
fn orm_3_3_with_dbal_4_2() {
    let found = created(&facts("mysql-8.0.31", "orm-3.3/dbal-4.2"));
    let expected = [
        "CREATE TABLE cust (name VARCHAR(255) DEFAULT NULL, status SMALLINT UNSIGNED DEFAULT 1 NOT NULL, autsys INT DEFAULT NULL, is_active TINYINT(1) DEFAULT 0 NOT NULL, ver INT DEFAULT 1 NOT NULL, id INT AUTO_INCREMENT NOT NULL, addr_street VARCHAR(40) NOT NULL, detail_id BIGINT UNSIGNED DEFAULT NULL COMMENT 'pk', irrdb BIGINT UNSIGNED NOT NULL COMMENT 'pk', theParent_id INT DEFAULT NULL, UNIQUE INDEX UNIQ_997B25AD8D003BB (detail_id), INDEX IDX_997B25A666E98DF (irrdb), INDEX IDX_997B25A97C298D0 (theParent_id), INDEX idx_name (name), INDEX IDX_997B25A5E237E067B00651C (name, status), UNIQUE INDEX UNIQ_997B25AC6431118 (autsys), PRIMARY KEY(id))",
        "CREATE TABLE cust_tag (customer_id INT NOT NULL, tag_id BIGINT UNSIGNED NOT NULL COMMENT 'pk', INDEX IDX_6B54CFB89395C3F3 (customer_id), INDEX IDX_6B54CFB8BAD26311 (tag_id), PRIMARY KEY(customer_id, tag_id))",
        "CREATE TABLE customer_customer (customer_source INT NOT NULL, customer_target INT NOT NULL, INDEX IDX_ADFCCD26EE4FA322 (customer_source), INDEX IDX_ADFCCD26F7AAF3AD (customer_target), PRIMARY KEY(customer_source, customer_target))",
        "CREATE TABLE customer_detail (customer_id INT NOT NULL, detail_id BIGINT UNSIGNED NOT NULL COMMENT 'pk', INDEX IDX_9FC3A3C29395C3F3 (customer_id), INDEX IDX_9FC3A3C2D8D003BB (detail_id), PRIMARY KEY(customer_id, detail_id))",
        "CREATE TABLE Detail (theText TEXT NOT NULL, id BIGINT UNSIGNED AUTO_INCREMENT NOT NULL COMMENT 'pk', PRIMARY KEY(id))",
        "ALTER TABLE cust ADD CONSTRAINT FK_997B25AD8D003BB FOREIGN KEY (detail_id) REFERENCES Detail (id)",
        "ALTER TABLE cust ADD CONSTRAINT FK_997B25A666E98DF FOREIGN KEY (irrdb) REFERENCES Detail (id) ON DELETE SET NULL",
        "ALTER TABLE cust ADD CONSTRAINT FK_997B25A97C298D0 FOREIGN KEY (theParent_id) REFERENCES cust (id)",
        "ALTER TABLE cust_tag ADD CONSTRAINT FK_6B54CFB89395C3F3 FOREIGN KEY (customer_id) REFERENCES cust (id)",
        "ALTER TABLE cust_tag ADD CONSTRAINT FK_6B54CFB8BAD26311 FOREIGN KEY (tag_id) REFERENCES Detail (id)",
        "ALTER TABLE customer_customer ADD CONSTRAINT FK_ADFCCD26EE4FA322 FOREIGN KEY (customer_source) REFERENCES cust (id) ON DELETE CASCADE",
        "ALTER TABLE customer_customer ADD CONSTRAINT FK_ADFCCD26F7AAF3AD FOREIGN KEY (customer_target) REFERENCES cust (id) ON DELETE CASCADE",
        "ALTER TABLE customer_detail ADD CONSTRAINT FK_9FC3A3C29395C3F3 FOREIGN KEY (customer_id) REFERENCES cust (id) ON DELETE CASCADE",
        "ALTER TABLE customer_detail ADD CONSTRAINT FK_9FC3A3C2D8D003BB FOREIGN KEY (detail_id) REFERENCES Detail (id) ON DELETE CASCADE",
    ];
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len());
}

#[test]
fn orm_2_20_with_dbal_3_9_puts_keys_first_but_not_those_with_capitals() {
    let found = created(&facts("mariadb-10.11", "orm-2.20/dbal-3.9"));
    assert!(
        found[0].starts_with("CREATE TABLE cust (id INT AUTO_INCREMENT NOT NULL, detail_id BIGINT UNSIGNED DEFAULT NULL COMMENT 'pk', irrdb BIGINT UNSIGNED NOT NULL COMMENT 'pk', name VARCHAR(255) DEFAULT NULL, "),
        "{}",
        found[0]
    );
    assert!(
        found[0].contains(
            "addr_street VARCHAR(40) NOT NULL, theParent_id INT DEFAULT NULL, UNIQUE INDEX"
        ),
        "{}",
        found[0]
    );
    assert!(found[0].ends_with(
        "PRIMARY KEY(id)) DEFAULT CHARACTER SET utf8mb4 COLLATE `utf8mb4_unicode_ci` ENGINE = InnoDB"
    ));
}

#[test]
fn orm_2_5_with_dbal_2_5_quotes_booleans_and_no_collations() {
    let found = created(&facts("mysql-5.7.40", "orm-2.5/dbal-2.5"));
    assert!(
        found[0].contains("is_active TINYINT(1) DEFAULT '0' NOT NULL"),
        "{}",
        found[0]
    );
    assert!(found[0].ends_with(
        "PRIMARY KEY(id)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci ENGINE = InnoDB"
    ));
}
