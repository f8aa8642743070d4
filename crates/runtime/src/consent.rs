//! Whether a person has said yes to what a plan takes away.

use std::collections::BTreeSet;

use realign_planner::{Diagnostic, Plan, Risk};

use crate::Prechecked;

/// What was asked for by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Kinds of risk that need a yes and got one.
    pub allow: BTreeSet<Risk>,
    /// What goes is not kept aside.
    pub no_quarantine: bool,
}

impl Consent {
    /// Everything that forbids to run the plan: rows in the way, and losses that nobody
    /// has agreed to. Empty means that it may run.
    pub fn refusals(&self, plan: &Plan, found: &Prechecked) -> Vec<Diagnostic> {
        let allowed = self.allow.contains(&Risk::Destructive);
        let mut refusals: Vec<Diagnostic> = found
            .refusals
            .iter()
            .filter(|refusal| !(refusal.lossy && allowed))
            .map(crate::Refusal::diagnostic)
            .collect();
        let lost = losses(plan, found);
        let agreed = allowed && self.no_quarantine;
        if !agreed && !lost.is_empty() {
            let mut missing = Vec::new();
            if !allowed {
                missing.push("--allow destructive");
            }
            if !self.no_quarantine {
                missing.push("--no-quarantine");
            }
            let mut diagnostic = Diagnostic::error(
                "R001",
                format!(
                    "this plan destroys data; it needs {}",
                    missing.join(" and ")
                ),
            );
            for line in lost {
                diagnostic = diagnostic.with_note(line);
            }
            diagnostic = diagnostic.with_note("nothing was changed");
            refusals.push(diagnostic.with_help(
                "make a backup first; quarantine is not in this version, so what is dropped is gone",
            ));
        }
        refusals
    }

    /// The same for a command whose very name is the removal: only what has rows needs a yes.
    pub fn drop_refusals(&self, plan: &Plan, found: &Prechecked) -> Vec<Diagnostic> {
        if self.allow.contains(&Risk::Destructive) {
            return Vec::new();
        }
        let filled: Vec<String> = found
            .losses
            .iter()
            .filter(|loss| loss.count != Some(0))
            .map(line)
            .collect();
        if filled.is_empty() || plan.is_empty() {
            return Vec::new();
        }
        let mut diagnostic = Diagnostic::error(
            "R001",
            "these tables are not empty; dropping them needs --allow destructive",
        );
        for line in filled {
            diagnostic = diagnostic.with_note(line);
        }
        vec![
            diagnostic
                .with_note("nothing was changed")
                .with_help("make a backup first: what is dropped is gone"),
        ]
    }
}

/// One line for each thing that destructive steps take away.
fn losses(plan: &Plan, found: &Prechecked) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, step) in plan.steps.iter().enumerate() {
        if step.risk != Risk::Destructive {
            continue;
        }
        let before = lines.len();
        lines.extend(
            found
                .losses
                .iter()
                .filter(|loss| loss.step == index + 1)
                .map(line),
        );
        // A destructive step that names no loss still has to be agreed to.
        if lines.len() == before {
            lines.push(step.object.clone());
        }
    }
    lines
}

fn line(loss: &crate::LossCount) -> String {
    match loss.count {
        Some(1) => format!("{}: 1 {}", loss.object, loss.unit.trim_end_matches('s')),
        Some(count) => format!("{}: {count} {}", loss.object, loss.unit),
        None => format!("{}: {} not counted", loss.object, loss.unit),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use realign_planner::{Phase, Plan, Risk, Statement, Step};

    use super::Consent;
    use crate::{LossCount, Prechecked, Refusal, fake};

    fn destructive() -> (Plan, Prechecked) {
        let mut step = Step::new(
            Phase::Drop,
            "meeting",
            vec![Statement::new("DROP TABLE meeting")],
        );
        step.risk = Risk::Destructive;
        let found = Prechecked {
            refusals: Vec::new(),
            losses: vec![LossCount {
                step: 1,
                object: "table meeting".to_owned(),
                count: Some(12),
                unit: "rows".to_owned(),
            }],
        };
        (fake::plan(vec![step]), found)
    }

    #[test]
    fn destruction_needs_both_words_and_names_what_goes() {
        let (plan, found) = destructive();
        let refused = Consent::default().refusals(&plan, &found);
        assert_eq!(
            refused[0].message,
            "this plan destroys data; it needs --allow destructive and --no-quarantine"
        );
        assert_eq!(refused[0].notes[0], "table meeting: 12 rows");
        let half = Consent {
            allow: BTreeSet::from([Risk::Destructive]),
            no_quarantine: false,
        };
        assert_eq!(
            half.refusals(&plan, &found)[0].message,
            "this plan destroys data; it needs --no-quarantine"
        );
        let whole = Consent {
            no_quarantine: true,
            ..half
        };
        assert!(whole.refusals(&plan, &found).is_empty());
    }

    #[test]
    fn dropping_what_is_empty_needs_no_yes() {
        let (plan, mut found) = destructive();
        assert_eq!(Consent::default().drop_refusals(&plan, &found).len(), 1);
        found.losses[0].count = Some(0);
        assert!(Consent::default().drop_refusals(&plan, &found).is_empty());
        found.losses[0].count = None;
        assert_eq!(Consent::default().drop_refusals(&plan, &found).len(), 1);
    }

    #[test]
    fn rows_that_the_engine_refuses_can_not_be_allowed() {
        let refusal = Refusal {
            step: 1,
            object: "cust".to_owned(),
            code: "R204".to_owned(),
            message: "cust.shortname can't become unique".to_owned(),
            count: 2,
            count_text: "2 values stand more than once".to_owned(),
            samples: Vec::new(),
            help: String::new(),
            lossy: false,
            origin: realign_model::Origin::None,
        };
        let mut found = Prechecked {
            refusals: vec![refusal],
            losses: Vec::new(),
        };
        let consent = Consent {
            allow: BTreeSet::from([Risk::Destructive]),
            no_quarantine: true,
        };
        let plan = fake::plan(Vec::new());
        assert_eq!(consent.refusals(&plan, &found).len(), 1);
        found.refusals[0].lossy = true;
        assert!(consent.refusals(&plan, &found).is_empty());
        assert_eq!(Consent::default().refusals(&plan, &found).len(), 1);
    }
}
