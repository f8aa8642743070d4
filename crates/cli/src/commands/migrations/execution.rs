//! Running a schedule, or saying what it would run.

use realign::planner::migration::{Direction, Schedule};
use realign::runtime::kernel::{RunKind, UnitStatement};
use realign::runtime::migrate::{
    Job, Loaded, Loader, MigrationDone, MigrationEvent, MigrationOutcome, Planned, RunFailure,
    Watcher as _, kept, rehearse,
};
use realign::runtime::process::quoted;
use realign::runtime::{Error, ErrorKind};

use super::context::{Context, broken};
use super::engines;
use super::obstacles;
use super::promises;
use super::required::{not_required, required};
use super::run_document::RunDocument;
use super::voice::{Voice, memory};
use super::write_sql;
use super::writing::{HalfWay, journal};
use crate::args::RunArgs;
use crate::commands::last_run;
use crate::commands::locked::Locked;
use crate::config::Transaction;
use crate::exit::Exit;
use crate::report::doctrine::console::Level;
use crate::report::style::count;

/// What is to run, and how it is told.
pub(super) struct Execution<'a> {
    /// Doctrine's first line.
    pub(super) title: String,
    /// Doctrine's last one.
    pub(super) success: String,
    /// The migrations.
    pub(super) schedule: Schedule,
    /// All in one transaction.
    pub(super) together: bool,
    /// What a run before has left.
    pub(super) half_way: Option<HalfWay>,
    /// What was typed.
    pub(super) run: &'a RunArgs,
    /// The command, for a program.
    pub(super) command: &'static str,
}

/// Runs it; without the lock it only says what would run.
pub(super) fn execute(
    context: &mut Context<'_>,
    locked: Option<&Locked>,
    mut execution: Execution<'_>,
) -> anyhow::Result<Exit> {
    if let (Some(stand), Some(_)) = (&execution.half_way, &execution.run.write_sql) {
        // Whoever ran the file would leave the journal where it is, and the next run go on from there.
        let error = stand.in_the_way(context.settings);
        return Err(error
            .with_note("what has run of it is in Realign's books: a file can't go on with it")
            .into());
    }
    let from = go_on(context, &mut execution, locked.is_none())?;
    if context.spoken() {
        context.console.log(Level::Notice, &execution.title)?;
    } else {
        context.out.chatter(&format!(
            "{}, {}",
            execution.title,
            count(execution.schedule.versions.len(), "migration")
        ))?;
    }
    let mut loaded = load(context, &execution)?;
    let skipped = context.skipped()?;
    for migration in &mut loaded {
        if migration.direction == Direction::Down && skipped.contains(migration.version.as_str()) {
            // What it would have made was not made by it, and is not its to take away.
            migration.only_recorded();
        }
    }
    required(context, &loaded)?;
    if execution.command == "migrations execute" {
        not_required(context, &loaded, &skipped)?;
    }
    unchanged(&execution, &loaded)?;
    in_one(&execution, from, &loaded)?;
    obstacles::none(context, &loaded)?;
    if let (None, Some(first)) = (locked, loaded.first_mut()) {
        first.go_on_from(from);
    }
    let console = std::mem::replace(
        &mut context.console,
        crate::report::doctrine::console::Console::new(context.out, false),
    );
    let mut voice = Voice::new(
        context.out,
        &console,
        locked.is_none(),
        execution.run.query_time,
    );
    if let Some(locked) = locked {
        voice = voice.watching(&locked.stop);
    }
    let ran = match no_way(&loaded, &mut voice) {
        Some(failure) => Err(failure),
        None => match locked {
            Some(locked) => run(context, locked, &execution, &loaded, from, &mut voice)?,
            None => look(context, &loaded, &mut voice)?,
        },
    };
    let elapsed = voice.elapsed();
    voice.finish()?;
    context.console = console;
    end(
        context,
        &execution,
        &loaded,
        ran,
        &elapsed,
        locked.is_none(),
    )
}

/// Puts a migration that stands half-way first. Gives the number of its statements that are done.
fn go_on(context: &Context<'_>, execution: &mut Execution<'_>, dry: bool) -> anyhow::Result<usize> {
    let Some(stand) = &execution.half_way else {
        return Ok(0);
    };
    let schedule = &mut execution.schedule;
    let alone = schedule.versions.is_empty();
    if alone {
        schedule.versions.push(stand.version.clone());
    }
    let here = schedule.versions.iter().position(|v| *v == stand.version);
    let Some(at) = here.filter(|_| stand.goes(schedule.direction)) else {
        if dry {
            let words = stand.words();
            if alone {
                schedule.versions.clear();
            }
            execution.half_way = None;
            context.out.notice(&format!(
                "{words}; nothing else can be executed before it is gone on with, or forgotten"
            ))?;
            return Ok(0);
        }
        return Err(stand.in_the_way(context.settings).into());
    };
    let version = schedule.versions.remove(at);
    schedule.versions.insert(0, version);
    let then = if dry {
        "a run would go on with it"
    } else {
        "going on with it"
    };
    context.out.notice(&format!("{}; {then}", stand.words()))?;
    let open = stand.row.open.as_ref().filter(|_| !dry);
    let settled = open.map(|open| open.part);
    context.out.notice(&last_run::listing(
        &stand.begun.statements,
        stand.done,
        settled,
    ))?;
    Ok(stand.done)
}

