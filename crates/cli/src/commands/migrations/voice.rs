//! What is said while migrations run: as Doctrine says it, or in words of our own.

use std::io::Write as _;
use std::time::{Duration, Instant};

use realign::planner::migration::{Direction, Phase};
use realign::runtime::Stop;
use realign::runtime::kernel::UnitEvent;
use realign::runtime::migrate::{Loaded, MigrationEvent, Watcher};

use crate::report::doctrine::console::{Console, Level};
use crate::report::progress::Ticker;
use crate::report::style::{BAD, CARE, DIM, GOOD, count, duration, one_line, paint};
use crate::report::warnings::Warnings;
use crate::report::{Out, unless_gone};

/// Somebody who tells.
pub(super) struct Voice<'a> {
    out: Out,
    console: &'a Console,
    /// Nothing is executed: statements are told as they would run.
    dry: bool,
    query_time: bool,
    began: Instant,
    ticker: Option<Ticker>,
    warnings: Warnings,
    /// The first line that could not be printed.
    trouble: Option<anyhow::Error>,
}

impl<'a> Voice<'a> {
    /// A voice for one run.
    pub(super) fn new(out: Out, console: &'a Console, dry: bool, query_time: bool) -> Self {
        Self {
            out,
            console,
            dry,
            query_time,
            began: Instant::now(),
            ticker: None,
            warnings: Warnings::default(),
            trouble: None,
        }
    }

    /// Says also what is at work when that takes long.
    pub(super) fn watching(mut self, stop: &Stop) -> Self {
        self.ticker = Some(Ticker::new(self.out, stop));
        self
    }

    /// Hands the running statement to the ticker.
    fn tick(&self, event: &MigrationEvent<'_>) {
        let (Some(ticker), MigrationEvent::Statement { migration, event }) = (&self.ticker, event)
        else {
            return;
        };
        match event {
            UnitEvent::Started {
                number,
                total,
                statement,
            } => ticker.tell(Some(format!(
                "{}  {number} of {total}   {}",
                migration.version,
                one_line(&statement.sql, 60)
            ))),
            UnitEvent::Finished { .. } | UnitEvent::Waiting { .. } => ticker.tell(None),
            _ => {}
        }
    }

