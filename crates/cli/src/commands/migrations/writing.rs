//! What every migration command that writes does first and last.

use realign::planner::migration::{Direction, Version};
use realign::runtime::kernel::{Journal, RunKind, RunRow, Settled};
use realign::runtime::migrate::{Begun, Planned};
use realign::runtime::process::quoted;
use realign::runtime::{Connection, Error, ErrorKind};

use super::context::{Base, Context};
use super::way_on::has_file;
use crate::commands::last_run::goes_on_with;
use crate::commands::locked::{self, Locked};
use crate::commands::schema::context::Live;
use crate::report::style::count;
use crate::settings::Settings;

/// The place where a run before has stopped.
#[derive(Debug, Clone)]
pub(super) struct HalfWay {
    /// Its row.
    pub(super) row: RunRow,
    /// The migration.
    pub(super) version: Version,
    /// Which way it was going, and its statements.
    pub(super) begun: Begun,
    /// How many of them are done.
    pub(super) done: usize,
}

impl HalfWay {
    /// What a row says; a statement whose end is not known counts as not done.
    fn of(row: RunRow) -> Result<Self, Error> {
        let unreadable = || {
            Error::new(
                ErrorKind::Failed,
                format!("what run {} left can't be read by this version", row.id),
            )
            .with_help("go on with the version of Realign that began it")
        };
        let version = Version::new(row.unit_name.clone().ok_or_else(unreadable)?);
        let begun: Begun = row
            .unit_work
            .as_deref()
            .and_then(|work| serde_json::from_str(work).ok())
            .ok_or_else(unreadable)?;
        Ok(Self {
            done: row.open.as_ref().map_or(row.done, |intent| intent.part),
            row,
            version,
            begun,
        })
    }

    /// True when it was going this way.
    pub(super) fn goes(&self, direction: Direction) -> bool {
        self.begun.direction == direction.word()
    }

    /// What stands, in words.
    pub(super) fn words(&self) -> String {
        format!(
            "{} stands half-way: {} of {} ({}) done by run {} of {} UTC",
            self.version,
            self.done,
            count(self.begun.statements.len(), "statement"),
            self.begun.direction,
            self.row.id,
            self.row.started
        )
    }
}

impl HalfWay {
    /// Nothing else can be executed before it.
    pub(super) fn in_the_way(&self, settings: &Settings) -> Error {
        let version = quoted(self.version.as_str());
        let forget = format!("or take it out of the books: realign migrations forget {version}");
        let goes_on = goes_on_with(&self.row);
        let help = if !has_file(self.version.as_str(), settings) {
            format!("its file is gone: put it back, and `{goes_on}` goes on; {forget}")
        } else if goes_on == RunKind::Migrate.command() {
            format!("go on with it: realign migrations execute {version} --up; {forget}")
        } else {
            format!("go on with it: {goes_on}; {forget}")
        };
        Error::new(ErrorKind::Failed, self.words())
            .with_note("nothing else can be executed before")
            .with_help(help)
    }
}

