//! Tables of a mapping that lie in another database than that of the connection.

mod platform;

use platform::{TestPlatform, load_with};
use realign_planner::Severity;
use realign_sources::DoctrineOptions;

const ID: &str = r#"<id name="id" type="integer"><generator strategy="IDENTITY"/></id>"#;

#[test]
fn a_table_in_another_database_is_left_out_and_said() {
    let far = format!(r#"<entity name="M\Far" table="far" schema="other">{ID}</entity>"#);
    let near = format!(
        r#"<entity name="M\Near" table="near">{ID}<field name="size" type="integer"/>
        <many-to-one field="far" target-entity="M\Far"/>
        <many-to-one field="near" target-entity="M\Near"/>
        <many-to-many field="all" target-entity="M\Far"/></entity>"#
    );
    let platform = TestPlatform {
        schemas: true,
        ..TestPlatform::default()
    };
    let mapping = load_with(&[&far, &near], "2", &DoctrineOptions::default(), platform);

    let names: Vec<String> = mapping
        .database
        .tables
        .iter()
        .map(|table| table.name.to_string())
        .collect();
    assert_eq!(names, ["near", "near_far"]);
    let keys: Vec<String> = mapping
        .database
        .tables
        .iter()
        .flat_map(|table| &table.foreign_keys)
        .map(|key| format!("{} -> {}", key.columns[0], key.ref_table))
        .collect();
    assert_eq!(keys, ["near_id -> near", "near_id -> near"]);
    let columns = &mapping.database.tables[0].columns;
    let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    // Columns of foreign keys come first, but the one to the far table is none any more.
    assert_eq!(names, ["id", "near_id", "size", "far_id"]);

    let said: Vec<_> = mapping
        .diagnostics
        .iter()
        .map(|said| (said.code.as_str(), said.severity))
        .collect();
    assert_eq!(said, [("D048", Severity::Warning)]);
    assert!(mapping.diagnostics[0].message.contains("other.far"));
    assert!(!mapping.diagnostics[0].origin.is_none());
}
