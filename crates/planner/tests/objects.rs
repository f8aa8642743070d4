//! Views, routines and what a table in their place means.

mod support;

use realign_model::{Database, Expr, ObjectName, Origin, Routine, RoutineKind, View};
use realign_planner::{Aspect, Change, Object, Phase, Policy, Scope, Weight};

use support::{compare, planned, table};

fn view(name: &str, query: &str) -> View {
    View {
        name: ObjectName::bare(name),
        query: Expr::new(query),
        columns: Vec::new(),
        materialized: false,
        options: Vec::new(),
        source_text: None,
        settings: realign_model::SessionSettings::new(),
        origin: Origin::None,
    }
}

fn function(name: &str, signature: Option<&str>, text: &str) -> Routine {
    Routine {
        name: ObjectName::bare(name),
        kind: RoutineKind::Function,
        signature: signature.map(str::to_owned),
        source_text: Expr::new(text),
        settings: realign_model::SessionSettings::new(),
        legacy: Vec::new(),
        origin: Origin::None,
    }
}

fn everything() -> Policy {
    Policy {
        complete: true,
        scope: Scope::ALL,
        ..Policy::default()
    }
}

#[test]
fn views_are_made_in_the_order_of_use_and_dropped_against_it() {
    let wish = Database {
        views: vec![
            view("top", "select from middle"),
            view("middle", "select from BOTTOM"),
            view("bottom", "select from t"),
        ],
        ..Database::default()
    };
    let empty = Database::default();
    let names = |plan: &realign_planner::Plan| -> Vec<String> {
        plan.steps.iter().map(|step| step.object.clone()).collect()
    };
    let made = planned(&empty, &wish, &Policy::default());
    assert_eq!(names(&made), ["bottom", "middle", "top"]);
    let gone = planned(&wish, &empty, &everything());
    assert_eq!(names(&gone), ["top", "middle", "bottom"]);
}

#[test]
fn a_table_in_the_place_of_a_view_is_named_and_gives_way_only_to_complete() {
    let is = Database {
        tables: vec![table("v", &["id"])],
        ..Database::default()
    };
    let wish = Database {
        views: vec![view("v", "select 1")],
        ..Database::default()
    };
    let found = compare(&is, &wish, &Policy::default());
    assert!(found.in_sync());
    let [finding] = found.findings.as_slice() else {
        panic!("{:?}", found.findings);
    };
    assert_eq!(
        (finding.weight, finding.aspect),
        (Weight::Note, Aspect::Kind)
    );
    assert!(finding.reason.contains("--complete"), "{}", finding.reason);
    let plan = planned(&is, &wish, &everything());
    let steps: Vec<(Phase, &str)> = plan
        .steps
        .iter()
        .map(|step| (step.phase, step.object.as_str()))
        .collect();
    assert_eq!(
        steps,
        [(Phase::DropFirst, "v"), (Phase::CreateDependents, "v")]
    );
}

#[test]
fn routines_are_told_apart_by_their_arguments() {
    let with = |routines: Vec<Routine>| Database {
        routines,
        ..Database::default()
    };
    let is = with(vec![
        function("f", Some("integer"), "one"),
        function("f", Some("text"), "two"),
        function("old", None, "gone"),
    ]);
    let wish = with(vec![
        function("F", Some("text"), "three"),
        function("f", Some("integer"), "one"),
        function("new", None, "n?"),
    ]);
    let kept = compare(&is, &wish, &Policy::default());
    assert!(matches!(
        kept.changes.as_slice(),
        [Change::ReplaceObject { .. }, Change::CreateObject(_)]
    ));
    let notes: Vec<&str> = kept.of(Weight::Note).map(|f| f.object.as_str()).collect();
    assert_eq!(notes, ["function old"]);
    let all = compare(&is, &wish, &everything());
    assert!(matches!(
        all.changes.last(),
        Some(Change::DropObject(Object::Routine(routine))) if routine.name == ObjectName::bare("old")
    ));
}

#[test]
fn what_is_not_understood_is_compared_and_goes_only_if_it_can_be_made_again() {
    let opaque = |text: &str| Database {
        opaque: vec![realign_model::Opaque {
            kind: "policy".to_owned(),
            name: ObjectName::bare("p"),
            table: None,
            text: text.to_owned(),
            origin: Origin::None,
        }],
        ..Database::default()
    };
    let found = compare(&opaque("a"), &opaque("b"), &everything());
    assert_eq!(found.of(Weight::Differs).count(), 1);
    let found = compare(&opaque("a"), &Database::default(), &Policy::default());
    assert!(found.changes.is_empty());
    assert_eq!(found.of(Weight::Note).count(), 1);
    let found = compare(&opaque("a"), &Database::default(), &everything());
    assert!(matches!(
        found.changes.as_slice(),
        [Change::DropObject(Object::Opaque(_))]
    ));
    let found = compare(&opaque("lost"), &Database::default(), &everything());
    assert!(found.changes.is_empty());
    let notes: Vec<&str> = found.of(Weight::Note).map(|f| f.reason.as_str()).collect();
    assert_eq!(
        notes,
        ["policy is not declared, and is not dropped: nothing here could make it again"]
    );
}

#[test]
fn a_name_on_two_tables_is_two_objects() {
    let on = |tables: &[&str]| Database {
        opaque: tables
            .iter()
            .map(|table| realign_model::Opaque {
                kind: "policy".to_owned(),
                name: ObjectName::bare("own"),
                table: Some(ObjectName::bare(*table)),
                text: format!("on {table}"),
                origin: Origin::None,
            })
            .collect(),
        ..Database::default()
    };
    let found = compare(&on(&["a", "b"]), &on(&["b", "a"]), &everything());
    assert!(found.findings.is_empty());
    let found = compare(&on(&["a"]), &on(&["a", "b"]), &everything());
    let told: Vec<&str> = found.findings.iter().map(|f| f.object.as_str()).collect();
    assert_eq!(told, ["policy own on b"]);
    let ignored = Policy {
        ignore: vec!["b".to_owned()],
        ..everything()
    };
    assert!(
        compare(&on(&["a"]), &on(&["a", "b"]), &ignored)
            .findings
            .is_empty()
    );
}
