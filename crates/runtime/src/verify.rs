//! The proof after a run: inspect again, compare again.

use realign_planner::{Dialect, Diff, Finding, Plan, Weight, diff};

use crate::{Connection, Error, ErrorKind, Inspection, inspect};

/// Inspects again and compares with what the plan was to reach.
pub fn verify(
    connection: &mut Connection,
    dialect: &dyn Dialect,
    plan: &Plan,
) -> Result<(Inspection, Diff), Error> {
    let found = inspect(connection, dialect, plan.facts.doctrine)?;
    let left = diff(
        &found.database,
        &plan.after,
        dialect,
        &found.facts,
        &plan.policy,
    );
    if left.in_sync() {
        Ok((found, left))
    } else {
        Err(not_converged(&left))
    }
}

/// The error for differences that a run left.
fn not_converged(left: &Diff) -> Error {
    let differences: Vec<&Finding> = left.of(Weight::Differs).collect();
    let count = differences.len().max(left.changes.len());
    let mut error = Error::new(
        ErrorKind::Failed,
        format!(
            "the plan ran, and {count} difference{} {} left",
            if count == 1 { "" } else { "s" },
            if count == 1 { "is" } else { "are" },
        ),
    );
    for finding in differences {
        let mut line = format!("{}: {}", finding.object, finding.reason);
        if let (Some(declared), Some(database)) = (&finding.declared, &finding.database) {
            line = format!(
                "{line} (declared {}, database {})",
                declared.written, database.written
            );
        }
        error = error.with_note(line);
    }
    error.with_help("`realign schema validate` shows them with their places; please report this")
}

#[cfg(test)]
mod tests {
    use realign_model::Origin;
    use realign_planner::{Aspect, Diff, Finding, Side, Weight};

    use super::not_converged;

    #[test]
    fn what_is_left_is_listed() {
        let left = Diff {
            findings: vec![Finding {
                object: "vlan.number".to_owned(),
                weight: Weight::Differs,
                aspect: Aspect::Type,
                declared: Some(Side::plain("INT")),
                database: Some(Side::plain("BIGINT")),
                reason: "the type differs".to_owned(),
                origin: Origin::None,
            }],
            ..Diff::default()
        };
        let error = not_converged(&left);
        assert_eq!(error.message, "the plan ran, and 1 difference is left");
        assert_eq!(
            error.notes,
            ["vlan.number: the type differs (declared INT, database BIGINT)"]
        );
    }
}
