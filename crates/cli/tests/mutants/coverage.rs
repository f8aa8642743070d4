//! What the mutants of an engine change, and what they have to.

use std::collections::BTreeSet;

use crate::absent;
use crate::fields::{ASPECTS, FIELDS, TYPES};
use crate::fields_absent::fields_absent;
use crate::trial::{Engine, Mutant, Outcome, Patient};

/// How many databases are at work at once.
const AT_ONCE: usize = 3;

/// Tries every mutant of an engine, prints how many were seen and named, and looks whether they
/// leave anything of the model out.
pub(crate) fn check(engine: &Engine) {
    let parts = engine
        .mutants
        .chunks(engine.mutants.len().div_ceil(AT_ONCE));
    let (mut fields, mut faults) = (BTreeSet::new(), Vec::new());
    std::thread::scope(|scope| {
        let threads: Vec<_> = parts
            .map(|part| scope.spawn(|| trials(engine, part)))
            .collect();
        for thread in threads {
            let (seen, missed) = thread.join().expect("a failure is told, not thrown");
            fields.extend(seen);
            faults.extend(missed);
        }
    });
    let count = engine.mutants.len();
    let aspects: BTreeSet<_> = engine.mutants.iter().map(|mutant| mutant.aspect).collect();
    let known: BTreeSet<&str> = FIELDS.iter().chain(TYPES).copied().collect();
    let seen = known
        .iter()
        .filter(|field| fields.contains(**field))
        .count();
    println!(
        "mutants seen and named: {} {} of {count}; {} aspects, {seen} fields",
        engine.name,
        count - faults.len().min(count),
        aspects.len(),
    );
    for aspect in ASPECTS {
        let absent = absent::aspect(*aspect, engine.name);
        match (aspects.contains(aspect), absent) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(why)) => faults.push(format!("{aspect:?} has a mutant, and {why}")),
            (false, None) => faults.push(format!("the aspect {aspect:?} has no mutant")),
        }
    }
    for field in known {
        match (fields.contains(field), absent::field(field, engine.name)) {
            (true, None) | (false, Some(_)) => {}
            (true, Some(why)) if !absent::may_change(field, engine.name) => {
                faults.push(format!("{field} is changed by a mutant, and {why}"));
            }
            (true, Some(_)) => {}
            (false, None) => faults.push(format!("no mutant changes {field}")),
        }
    }
    assert!(
        faults.is_empty(),
        "on {}\n{}",
        engine.name,
        faults.join("\n\n")
    );
}

/// Tries some mutants one after the other, and says what they changed and what went wrong.
fn trials(engine: &Engine, mutants: &[Mutant]) -> (BTreeSet<String>, Vec<String>) {
    let (mut fields, mut faults) = (BTreeSet::new(), Vec::new());
    let mut patient = None;
    for mutant in mutants {
        let tried = patient
            .take()
            .map_or_else(|| Patient::new(engine), Ok)
            .and_then(|mut well: Patient<'_>| {
                let (changed, outcome) = well.tried(mutant)?;
                Ok(((outcome == Outcome::Mended).then_some(well), changed))
            });
        match tried {
            Ok((well, changed)) => {
                fields.extend(changed);
                patient = well;
            }
            Err(fault) => faults.push(format!("{}\n{fault}", mutant.told())),
        }
    }
    (fields, faults)
}

#[test]
fn what_is_absent_is_a_field_of_the_model() {
    for (path, ..) in fields_absent() {
        let begins = |field: &&str| absent::covers(path, field);
        assert!(FIELDS.iter().chain(TYPES).any(begins), "{path} is no field");
    }
}