    /// What came more than once, and what went wrong with printing.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        for line in self.warnings.repeated() {
            self.out.notice(&format!("the server warns {line}"))?;
        }
        self.trouble.map_or(Ok(()), Err)
    }

    /// How long the run took, as Doctrine writes it.
    pub(super) fn elapsed(&self) -> String {
        milliseconds(self.began.elapsed())
    }

    fn spoken(&mut self, event: &MigrationEvent<'_>) -> anyhow::Result<()> {
        let console = self.console;
        match event {
            MigrationEvent::Started { migration, .. } => {
                let doing = match migration.direction {
                    Direction::Up => "migrating",
                    Direction::Down => "reverting",
                };
                let what = if migration.description.is_empty() {
                    String::new()
                } else {
                    format!(" ({})", migration.description)
                };
                console.log(
                    Level::Info,
                    &format!("++ {doing} {}{what}", migration.version),
                )
            }
            MigrationEvent::Warning(text) => console.log(Level::Warning, text),
            MigrationEvent::Note(text) => console.log(Level::Notice, text),
            MigrationEvent::Empty(migration) => console.log(
                Level::Warning,
                &format!(
                    "Migration {} was executed but did not result in any SQL statements.",
                    migration.version
                ),
            ),
            MigrationEvent::Statement { migration, event } => self.statement(migration, event),
            MigrationEvent::Skipped {
                migration,
                phase,
                reason,
            } => console.log(
                Level::Notice,
                &format!(
                    "Migration {} skipped during {}. Reason: \"{reason}\"",
                    migration.version,
                    during(*phase)
                ),
            ),
            MigrationEvent::Included(migration) => console.log(
                Level::Notice,
                &format!(
                    "Migration {} is included already: all that it makes is there",
                    migration.version
                ),
            ),
            MigrationEvent::Finished { migration, elapsed } => {
                if self.dry {
                    for statement in &migration.unit.statements[migration.main.clone()] {
                        let level = if self.query_time {
                            Level::Notice
                        } else {
                            Level::Debug
                        };
                        console.log(level, &format!("{} ", statement.text()))?;
                    }
                }
                let done = match migration.direction {
                    Direction::Up => "migrated",
                    Direction::Down => "reverted",
                };
                console.log(
                    Level::Info,
                    &format!(
                        "Migration {} {done} (took {}ms, used {}M memory)",
                        migration.version,
                        milliseconds(*elapsed),
                        memory()
                    ),
                )
            }
            MigrationEvent::Failed {
                migration,
                phase,
                reason,
            } => {
                if !self.out.is_json() {
                    unless_gone(writeln!(
                        anstream::stderr(),
                        "[error] Migration {} failed during {}. Error: \"{reason}\"",
                        migration.version,
                        during(*phase)
                    ))?;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn statement(&self, migration: &Loaded, event: &UnitEvent<'_>) -> anyhow::Result<()> {
        let own = |number: usize| migration.main.contains(&(number - 1));
        match event {
            UnitEvent::Started {
                number, statement, ..
            } if own(*number) => {
                let level = if self.query_time {
                    Level::Notice
                } else {
                    Level::Debug
                };
                self.console.log(level, &format!("{} ", statement.text()))
            }
            UnitEvent::Finished {
                number, elapsed, ..
            } if own(*number) && self.query_time => self.console.log(
                Level::Notice,
                &format!("Query took {}ms", milliseconds(*elapsed)),
            ),
            UnitEvent::Waiting { refusal, .. } => self
                .out
                .notice(&format!("waiting: {refusal}; it is tried again")),
            _ => Ok(()),
        }
    }

    fn plain(&mut self, event: &MigrationEvent<'_>) -> anyhow::Result<()> {
        match event {
            MigrationEvent::Warning(text) => self
                .out
                .chatter(&format!("  {}  {text}", paint(CARE, "warning"))),
            MigrationEvent::Note(text) => self
                .out
                .chatter(&format!("  {}  {text}", paint(DIM, "note"))),
            MigrationEvent::Empty(migration) => match says_nothing(migration) {
                Some(text) => self
                    .out
                    .chatter(&format!("  {}  {text}", paint(CARE, "warning"))),
                None => Ok(()),
            },
            MigrationEvent::Statement { event, .. } => match event {
                UnitEvent::Started {
                    number,
                    total,
                    statement,
                } if self.out.verbose > 0 || self.query_time => self.out.chatter(&format!(
                    "      {number} of {total}  {}",
                    one_line(&statement.sql, 90)
                )),
                UnitEvent::Finished {
                    elapsed, affected, ..
                } if self.query_time => self.out.chatter(&format!(
                    "              {}, {}",
                    duration(*elapsed),
                    count(usize::try_from(*affected).unwrap_or(usize::MAX), "row")
                )),
                UnitEvent::Warned { warning, .. } if self.warnings.is_new(warning) => {
                    self.out.notice(&format!(
                        "the server warns: {} ({})",
                        warning.message, warning.code
                    ))
                }
                UnitEvent::Waiting {
                    refusal, blockers, ..
                } => {
                    self.out.notice(&format!("waiting: {refusal}"))?;
                    for blocker in *blockers {
                        self.out.notice(&format!("  in the way: {blocker}"))?;
                    }
                    Ok(())
                }
                _ => Ok(()),
            },
            MigrationEvent::Skipped {
                migration, reason, ..
            } => self.out.chatter(&format!(
                "  {}  {}  {reason}",
                paint(CARE, "skipped"),
                named(migration)
            )),
            MigrationEvent::Included(migration) => self.out.chatter(&format!(
                "  {}  {}  all that it makes is there",
                paint(CARE, "included"),
                named(migration)
            )),
            MigrationEvent::Finished { migration, elapsed } if self.dry => {
                let _ = elapsed;
                self.out.chatter(&format!("  {}", named(migration)))?;
                for statement in &migration.unit.statements {
                    let rows = statement.rows.as_ref().map_or_else(String::new, |rows| {
                        format!("  {}", count(rows.text.lines().count(), "line"))
                    });
                    self.out
                        .chatter(&format!("      {}{rows}", one_line(&statement.sql, 100)))?;
                }
                Ok(())
            }
            MigrationEvent::Finished { migration, elapsed } => self.out.chatter(&format!(
                "  {}  {}  {}, {}",
                paint(GOOD, "done"),
                named(migration),
                count(migration.unit.statements.len(), "statement"),
                duration(*elapsed)
            )),
            MigrationEvent::Failed { migration, .. } => {
                self.out
                    .notice(&format!("  {}  {}", paint(BAD, "failed"), named(migration)))
            }
            _ => Ok(()),
        }
    }
}

impl Watcher for Voice<'_> {
    fn event(&mut self, event: &MigrationEvent<'_>) {
        self.tick(event);
        let told = if self.out.speech.is_some() {
            self.spoken(event)
        } else {
            self.plain(event)
        };
        if let Err(error) = told {
            self.trouble.get_or_insert(error);
        }
    }
}

fn named(migration: &Loaded) -> String {
    format!("{}  {}", migration.version, migration.description)
        .trim_end()
        .to_owned()
}

/// What is said of a migration whose file has no statement for this way.
fn says_nothing(migration: &Loaded) -> Option<String> {
    let version = &migration.version;
    let nothing = migration.up_sql.is_empty();
    match migration.direction {
        Direction::Up => nothing.then(|| format!("{version} has no statement")),
        // One that was skipped has made nothing, and so has one without statements.
        Direction::Down => (!nothing && migration.down_sql.as_deref() == Some(""))
            .then(|| format!("{version} has an empty way back: what it made stays")),
    }
}

fn during(phase: Phase) -> &'static str {
    match phase {
        Phase::PreUp | Phase::PreDown => "Pre-Checks",
        Phase::Up | Phase::Down => "Execution",
        Phase::PostUp | Phase::PostDown => "Post-Checks",
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1000.0)
}

/// The most memory that this process has used, in MiB; 0 where the system does not tell.
pub(super) fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next()?.parse::<u64>().ok())
        .map_or(0, |kib| kib.div_ceil(1024))
}