impl Context<'_> {
    /// Takes the lock, makes the tables that are missing and reads the history again: another
    /// run may have been at work until now.
    pub(super) fn lock(&mut self, command: &str) -> anyhow::Result<Locked> {
        if self.base.is_none() {
            self.base = Some(Base::of(
                Live::configured_or_new(self.settings)?,
                self.settings,
            )?);
        }
        let (settings, out) = (self.settings, self.out);
        let base = self.base()?;
        let locked = Locked::take(
            &base.site,
            &mut base.live.connection,
            command,
            settings,
            out,
        )?;
        self.look()?;
        let history = self.history.clone();
        let base = self.base()?;
        let missing = history.preparation(&base.site)?;
        for sql in &missing {
            base.live.connection.query(sql)?;
        }
        if !missing.is_empty() {
            self.look()?;
            let history = self.history.clone();
            if !history.preparation(&self.base()?.site)?.is_empty() {
                return Err(not_found(&history.table).into());
            }
        }
        Ok(locked)
    }

    /// Where a run before has stopped. A plan that stopped has to be gone on with first.
    pub(super) fn half_way(&mut self) -> anyhow::Result<Option<HalfWay>> {
        let (settings, out) = (self.settings, self.out);
        let base = self.base()?;
        let Some(row) = locked::unfinished(&mut base.live.connection, &base.site)? else {
            return Ok(None);
        };
        if row.kind != RunKind::Migrate {
            return Err(Error::new(
                ErrorKind::Failed,
                format!(
                    "run {} ({}) of {} UTC did not come to its end, and nothing else can be written before",
                    row.id, row.command, row.started
                ),
            )
            .with_help(format!("go on with it: {}", row.kind.command()))
            .into());
        }
        let mut stand = HalfWay::of(row)?;
        if let Some(intent) = &stand.row.open {
            let connection = &mut base.live.connection;
            match locked::settled(connection, &base.site, &stand.row, intent, settings, out)? {
                Settled::Ran => stand.done += 1,
                Settled::DidNotRun | Settled::Undone(_) => {}
                Settled::Unknown(why) => {
                    let command = goes_on_with(&stand.row);
                    return Err(locked::open_question(&base.site, intent, &why, &command).into());
                }
            }
        }
        Ok(Some(stand))
    }

    /// The same for who only looks: what a statement came to that nobody has heard of is left
    /// open, as finding out may take away what it left behind.
    pub(super) fn seen_half_way(&mut self) -> anyhow::Result<Option<HalfWay>> {
        let Some(base) = &mut self.base else {
            return Ok(None);
        };
        let row = locked::unfinished(&mut base.live.connection, &base.site)?;
        let row = row.filter(|row| row.kind == RunKind::Migrate);
        Ok(row.map(HalfWay::of).transpose()?)
    }

    /// Writes statements in one transaction under the lock.
    pub(super) fn write(&mut self, locked: &Locked, statements: &[String]) -> anyhow::Result<()> {
        let base = self.base()?;
        let book = base.site.book();
        let connection = &mut base.live.connection;
        connection.query(book.begin())?;
        let written = statements
            .iter()
            .try_for_each(|sql| connection.query(sql).map(|_| ()))
            .and_then(|()| locked.guard.fence(connection))
            .and_then(|()| connection.query("COMMIT").map(|_| ()));
        if let Err(error) = written {
            // What failed is what has to be told.
            let _ = connection.run("ROLLBACK");
            return Err(error.into());
        }
        Ok(())
    }
}

/// A history that was just made, and that nobody finds by its name: what it records would be run
/// again and again.
fn not_found(table: &str) -> Error {
    let message =
        format!("the history {table} was made, and the server does not find it by that name");
    Error::new(ErrorKind::Failed, message)
        .with_note("no migration was executed")
        .with_help(
            "name a table of the database's own schema, in small letters (`table` in [migrations])",
        )
}

/// The journal of a run: a new one, or the one before gone on with.
pub(super) fn journal<'g>(
    locked: &'g Locked,
    connection: &mut Connection,
    half_way: Option<&HalfWay>,
    planned: impl IntoIterator<Item = Planned>,
) -> Result<Journal<'g>, Error> {
    if let Some(stand) = half_way {
        let work = Planned::written(planned, stand.row.work.as_deref());
        let place = (stand.row.unit, stand.done);
        Journal::resume(&locked.guard, connection, &stand.row, place, Some(&work))
    } else {
        let work = Planned::written(planned, None);
        Journal::begin(&locked.guard, connection, RunKind::Migrate, Some(&work))
    }
}

/// How the engine reads scripts.
pub(super) fn natures(base: &Base, statements: &[String]) -> Vec<realign::planner::Nature> {
    let scripts = base.site.dialect.scripts();
    statements
        .iter()
        .map(|sql| scripts.nature(sql, &base.facts))
        .collect()
}
