//! What the engine can't have is a refusal of the plan, with its place.

mod support;

use realign_model::{Database, Ident, Origin, Span};
use realign_planner::{Facts, Policy, create_plan, is_key, long_names};
use support::{Plain, database, index, key, planned, table};

fn at(line: u32) -> Origin {
    Origin::File {
        path: "a.xml".into(),
        line,
        column: 1,
        span: Span::new(0, 1),
    }
}

/// Codes of the refusals, made anew and as a change of nothing.
fn refusals(wish: &Database) -> Vec<String> {
    let anew = create_plan(wish, &Plain, &Facts::default()).refusals;
    let changed = planned(&Database::default(), wish, &Policy::default()).refusals;
    assert_eq!(anew, changed);
    anew.into_iter().map(|refusal| refusal.code).collect()
}

#[test]
fn a_foreign_key_to_no_key_is_refused() {
    let mut child = table("child", &["id", "u_id"]);
    child.foreign_keys.push(key("FK_1", "u_id", "u"));
    let parent = table("u", &["id", "code"]);
    assert!(refusals(&database(vec![child.clone(), parent.clone()])).is_empty());

    child.foreign_keys[0].ref_columns = vec![Ident::new("code")];
    let wish = database(vec![child.clone(), parent.clone()]);
    assert_eq!(refusals(&wish), ["T093"]);
    // Whatever it leads to, only what is known can be looked at.
    assert!(refusals(&database(vec![child.clone()])).is_empty());

    // What is there and stays may keep the values apart, too.
    let mut live = parent.clone();
    live.indexes.push(index("code_once", &["CODE"], true));
    let plan = planned(&database(vec![live]), &wish, &Policy::default());
    assert!(plan.refusals.is_empty(), "{:?}", plan.refusals);
    let mut live = parent;
    live.indexes.push(index("code_often", &["code"], false));
    let plan = planned(&database(vec![live]), &wish, &Policy::default());
    assert_eq!(plan.refusals.len(), 1);
}

#[test]
fn a_key_is_all_its_columns_and_all_its_rows() {
    let mut parent = table("u", &["id", "a", "b"]);
    let ids = ["id", "a", "b"].map(Ident::new);
    let [id, a, b] = &ids;
    assert!(is_key(&parent, &[id]));
    assert!(!is_key(&parent, &[a]));
    parent.indexes.push(index("i", &["a", "b"], true));
    assert!(is_key(&parent, &[b, a]));
    assert!(!is_key(&parent, &[a]));
    assert!(!is_key(&parent, &[a, b, id]));
    parent.indexes[0].predicate = Some(realign_model::Expr::new("a > 0"));
    assert!(!is_key(&parent, &[a, b]));
    parent.indexes[0].predicate = None;
    parent.indexes[0].parts[0].prefix = Some(10);
    assert!(!is_key(&parent, &[a, b]));
}

#[test]
fn every_name_that_is_too_long_is_told_with_its_place() {
    let long = "é".repeat(41);
    let mut wide = table(&long, &["id", &long]);
    wide.origin = at(1);
    wide.columns[1].origin = at(2);
    wide.indexes.push(index(&"ü".repeat(41), &["id"], false));
    wide.indexes[0].origin = at(3);
    wide.foreign_keys.push(key(&long, "id", &long));
    wide.foreign_keys[0].origin = at(4);
    let fits = "é".repeat(40);
    let narrow = table(&fits, &["id", &fits]);
    let wish = database(vec![wide, narrow]);
    let found = long_names(&wish, &Plain, &Facts::default());
    let places: Vec<String> = found.iter().map(|f| f.origin.to_string()).collect();
    assert_eq!(places, ["a.xml:1", "a.xml:2", "a.xml:3", "a.xml:4"]);
    assert!(
        found[1]
            .message
            .ends_with("… has 41 characters, and 40 is the most here"),
        "{}",
        found[1].message
    );
    assert_eq!(refusals(&wish), ["D094"; 4]);
}
