//! Questions to the data before the first statement.

use realign_model::Origin;
use realign_planner::{Diagnostic, Plan, Precheck, Rows};
use serde::{Deserialize, Serialize};

use crate::{Connection, Error};

/// Rows that stand in the way of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// The step, the first is 1.
    pub step: usize,
    /// What the step works on.
    pub object: String,
    /// The rule's code.
    pub code: String,
    /// What can't be.
    pub message: String,
    /// How many rows or values stand in the way.
    pub count: u64,
    /// The same as a sentence: `2 values stand more than once`.
    pub count_text: String,
    /// Some of them, each as `column = value` pairs.
    pub samples: Vec<String>,
    /// What to do about it.
    pub help: String,
    /// The step could run, and would change or lose these values.
    pub lossy: bool,
    /// Where the object is declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

impl Refusal {
    /// The refusal as it is shown.
    pub fn diagnostic(&self) -> Diagnostic {
        let mut diagnostic =
            Diagnostic::error(&self.code, format!("{}: {}", self.message, self.count_text))
                .at(self.origin.clone());
        if !self.samples.is_empty() {
            let more = self.count > self.samples.len() as u64;
            diagnostic = diagnostic.with_note(format!(
                "for example {}{}",
                self.samples.join("; "),
                if more { "; …" } else { "" }
            ));
        }
        diagnostic = diagnostic.with_note("nothing was changed");
        let help = match (self.help.is_empty(), self.lossy) {
            (false, false) => self.help.clone(),
            (false, true) => format!(
                "{}; `--allow destructive` changes these values as the server does",
                self.help
            ),
            (true, true) => {
                "`--allow destructive` changes these values as the server does".to_owned()
            }
            (true, false) => String::new(),
        };
        if help.is_empty() {
            diagnostic
        } else {
            diagnostic.with_help(help)
        }
    }
}

/// How much a step would take away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossCount {
    /// The step, the first is 1.
    pub step: usize,
    /// `table meeting`, `column vlan.rcvrfname`.
    pub object: String,
    /// How many rows or values go; none when the server would not count them.
    pub count: Option<u64>,
    /// What is counted: `rows`, `values`.
    pub unit: String,
}

/// What the data says to a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prechecked {
    /// Rows in the way.
    pub refusals: Vec<Refusal>,
    /// What goes.
    pub losses: Vec<LossCount>,
}

/// Asks the data everything that the plan wants to know of it. Only reads.
pub fn precheck(connection: &mut Connection, plan: &Plan) -> Result<Prechecked, Error> {
    let mut found = Prechecked::default();
    for (index, step) in plan.steps.iter().enumerate() {
        for precheck in &step.prechecks {
            if !precheck.refused_with.is_empty() {
                found
                    .refusals
                    .extend(unread(connection, index + 1, &step.object, precheck)?);
                continue;
            }
            let count = count(connection, &precheck.count_sql).map_err(|error| {
                error.with_note(format!(
                    "while asking the data whether step {} can run ({})",
                    index + 1,
                    step.object
                ))
            })?;
            if count > 0 {
                found.refusals.push(refusal(
                    connection,
                    index + 1,
                    &step.object,
                    precheck,
                    count,
                )?);
            }
        }
        for loss in &step.losses {
            // A count is for the person; a server that refuses it does not decide the run.
            let count = match connection.run(&loss.count_sql)? {
                Ok(answer) => first_count(&answer.rows),
                Err(_) => None,
            };
            found.losses.push(LossCount {
                step: index + 1,
                object: loss.object.clone(),
                count,
                unit: loss.unit.clone(),
            });
        }
    }
    Ok(found)
}

/// What the engine says to a query that it can't read, where that is the answer.
fn unread(
    connection: &mut Connection,
    step: usize,
    object: &str,
    precheck: &Precheck,
) -> Result<Option<Refusal>, Error> {
    let Err(error) = connection.run(&precheck.count_sql)? else {
        return Ok(None);
    };
    Ok(precheck
        .refused_with
        .contains(&error.code)
        .then(|| Refusal {
            step,
            object: object.to_owned(),
            code: precheck.code.clone(),
            message: precheck.message.clone(),
            count: 1,
            count_text: format!("{}: {}", precheck.count_text, error.message),
            samples: Vec::new(),
            help: precheck.help.clone(),
            lossy: precheck.lossy,
            origin: precheck.origin.clone(),
        }))
}

fn refusal(
    connection: &mut Connection,
    step: usize,
    object: &str,
    precheck: &Precheck,
    count: u64,
) -> Result<Refusal, Error> {
    let samples = if precheck.sample_sql.is_empty() {
        Vec::new()
    } else {
        samples(&connection.query(&precheck.sample_sql)?)
    };
    Ok(Refusal {
        step,
        object: object.to_owned(),
        code: precheck.code.clone(),
        message: precheck.message.clone(),
        count,
        count_text: counted(&precheck.count_text, count),
        samples,
        help: precheck.help.clone(),
        lossy: precheck.lossy,
        origin: precheck.origin.clone(),
    })
}

/// A sentence about `{n}` things, of which there may be only one: `1 value stands`.
fn counted(text: &str, count: u64) -> String {
    let whole = text.replace("{n}", &count.to_string());
    if count != 1 {
        return whole;
    }
    let mut words = whole.splitn(4, ' ');
    let (Some(number), Some(noun), Some(verb)) = (words.next(), words.next(), words.next()) else {
        return whole;
    };
    let (Some(noun), true) = (noun.strip_suffix('s'), text.starts_with("{n} ")) else {
        return whole;
    };
    let verb = match verb {
        "have" => "has".to_owned(),
        "are" => "is".to_owned(),
        "do" => "does".to_owned(),
        "would" => "would".to_owned(),
        verb => format!("{verb}s"),
    };
    let rest = words
        .next()
        .map_or(String::new(), |rest| format!(" {rest}"));
    format!("{number} {noun} {verb}{rest}")
}