fn load(context: &mut Context<'_>, execution: &Execution<'_>) -> anyhow::Result<Vec<Loaded>> {
    let placeholders = context.placeholders(&execution.run.set)?;
    let transactions = context.settings.migrations.transaction != Transaction::None;
    let site = &context.site()?;
    let loader = Loader {
        site,
        directory: &context.directory,
        placeholders: &placeholders,
        transactions,
    };
    let schedule = &execution.schedule;
    match loader.load(&schedule.versions, schedule.direction)? {
        Ok(loaded) => match engines::unknown(&loaded) {
            problems if problems.is_empty() => Ok(loaded),
            problems => Err(broken(context.out, &problems)?),
        },
        Err(problems) => Err(broken(context.out, &problems)?),
    }
}

/// What ran of a migration must still be in its file.
fn unchanged(execution: &Execution<'_>, loaded: &[Loaded]) -> anyhow::Result<()> {
    let (Some(stand), Some(first)) = (&execution.half_way, loaded.first()) else {
        return Ok(());
    };
    let kept = kept(&first.unit.statements);
    for (at, done) in stand.begun.statements.iter().take(stand.done).enumerate() {
        let now = first.unit.statements.get(at).zip(kept.get(at));
        let same = |(statement, kept): (&UnitStatement, &String)| {
            *done == *kept || *done == statement.text()
        };
        if !now.is_some_and(same) {
            let mut error = Error::new(
                ErrorKind::Failed,
                format!(
                    "{} has changed in statements that ran already",
                    stand.version
                ),
            )
            .with_note(format!("ran: {done}"));
            if let Some((now, kept)) = now {
                error = error.with_note(format!("now: {kept} ({})", now.origin));
            }
            return Err(error
                .with_help("put it back as it was; what has not run yet may change")
                .into());
        }
    }
    Ok(())
}

/// What says `transaction off` has no place in the one transaction of all, looked at or run.
fn in_one(execution: &Execution<'_>, from: usize, loaded: &[Loaded]) -> anyhow::Result<()> {
    let alone = loaded.iter().find(|migration| !migration.unit.transaction);
    let Some(alone) = alone.filter(|_| execution.together && from == 0) else {
        return Ok(());
    };
    Err(Error::new(
        ErrorKind::Refused,
        format!(
            "{} can't be in the one transaction of all: it says `transaction off`",
            alone.version
        ),
    )
    .with_note("nothing was executed")
    .with_help("run it without --all-or-nothing")
    .into())
}

/// A way that does not exist is told before the first statement.
fn no_way(loaded: &[Loaded], voice: &mut Voice<'_>) -> Option<RunFailure> {
    let at = loaded
        .iter()
        .position(|migration| migration.no_way.is_some())?;
    let migration = &loaded[at];
    let reason = migration.no_way.clone().unwrap_or_default();
    let phase = realign::planner::migration::Phase::Down;
    if at == 0 {
        voice.event(&MigrationEvent::Started {
            migration,
            number: 1,
            total: loaded.len(),
        });
    }
    voice.event(&MigrationEvent::Failed {
        migration,
        phase,
        reason: &reason,
    });
    let error = Error::new(ErrorKind::Refused, reason)
        .with_note(format!("migration {}", migration.version))
        .with_note("nothing was executed")
        .with_help(format!(
            "write the way back into its file, or take it out of the history alone: realign migrations version {} --delete",
            quoted(migration.version.as_str())
        ));
    Some(RunFailure {
        error: Box::new(error),
        version: Some(migration.version.clone()),
        done: Vec::new(),
        signal: None,
    })
}

type Ran = Result<Vec<MigrationDone>, RunFailure>;

fn run(
    context: &mut Context<'_>,
    locked: &Locked,
    execution: &Execution<'_>,
    loaded: &[Loaded],
    from: usize,
    voice: &mut Voice<'_>,
) -> anyhow::Result<Ran> {
    let out = context.out;
    let history = context.history.clone();
    let base = context.base()?;
    let written = history.written(&mut base.live.connection, &base.site)?;
    let mut job = Job {
        guard: &locked.guard,
        history: &history,
        written: &written,
        migrations: loaded,
        from,
        together: execution.together && from == 0,
        outcome: MigrationOutcome::Executed,
    };
    let connection = &mut base.live.connection;
    job.together = job.together && promises::together(out, connection, &job)?;
    promises::told(out, connection, &base.site, loaded)?;
    let journal = journal(
        locked,
        connection,
        execution.half_way.as_ref(),
        loaded.iter().map(Planned::of),
    )?;
    Ok(job.run(connection, journal, voice, &locked.stop))
}

