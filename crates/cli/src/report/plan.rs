//! A plan for a person, and for a pipe.

use std::fmt::Write as _;

use realign::planner::{Plan, Risk, Statement, Step};
use realign::runtime::LossCount;

use super::style::{self, DIM, STRONG, count, of_risk, one_line, pad, paint};

/// Width at which a statement is cut, unless everything is asked for.
const STATEMENT: usize = 160;
/// Where the text of a step begins.
const INDENT: &str = "                 ";

/// What a step does, on one line.
pub(crate) fn describe(step: &Step) -> String {
    if !step.title.is_empty() {
        return step.title.clone();
    }
    match step.statements.as_slice() {
        [] => step.object.clone(),
        [only] => one_line(&only.sql, STATEMENT),
        [first, rest @ ..] => format!(
            "{}  and {} more",
            one_line(&first.sql, STATEMENT),
            rest.len()
        ),
    }
}

/// The steps with their classes and reasons. `verbose` prints every statement whole.
pub(crate) fn steps(plan: &Plan, losses: &[LossCount], verbose: bool) -> String {
    let width = plan.steps.len().to_string().len().max(1);
    let mut text = String::new();
    for (index, step) in plan.steps.iter().enumerate() {
        let number = index + 1;
        // Writing into a String cannot fail, here and below.
        let _ = writeln!(
            text,
            "  {number:>width$}  {} {}",
            pad(of_risk(step.risk), step.risk.word(), 11),
            describe(step)
        );
        let indent = format!("{}{INDENT}", " ".repeat(width - 1));
        if verbose && (!step.title.is_empty() || step.statements.len() > 1) {
            for statement in &step.statements {
                let sql = statement.sql.replace('\n', &format!("\n{indent}"));
                let _ = writeln!(text, "{indent}{}", paint(DIM, &sql));
            }
        }
        for reason in &step.reasons {
            let _ = writeln!(text, "{indent}{}", reason.text);
        }
        for loss in losses.iter().filter(|loss| loss.step == number) {
            let amount = match loss.count {
                Some(1) => format!("1 {}", loss.unit.trim_end_matches('s')),
                Some(n) => format!("{n} {}", loss.unit),
                None => format!("{} not counted", loss.unit),
            };
            let _ = writeln!(text, "{indent}takes away {}: {amount}", loss.object);
        }
        if verbose && matches!(step.origin, realign::model::Origin::File { .. }) {
            let _ = writeln!(text, "{indent}{}", paint(DIM, &step.origin.to_string()));
        }
    }
    text
}

/// The plan and how to go on, when nothing was executed.
pub(crate) fn overview(plan: &Plan, database: &str, losses: &[LossCount], verbose: bool) -> String {
    let mut text = format!(
        "{} {database}, {}\n\n{}",
        paint(STRONG, "Plan for"),
        count(plan.steps.len(), "step"),
        steps(plan, losses, verbose)
    );
    text.push_str(
        "\nNothing is executed yet.   --force runs it   --dump-sql prints it   --write-plan plan.json keeps it\n",
    );
    if plan.risk() == Risk::Destructive {
        let _ = writeln!(
            text,
            "{} To run it, --force also needs --allow destructive --no-quarantine.",
            paint(style::BAD, "It destroys data.")
        );
    }
    text
}

/// Statements for a pipe: one a line, each ended by a semicolon or as the client wants it.
pub(crate) fn script<'a>(statements: impl IntoIterator<Item = &'a Statement>) -> String {
    let mut text = String::new();
    for statement in statements {
        for_client(statement, &mut text);
    }
    text
}

/// The same into a pipe, statement by statement: the text of a large schema is never held.
pub(crate) fn write_script<'a>(
    into: &mut impl std::io::Write,
    statements: impl IntoIterator<Item = &'a Statement>,
) -> std::io::Result<()> {
    let mut text = String::new();
    for statement in statements {
        text.clear();
        for_client(statement, &mut text);
        into.write_all(text.as_bytes())?;
    }
    into.flush()
}

fn for_client(statement: &Statement, text: &mut String) {
    if let Some(lines) = &statement.client {
        text.push_str(lines);
    } else {
        text.push_str(statement.sql.trim_end());
        if !text.ends_with(';') {
            text.push(';');
        }
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use realign::model::{Database, Fingerprint};
    use realign::planner::{Facts, PLAN_FORMAT, Phase, Plan, Policy, Risk, Statement, Step};
    use realign::runtime::LossCount;

    use super::{overview, script};
    use crate::report::style::plain;

    fn plan() -> Plan {
        let mut index = Step::new(
            Phase::Alter,
            "bgpsessiondata",
            vec![Statement::new(
                "ALTER TABLE bgpsessiondata ADD INDEX idx_timestamp (timestamp)",
            )],
        );
        index.raise(
            Risk::Safe,
            "R101",
            "INPLACE, writers go on; 1.2 million rows, about 4 s",
        );
        let mut number = Step::new(
            Phase::Alter,
            "vlan",
            vec![Statement::new("PRAGMA a"), Statement::new("PRAGMA b;")],
        );
        number.title = "vlan is rebuilt".to_owned();
        number.raise(Risk::Rewriting, "R102", "copies the table");
        let mut gone = Step::new(
            Phase::Drop,
            "meeting",
            vec![Statement::new("DROP TABLE meeting")],
        );
        gone.risk = Risk::Destructive;
        Plan {
            format: PLAN_FORMAT,
            facts: Facts::default(),
            before: Fingerprint::of(&Database::default()),
            after: Database::default(),
            policy: Policy::default(),
            opening: Vec::new(),
            steps: vec![index, number, gone],
            closing: Vec::new(),
            abort: Vec::new(),
            atomic: false,
            refusals: Vec::new(),
        }
    }

    #[test]
    fn a_plan_shows_class_statement_and_reason() {
        let losses = [LossCount {
            step: 3,
            object: "table meeting".to_owned(),
            count: Some(12),
            unit: "rows".to_owned(),
        }];
        let text = overview(
            &plan(),
            "mariadb://ixp@localhost/ixp (MariaDB 10.11.19)",
            &losses,
            false,
        );
        insta::assert_snapshot!(plain(&text), @r##"
    Plan for mariadb://ixp@localhost/ixp (MariaDB 10.11.19), 3 steps

      1  safe        ALTER TABLE bgpsessiondata ADD INDEX idx_timestamp (timestamp)
                     INPLACE, writers go on; 1.2 million rows, about 4 s
      2  rewriting   vlan is rebuilt
                     copies the table
      3  destructive DROP TABLE meeting
                     takes away table meeting: 12 rows

    Nothing is executed yet.   --force runs it   --dump-sql prints it   --write-plan plan.json keeps it
    It destroys data. To run it, --force also needs --allow destructive --no-quarantine.
    "##);
    }

    #[test]
    fn a_script_ends_every_statement_once() {
        assert_eq!(
            script(plan().statements()),
            "ALTER TABLE bgpsessiondata ADD INDEX idx_timestamp (timestamp);\nPRAGMA a;\nPRAGMA b;\nDROP TABLE meeting;\n"
        );
    }
}