fn count(connection: &mut Connection, sql: &str) -> Result<u64, Error> {
    Ok(first_count(&connection.query(sql)?).unwrap_or(0))
}

fn first_count(rows: &Rows) -> Option<u64> {
    let value = rows.rows.first()?.first()?;
    if value.is_null() {
        return Some(0);
    }
    value.as_int().and_then(|n| u64::try_from(n).ok())
}

/// The longest value of a sample that is shown whole.
const SHOWN: usize = 40;

/// Rows as `column = value` pairs, a row an entry.
pub(crate) fn samples(rows: &Rows) -> Vec<String> {
    rows.rows
        .iter()
        .take(5)
        .map(|row| {
            rows.columns
                .iter()
                .zip(row)
                .map(|(column, value)| {
                    let text = value.display();
                    let quoted = value.as_str().is_some();
                    let mut shown: String = text.chars().take(SHOWN).collect();
                    if text.chars().count() > SHOWN {
                        shown.push('…');
                    }
                    // One line a row, whatever the value holds.
                    let shown: String = shown
                        .chars()
                        .map(|c| if c.is_control() { ' ' } else { c })
                        .collect();
                    if quoted {
                        format!("{column} = '{shown}'")
                    } else {
                        format!("{column} = {shown}")
                    }
                })
                .collect::<Vec<_>>()
                .join(", ")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use realign_planner::{Loss, Phase, Precheck, Rows, Statement, Step, Value};

    use super::{counted, precheck};
    use crate::fake::{self, Script};

    fn step() -> Step {
        let mut step = Step::new(Phase::Alter, "cust", vec![Statement::new("ALTER")]);
        step.prechecks.push(Precheck {
            code: "R204".to_owned(),
            message: "cust.shortname can't become unique".to_owned(),
            count_text: "{n} values stand more than once".to_owned(),
            count_sql: "COUNT".to_owned(),
            sample_sql: "SAMPLE".to_owned(),
            help: "rename these rows".to_owned(),
            lossy: false,
            refused_with: Vec::new(),
            origin: realign_model::Origin::None,
        });
        step.losses.push(Loss {
            object: "column cust.fax".to_owned(),
            count_sql: "LOST".to_owned(),
            unit: "values".to_owned(),
        });
        step
    }

    #[test]
    fn rows_in_the_way_are_counted_and_shown() {
        let script = Script::new()
            .answer("COUNT", fake::scalar(2))
            .answer(
                "SAMPLE",
                Rows {
                    columns: vec!["id".to_owned(), "shortname".to_owned()],
                    rows: vec![vec![Value::Int(12), Value::Text("acme\n".to_owned())]],
                },
            )
            .answer("LOST", fake::scalar(7));
        let mut connection = script.open();
        let found = precheck(&mut connection, &fake::plan(vec![step()])).unwrap();
        assert_eq!(found.losses[0].count, Some(7));
        let refusal = &found.refusals[0];
        assert_eq!(refusal.count_text, "2 values stand more than once");
        assert_eq!(refusal.samples, ["id = 12, shortname = 'acme '"]);
        let shown = refusal.diagnostic();
        assert_eq!(
            shown.message,
            "cust.shortname can't become unique: 2 values stand more than once"
        );
        assert!(shown.notes.iter().any(|n| n == "nothing was changed"));
    }

    #[test]
    fn a_query_that_can_t_be_read_is_an_answer_with_the_right_code_only() {
        for (code, said) in [
            (
                "1062",
                vec!["{n} values stand more than once: no such function"],
            ),
            ("42501", vec![]),
        ] {
            let mut step = step();
            step.prechecks[0].refused_with = vec![code.to_owned()];
            let script = Script::new().refuse("COUNT", "no such function");
            let found = precheck(&mut script.open(), &fake::plan(vec![step])).unwrap();
            let told: Vec<&str> = found
                .refusals
                .iter()
                .map(|r| r.count_text.as_str())
                .collect();
            assert_eq!(told, said, "{code}");
        }
    }

    #[test]
    fn a_count_of_zero_passes_and_an_uncountable_loss_is_unknown() {
        let script = Script::new()
            .answer("COUNT", fake::scalar(0))
            .refuse("LOST", "no");
        let mut connection = script.open();
        let found = precheck(&mut connection, &fake::plan(vec![step()])).unwrap();
        assert!(found.refusals.is_empty());
        assert_eq!(found.losses[0].count, None);
    }

    #[test]
    fn one_is_not_many() {
        for (text, one) in [
            (
                "{n} values stand more than once",
                "1 value stands more than once",
            ),
            ("{n} rows have NULL there", "1 row has NULL there"),
            ("{n} rows would need a value", "1 row would need a value"),
            ("{n} values are none", "1 value is none"),
            ("{n} table would lose it", "1 table would lose it"),
            ("only {n}", "only 1"),
        ] {
            assert_eq!(counted(text, 1), one);
        }
        assert_eq!(
            counted("{n} rows have NULL there", 2),
            "2 rows have NULL there"
        );
    }

    #[test]
    fn a_question_that_the_server_refuses_stops_the_run() {
        let script = Script::new().refuse("COUNT", "no such column");
        let error = precheck(&mut script.open(), &fake::plan(vec![step()])).unwrap_err();
        assert!(error.message.contains("no such column"));
        assert!(
            error
                .notes
                .iter()
                .any(|note| note.contains("step 1 can run (cust)"))
        );
    }
}
