//! Engines that checks name.

use realign::planner::Diagnostic;
use realign::planner::migration::Condition;
use realign::runtime::migrate::Loaded;

/// Checks that name an engine that there is not: they would hold nowhere, or everywhere.
pub(super) fn unknown(loaded: &[Loaded]) -> Vec<Diagnostic> {
    let dialects = realign::engines()
        .iter()
        .map(|engine| engine.dialect.name());
    let mut known: Vec<&str> = realign::vendors().chain(dialects).collect();
    known.sort_unstable();
    known.dedup();
    loaded
        .iter()
        .flat_map(|migration| {
            let before = migration.checks.iter().map(|(_, check)| check);
            before.chain(&migration.closing)
        })
        .filter_map(|check| match &check.condition {
            Condition::Engine { name, .. } if !known.contains(&name.as_str()) => {
                let message = format!("there is no engine `{name}`");
                let help = format!("there are: {}", known.join(", "));
                let problem = Diagnostic::error("M001", message).at(check.origin.clone());
                Some(problem.with_help(help))
            }
            Condition::Engine { .. }
            | Condition::Always
            | Condition::Query(_)
            | Condition::Structure(_) => None,
        })
        .collect()
}
