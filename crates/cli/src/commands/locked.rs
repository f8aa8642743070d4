//! The right to write, as every command that writes takes it.

use std::sync::{Arc, OnceLock};

use realign::Engine;
use realign::planner::Facts;
use realign::runtime::kernel::{
    Guard, Holder, Intent, RunRow, Settled, Site, can_be_undone, last_run, settle_run,
};
use realign::runtime::{Connect, Connection, Error, ErrorKind, Stop};

use super::last_run;
use crate::report::Out;
use crate::settings::Settings;

/// The lock of a database, and the wish to stop that comes with writing.
pub(crate) struct Locked {
    /// The lock.
    pub(crate) guard: Guard,
    /// What signals ask for.
    pub(crate) stop: Stop,
}

/// The one wish to stop of this process: whoever asks listens to the same signals.
pub(crate) fn stop() -> Result<Stop, realign::runtime::Error> {
    static STOP: OnceLock<Stop> = OnceLock::new();
    if let Some(stop) = STOP.get() {
        return Ok(stop.clone());
    }
    let stop = Stop::on_signals()?;
    Ok(STOP.get_or_init(|| stop).clone())
}

/// The database as the kernel knows it.
pub(crate) fn site(engine: &Engine, connect: &Arc<dyn Connect>, facts: &Facts) -> Site {
    Site {
        dialect: engine.dialect,
        facts: facts.clone(),
        connect: Arc::clone(connect),
    }
}

impl Locked {
    /// Takes the lock for a command, and makes this session its working one.
    pub(crate) fn take(
        site: &Site,
        connection: &mut Connection,
        command: &str,
        settings: &Settings,
        out: Out,
    ) -> anyhow::Result<Self> {
        let stop = stop()?;
        let mut told = Ok(());
        let mut guard = Guard::acquire(
            site,
            &format!("realign {command}"),
            settings.lock,
            &stop,
            &mut |holder| told = out.notice(&waiting(holder)),
        )?;
        told?;
        stop.cancelling(guard.cancels());
        if let Some(before) = &guard.took_over {
            out.notice(&format!(
                "The run before did not give its lock free ({before}); it has been taken over"
            ))?;
        }
        guard.adopt(connection)?;
        if let Some(row) = last_run(connection, site)?
            && let Some(words) = last_run::words(&row)
            // Under Doctrine's names only what has to be known is said in other words.
            && (out.speech.is_none() || row.is_unfinished())
        {
            out.notice(&words)?;
        }
        Ok(Self { guard, stop })
    }
}

fn waiting(holder: &Holder) -> String {
    let owner = &holder.owner;
    if owner.host.is_empty() {
        "Waiting for the lock: somebody holds it".to_owned()
    } else {
        format!(
            "Waiting for the lock: `{}` holds it ({owner})",
            owner.command
        )
    }
}

/// The run that has to be gone on with before anything else is written. Writes nothing.
pub(crate) fn unfinished(
    connection: &mut Connection,
    site: &Site,
) -> Result<Option<RunRow>, Error> {
    Ok(last_run(connection, site)?.filter(RunRow::is_unfinished))
}

/// What became of the open statement of a run; `realign unlock` or the person has said that
/// nobody works on it any more.
pub(crate) fn settled(
    connection: &mut Connection,
    site: &Site,
    row: &RunRow,
    intent: &Intent,
    settings: &Settings,
    out: Out,
) -> anyhow::Result<Settled> {
    let settled = settle_run(connection, site, row, intent, settings.settle)?;
    if let Settled::Undone(statements) = &settled {
        for sql in statements {
            out.notice(&format!(
                "Took away what the open statement had made: {sql}"
            ))?;
        }
    }
    Ok(settled)
}

/// Nobody can know whether a statement ran: the person is asked.
pub(crate) fn open_question(site: &Site, intent: &Intent, why: &str, command: &str) -> Error {
    let mut help = format!(
        "look whether it ran, then say so: `{command} --settle ran` or `{command} --settle did-not-run`"
    );
    if can_be_undone(site, intent) {
        help.push_str("\n`");
        help.push_str(command);
        help.push_str(" --settle undo` takes away what there is of it, and runs it again");
    }
    Error::new(
        ErrorKind::Failed,
        "the run before was killed in a statement, and whether that statement ran can't be told",
    )
    .with_note(format!("statement: {}", intent.sql))
    .with_note(format!("why: {why}"))
    .with_help(help)
}
