//! A scripted server, and every way in which a run can end.

use realign_planner::{Expectation, Phase, Plan, Statement, Step};

use super::{Event, Observer, apply};
use crate::Stop;
use crate::fake::{self, Script};

fn plan(atomic: bool) -> Plan {
    let steps = ["a", "b", "c"]
        .map(|object| {
            Step::new(
                Phase::Alter,
                object,
                vec![
                    Statement::new(format!("{object} 1")),
                    Statement::new(format!("{object} 2")),
                ],
            )
        })
        .to_vec();
    let mut plan = fake::plan(steps);
    plan.atomic = atomic;
    plan.opening = vec![Statement::new("OPEN")];
    plan.closing = vec![
        Statement::expecting("CHECK", Expectation::NoRows),
        Statement::new("CLOSE"),
    ];
    plan.abort = vec![Statement::new("ABORT")];
    plan
}

#[derive(Default)]
struct Log(Vec<String>);

impl Observer for Log {
    fn event(&mut self, event: &Event<'_>) {
        self.0.push(match event {
            Event::Started { number, .. } => format!("start {number}"),
            Event::Finished { number, .. } => format!("finish {number}"),
            Event::Failed { number, .. } => format!("fail {number}"),
            Event::Waiting { number, .. } => format!("wait {number}"),
            Event::Warned { warning, .. } => warning.message.clone(),
        });
    }
}

#[test]
fn every_statement_is_sent_once_in_order() {
    let script = Script::new();
    let mut log = Log::default();
    let applied = apply(&mut script.open(), &plan(true), &mut log, &Stop::new()).unwrap();
    assert_eq!(applied.statements, 6);
    assert_eq!(
        script.sent(),
        [
            "OPEN", "a 1", "a 2", "b 1", "b 2", "c 1", "c 2", "CHECK", "CLOSE"
        ]
    );
    assert_eq!(log.0[0..2], ["start 1", "finish 1"]);
}

#[test]
fn a_refusal_in_a_transaction_leaves_nothing() {
    let script = Script::new().refuse("b 2", "Duplicate entry");
    let failure = apply(&mut script.open(), &plan(true), &mut (), &Stop::new()).unwrap_err();
    assert_eq!(script.sent().last().unwrap(), "ABORT");
    assert!(failure.done.is_empty());
    assert_eq!(failure.step, Some(2));
    assert_eq!(
        failure.error.message,
        "b: step 2 of 3 failed: Duplicate entry (1062)"
    );
    assert!(failure.error.notes.contains(&"statement: b 2".to_owned()));
    assert!(
        failure
            .error
            .notes
            .iter()
            .any(|n| n.starts_with("nothing was changed"))
    );
}

#[test]
fn without_a_transaction_what_stands_is_told() {
    let script = Script::new().refuse("b 2", "Duplicate entry");
    let failure = apply(&mut script.open(), &plan(false), &mut (), &Stop::new()).unwrap_err();
    assert_eq!(failure.done.len(), 1);
    let notes = failure.error.notes.join("\n");
    assert!(notes.contains("step 1 is done"), "{notes}");
    assert!(
        notes.contains("of step 2, 1 of 2 statements were executed"),
        "{notes}"
    );
    assert!(notes.contains("step 3 was not begun"), "{notes}");
}

#[test]
fn a_lost_connection_is_not_taken_for_a_refusal() {
    let script = Script::new().lose("a 1");
    let failure = apply(&mut script.open(), &plan(false), &mut (), &Stop::new()).unwrap_err();
    let notes = failure.error.notes.join("\n");
    assert!(notes.contains("may have"), "{notes}");
    assert_eq!(script.sent().last().unwrap(), "a 1");
}

#[test]
fn what_others_hold_is_no_fault_of_the_plan() {
    let script = Script::new().busy("b 2", "Lock wait timeout exceeded");
    let failure = apply(&mut script.open(), &plan(true), &mut (), &Stop::new()).unwrap_err();
    assert_eq!(failure.error.kind, crate::ErrorKind::Locked);
    assert_eq!(failure.error.help.as_deref(), Some(crate::error::AGAIN));
}

#[test]
fn a_cut_value_fails_and_another_warning_does_not() {
    let script = Script::new().warn("a 1", "Data truncated for column 'x'", true);
    let failure = apply(&mut script.open(), &plan(true), &mut (), &Stop::new()).unwrap_err();
    assert!(failure.error.message.contains("a value was cut"));
    let script = Script::new().warn("a 1", "Integer display width is deprecated", false);
    let mut log = Log::default();
    let applied = apply(&mut script.open(), &plan(true), &mut log, &Stop::new()).unwrap();
    assert_eq!(applied.warnings.len(), 1);
    assert_eq!(applied.steps[0].affected, 3);
    assert_eq!(log.0[1], "Integer display width is deprecated");
}

#[test]
fn a_check_that_finds_rows_rolls_back() {
    let script = Script::new().answer("CHECK", fake::scalar(1));
    let failure = apply(&mut script.open(), &plan(true), &mut (), &Stop::new()).unwrap_err();
    assert!(failure.error.message.contains("a check found 1 row"));
    assert!(!script.sent().contains(&"CLOSE".to_owned()));
    assert_eq!(script.sent().last().unwrap(), "ABORT");
}

#[test]
fn a_signal_stops_before_the_next_statement() {
    struct AskAt(Stop);
    impl Observer for AskAt {
        fn event(&mut self, event: &Event<'_>) {
            if matches!(event, Event::Finished { number: 1, .. }) {
                self.0.ask(15);
            }
        }
    }
    let stop = Stop::new();
    let script = Script::new();
    let failure = apply(
        &mut script.open(),
        &plan(false),
        &mut AskAt(stop.clone()),
        &stop,
    )
    .unwrap_err();
    assert_eq!(failure.signal, Some(15));
    assert_eq!(
        failure.error.message,
        "stopped by SIGTERM before step 2 of 3"
    );
    assert_eq!(script.sent(), ["OPEN", "a 1", "a 2", "ABORT"]);
    let notes = failure.error.notes.join("\n");
    assert_eq!(notes, "step 1 is done\nsteps 2 to 3 were not begun");
}
