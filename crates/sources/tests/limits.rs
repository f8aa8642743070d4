//! What a mapping may ask for: little when it is small, enough when it is large.

#![allow(clippy::format_collect, reason = "mappings are put together as text")]

mod platform;

use platform::load;

const D3: &str = "orm-2.14/dbal-3.6";

#[test]
fn a_small_file_can_not_ask_for_much_memory() {
    // Four thousand columns, inherited by a thousand classes: four million.
    let fields: String = (0..4_000)
        .map(|n| format!("<field name='f{n}' type='integer'/>"))
        .collect();
    let children: String = (0..1_000)
        .map(|n| format!("<entity name='E{n}' extends='Base'/>"))
        .collect();
    let base = format!(
        "<mapped-superclass name='Base'><id name='id' type='integer'/>{fields}</mapped-superclass>"
    );
    let mapping = load(&[&base, &children], D3);
    assert!(mapping.diagnostics.iter().any(|d| d.code == "D043"));
    let tables = mapping.database.tables.iter();
    let columns: usize = tables.map(|table| table.columns.len()).sum();
    assert!(columns < 50_000, "{columns}");
}

#[test]
fn a_file_of_endless_classes_is_refused() {
    let classes: String = (0..6_000)
        .map(|n| format!("<entity name='E{n}'><id name='id' type='integer'/></entity>"))
        .collect();
    let mapping = load(&[&classes], D3);
    assert_eq!(mapping.diagnostics.len(), 1);
    assert_eq!(mapping.diagnostics[0].code, "D047");
}

#[test]
fn ten_thousand_entities_with_join_tables_are_read() {
    let entity = |n: usize| {
        let target = n / 2;
        format!(
            "<entity name='E{n}'><id name='id' type='integer'/>\
             <many-to-many field='all' target-entity='E{target}'/></entity>"
        )
    };
    let files: Vec<String> = (0..20)
        .map(|file| (file * 500..file * 500 + 500).map(entity).collect())
        .collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    let mapping = load(&files, D3);
    assert!(!mapping.has_errors(), "{:?}", mapping.diagnostics.first());
    assert_eq!(mapping.database.tables.len(), 20_000);
}