fn look(
    context: &mut Context<'_>,
    loaded: &[Loaded],
    voice: &mut Voice<'_>,
) -> anyhow::Result<Ran> {
    if let Some(base) = &mut context.base {
        let connection = &mut base.live.connection;
        return Ok(rehearse(connection, &base.site, loaded, voice));
    }
    let (site, mut connection) = context.scratch()?;
    Ok(rehearse(&mut connection, &site, loaded, voice))
}

fn end(
    context: &mut Context<'_>,
    execution: &Execution<'_>,
    loaded: &[Loaded],
    ran: Ran,
    elapsed: &str,
    dry: bool,
) -> anyhow::Result<Exit> {
    let document = |done, written| {
        let document = RunDocument::done(
            execution.command,
            execution.schedule.direction,
            done,
            written,
        );
        if dry {
            document.planned(loaded)
        } else {
            document
        }
    };
    match ran {
        Ok(done) => {
            let queries = queries(&done, dry && context.spoken());
            if context.spoken() {
                context.console.log(
                    Level::Notice,
                    &format!(
                        "finished in {elapsed}ms, used {}M memory, {} migrations executed, {queries} sql queries",
                        memory(),
                        done.len()
                    ),
                )?;
            }
            let written =
                write_sql::write(context, execution.run, execution.together, loaded, &done)?;
            if let Some(path) = &written {
                let text = format!("Writing migration file to \"{}\"", path.display());
                if context.spoken() {
                    context.console.log(Level::Info, &text)?;
                } else {
                    context.out.chatter(&format!(
                        "Written to {}; nothing was executed.",
                        path.display()
                    ))?;
                }
            }
            if context.spoken() {
                context.console.good(&execution.success)?;
                context.console.line()?;
            } else if !dry {
                context
                    .out
                    .chatter(&format!("{}, {elapsed} ms", totals(&done, loaded)))?;
            } else if execution.run.write_sql.is_none() {
                context.out.chatter("Nothing was executed.")?;
            }
            let written = written.map(|path| path.display().to_string());
            context.out.json(&document(&done, written))?;
            Ok(Exit::Done)
        }
        Err(failure) => {
            let (mut error, done) = (*failure.error, failure.done);
            if let Some(version) = &failure.version
                && !error.message.contains(version.as_str())
                && !error
                    .notes
                    .iter()
                    .any(|note| note.contains(version.as_str()))
            {
                error = error.with_note(format!("in migration {version}"));
            }
            if error.help.is_none() && error.refusal().is_some_and(|refusal| refusal.timed_out) {
                error = error.with_help(
                    "`-- realign:statement-timeout 1h` in the migration gives its statements an hour; then run the same command again",
                );
            }
            if error.help.is_none() && !dry {
                // Of a way down the command says how far it goes.
                let command = match execution.schedule.direction {
                    Direction::Up => RunKind::Migrate.command(),
                    Direction::Down => "it",
                };
                error = error.with_help(format!(
                    "mend it and run the same command again: {command} goes on where it stopped"
                ));
            }
            if context.out.is_json() {
                context
                    .out
                    .json(&document(&done, None).failed(failure.version, &error))?;
                return Ok(Exit::of(&error.into()));
            }
            Err(error.into())
        }
    }
}

/// What ran, in numbers: what was skipped is not among it.
fn totals(done: &[MigrationDone], loaded: &[Loaded]) -> String {
    let ran: Vec<&MigrationDone> = done
        .iter()
        .filter(|done| {
            done.outcome != MigrationOutcome::Skipped && done.outcome != MigrationOutcome::Included
        })
        .collect();
    let of_ran = loaded
        .iter()
        .filter(|migration| ran.iter().any(|done| done.version == migration.version))
        .map(|migration| migration.unit.statements.len());
    // What of one that is included was sent before that was found.
    let included = |done: &&MigrationDone| done.outcome == MigrationOutcome::Included;
    let of_included = done.iter().filter(included).map(|one| one.statements);
    let statements = of_ran.chain(of_included).sum();
    let left_out = |outcome: MigrationOutcome| match done
        .iter()
        .filter(|done| done.outcome == outcome)
        .count()
    {
        0 => String::new(),
        number => format!(", {number} {}", outcome.word()),
    };
    let skipped = left_out(MigrationOutcome::Skipped) + &left_out(MigrationOutcome::Included);
    format!(
        "{} executed{skipped}, {}",
        count(ran.len(), "migration"),
        count(statements, "statement")
    )
}

/// Statements of migrations; Doctrine counts two more for each that it only looks at.
fn queries(done: &[MigrationDone], like_doctrine: bool) -> usize {
    done.iter()
        .filter(|done| done.outcome == MigrationOutcome::Executed)
        .map(|done| done.statements + if like_doctrine { 2 } else { 0 })
        .sum()
}
