//! Triggers, routines and events as one text each, in one spelling: what the catalogue tells in
//! pieces and what a file says as a whole come to the same.

use std::fmt::Write as _;

use realign_model::{Expr, SessionSettings};
use realign_planner::{Facts, Verdict};

use crate::lexer::Cursor;
use crate::parse::{self, CreateRoutine, CreateTrigger, EventClauses, Schedule, Statement};
use crate::render::{quote_ident, string_literal};
use crate::{expr, settings, types};

/// ``DEFINER=`root`@`localhost` `` with a blank behind it, or nothing.
pub(crate) fn definer(account: Option<&str>) -> String {
    match account {
        None | Some("") => String::new(),
        Some("CURRENT_USER") => "DEFINER=CURRENT_USER ".to_owned(),
        Some(account) => {
            let (user, host) = account.rsplit_once('@').unwrap_or((account, "%"));
            format!("DEFINER={}@{} ", quote_ident(user), quote_ident(host))
        }
    }
}

const KINDS: [&str; 5] = ["AGGREGATE", "TRIGGER", "FUNCTION", "PROCEDURE", "EVENT"];

/// A statement without the account behind DEFINER, which differs from machine to machine.
pub(crate) fn without_definer(text: &str) -> String {
    let mut cursor = Cursor::new(text);
    if !cursor.eat_word("CREATE") || !cursor.eat_word("DEFINER") {
        return text.to_owned();
    }
    while !cursor.is_at_end() && !KINDS.iter().any(|kind| cursor.at_word(kind)) {
        cursor.take();
    }
    format!("CREATE {}", cursor.rest())
}

/// A trigger.
pub(crate) fn trigger(said: &CreateTrigger) -> String {
    format!(
        "CREATE {}TRIGGER {} {} {} ON {} FOR EACH ROW {}",
        definer(said.definer.as_deref()),
        quote_ident(&said.name.name.text),
        said.timing,
        said.event,
        quote_ident(&said.table.name.text),
        said.body
    )
}

/// A routine. What it does not say of itself is what a server takes then.
pub(crate) fn routine(said: &CreateRoutine) -> String {
    let parameters: Vec<String> = said
        .parameters
        .iter()
        .map(|parameter| {
            let mode = parameter
                .mode
                .filter(|mode| *mode != "IN" || !said.function);
            let mode = match mode {
                Some(mode) => format!("{mode} "),
                None if said.function => String::new(),
                None => "IN ".to_owned(),
            };
            format!(
                "{mode}{} {}",
                quote_ident(&parameter.name.text),
                parameter.data_type
            )
        })
        .collect();
    // Only an aggregate function asks for the rows of its group.
    let aggregate = || {
        let mut cursor = Cursor::new(&said.body);
        while !cursor.is_at_end() {
            if cursor.eat_words(&["FETCH", "GROUP", "NEXT", "ROW"]) {
                return true;
            }
            cursor.take();
        }
        false
    };
    let kind = match said.function {
        true if aggregate() => "AGGREGATE FUNCTION",
        true => "FUNCTION",
        false => "PROCEDURE",
    };
    let mut text = format!(
        "CREATE {}{kind} {} ({})",
        definer(said.definer.as_deref()),
        quote_ident(&said.name.name.text),
        parameters.join(", ")
    );
    if let Some(returns) = &said.returns {
        let _ = write!(text, " RETURNS {returns}");
    }
    let about = &said.characteristics;
    if about.deterministic == Some(true) {
        text.push_str(" DETERMINISTIC");
    }
    let _ = write!(
        text,
        " {} SQL SECURITY {}",
        about.data_access.unwrap_or("CONTAINS SQL"),
        about.security.unwrap_or("DEFINER")
    );
    if let Some(comment) = about.comment.as_deref().filter(|text| !text.is_empty()) {
        let _ = write!(text, " COMMENT {}", string_literal(comment));
    }
    let _ = write!(text, " {}", said.body);
    text
}

/// An event.
pub(crate) fn event(name: &str, said: &EventClauses) -> String {
    let mut text = format!(
        "CREATE {}EVENT {} ON SCHEDULE ",
        definer(said.definer.as_deref()),
        quote_ident(name)
    );
    match &said.schedule {
        Some(Schedule::At(moment)) => {
            let _ = write!(text, "AT {moment}");
        }
        Some(Schedule::Every {
            interval,
            unit,
            starts,
            ends,
        }) => {
            let _ = write!(text, "EVERY {interval} {unit}");
            for (word, moment) in [("STARTS", starts), ("ENDS", ends)] {
                if let Some(moment) = moment {
                    let _ = write!(text, " {word} {moment}");
                }
            }
        }
        None => {}
    }
    text.push_str(match said.preserve {
        Some(true) => " ON COMPLETION PRESERVE ",
        Some(false) | None => " ON COMPLETION NOT PRESERVE ",
    });
    text.push_str(said.status.unwrap_or("ENABLE"));
    if let Some(comment) = said.comment.as_deref().filter(|text| !text.is_empty()) {
        let _ = write!(text, " COMMENT {}", string_literal(comment));
    }
    let _ = write!(text, " DO {}", said.body.as_deref().unwrap_or_default());
    text
}

/// Whether two triggers, routines or events do the same, whoever made them. What a server prints in
/// its own words is read and put in ours: types, what is said of a routine, schedules.
pub(crate) fn same(is: Said<'_>, wish: Said<'_>, facts: &Facts) -> Verdict {
    if !settings::same(is.1, wish.1) {
        return Verdict::Different;
    }
    let plain = |(text, own): Said<'_>| normal(&settings::plain(&text.text, own, facts), facts);
    expr::same_statement(&plain(is), &plain(wish))
}

/// The statement that makes something, and the settings that it is made in.
pub(crate) type Said<'a> = (&'a Expr, &'a SessionSettings);

/// A trigger, routine or event that is made anew keeps its definer where it names none.
pub(crate) fn of_the_same(is: &Expr, wish: &Expr, facts: &Facts) -> Expr {
    let account = match parse::statement(&is.text, facts) {
        Ok(Statement::CreateTrigger(said)) => said.definer,
        Ok(Statement::CreateRoutine(said)) => said.definer,
        Ok(Statement::CreateEvent(said)) => said.clauses.definer,
        _ => None,
    };
    match (parse::statement(&wish.text, facts), account) {
        (Ok(Statement::CreateTrigger(mut said)), Some(account)) if said.definer.is_none() => {
            said.definer = Some(account);
            Expr::new(trigger(&said))
        }
        (Ok(Statement::CreateRoutine(mut said)), Some(account)) if said.definer.is_none() => {
            said.definer = Some(account);
            Expr::new(routine(&said))
        }
        (Ok(Statement::CreateEvent(mut said)), Some(account)) if said.clauses.definer.is_none() => {
            said.clauses.definer = Some(account);
            Expr::new(event(&said.name.name.text, &said.clauses))
        }
        _ => wish.clone(),
    }
}

/// A text in the one spelling, without its definer; one that is not understood as it is.
fn normal(text: &str, facts: &Facts) -> Expr {
    Expr::new(match parse::statement(text, facts) {
        Ok(Statement::CreateTrigger(mut said)) => {
            said.definer = None;
            trigger(&said)
        }
        Ok(Statement::CreateRoutine(mut said)) => {
            said.definer = None;
            for parameter in &mut said.parameters {
                parameter.data_type = data_type(&parameter.data_type, facts);
            }
            said.returns = said.returns.map(|returns| data_type(&returns, facts));
            routine(&said)
        }
        Ok(Statement::CreateEvent(mut said)) => {
            said.clauses.definer = None;
            if let Some(Schedule::Every {
                interval, starts, ..
            }) = &mut said.clauses.schedule
            {
                *interval = interval.trim_matches(['\'', '"']).to_owned();
                // Without a word an event starts when it is made.
                *starts = None;
            }
            event(&said.name.name.text, &said.clauses)
        }
        _ => without_definer(text),
    })
}

/// A type in our spelling, without the character set that a server adds to it.
fn data_type(text: &str, facts: &Facts) -> String {
    let mut cursor = Cursor::new(text);
    match types::read(&mut cursor, facts) {
        Some(data_type) => types::render(&data_type, facts),
        None => text.to_owned(),
    }
}
