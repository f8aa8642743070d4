//! What every migration command needs: the folder, the history, the database.

use std::collections::BTreeSet;
use std::path::Path;

use realign::planner::migration::{Overview, Placeholders, Version};
use realign::planner::{Diagnostic, Facts};
use realign::runtime::kernel::{RunRow, Site};
use realign::runtime::migrate::{Directory, Entry, History, HistoryOptions, HistoryRows, Layout};
use realign::runtime::{Connection, Error, ErrorKind};

use crate::commands::schema::context::Live;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::doctrine::console::Console;
use crate::settings::Settings;

/// A database and what is known of its migrations.
pub(super) struct Context<'a> {
    /// What was asked for.
    pub(super) settings: &'a Settings,
    /// Where it is told.
    pub(super) out: Out,
    /// Doctrine's way to tell it.
    pub(super) console: Console,
    /// The files.
    pub(super) directory: Directory,
    /// The history.
    pub(super) history: History,
    /// Both side by side.
    pub(super) overview: Overview,
    /// The database, when it is there.
    pub(super) base: Option<Base>,
    /// The last run at the first look, before any lock was taken.
    pub(super) last: Option<RunRow>,
}

/// A database with a session.
pub(super) struct Base {
    /// The session.
    pub(super) live: Live,
    /// What the server is.
    pub(super) facts: Facts,
    /// The database as the kernel knows it.
    pub(super) site: Site,
}

/// What a first look gives: the database where it is there, the history, its rows, the last run.
type First = (Option<Base>, History, HistoryRows, Option<RunRow>);

impl Base {
    pub(super) fn of(mut live: Live, settings: &Settings) -> anyhow::Result<Self> {
        let facts = live.facts(settings)?;
        let site = live.site(&facts);
        Ok(Self { live, facts, site })
    }

    /// One that is looked at for the first time.
    fn first(live: Live, settings: &Settings, options: &HistoryOptions) -> anyhow::Result<First> {
        let mut live = live;
        let found = live.look(settings, options)?;
        let base = Self {
            facts: found.site.facts.clone(),
            site: found.site,
            live,
        };
        Ok((Some(base), found.history, found.rows, found.last))
    }

    /// The history, and what it holds.
    fn history(&mut self, settings: &Settings, out: Out) -> anyhow::Result<(History, HistoryRows)> {
        let connection = &mut self.live.connection;
        let history = History::find(connection, &self.site, &options(settings, out))?;
        let rows = history.rows(connection, &self.site)?;
        Ok((history, rows))
    }
}

impl<'a> Context<'a> {
    /// For a command that only reads: a database that is a file and not there yet stays so.
    pub(super) fn reading(settings: &'a Settings, out: Out) -> anyhow::Result<Self> {
        Self::read(settings, out, &options(settings, out))
    }

    /// The same for a command that asks what is executed, and not when: of the server is known then
    /// what its kind has in common.
    pub(super) fn counting(settings: &'a Settings, out: Out) -> anyhow::Result<Self> {
        let options = HistoryOptions {
            only_versions: true,
            ..options(settings, out)
        };
        Self::read(settings, out, &options)
    }

    fn read(settings: &'a Settings, out: Out, options: &HistoryOptions) -> anyhow::Result<Self> {
        let target = settings.target()?;
        let absent = realign::engine(&target)?.is_absent(&target);
        let fresh = || History::fresh(options, false);
        let mut directory = None;
        let read = || Directory::read(&settings.migrations.folders);
        let (base, history, rows, last) = if absent {
            (None, fresh(), HistoryRows::default(), None)
        } else {
            // A server takes longer to begin a session than thousands of files to be found.
            let mut meanwhile = || {
                directory.get_or_insert_with(read);
            };
            let live = Live::configured_beside(settings, &mut meanwhile)?;
            Base::first(live, settings, options)?
        };
        let directory = directory.unwrap_or_else(read)?;
        let mut context = Self {
            settings,
            out,
            console: Console::new(out, settings.output.interactive),
            directory,
            history: fresh(),
            overview: Overview::default(),
            base,
            last,
        };
        context.understand(history, rows);
        context.strangers()?;
        Ok(context)
    }

    /// Ends the session, and leaves what is known of thousands of migrations to the end of the
    /// process, which gives it back at once.
    pub(super) fn leave(self) {
        let Self {
            directory,
            overview,
            ..
        } = self;
        std::mem::forget((directory, overview));
    }

    /// Reads the history again.
    pub(super) fn look(&mut self) -> anyhow::Result<()> {
        if let Some(base) = &mut self.base {
            let (history, rows) = base.history(self.settings, self.out)?;
            self.understand(history, rows);
        }
        Ok(())
    }

    fn understand(&mut self, history: History, rows: HistoryRows) {
        self.history = history.beside(&self.directory);
        self.overview = self.history.overview(rows, &self.directory);
    }

    /// Versions that a check of their own has left out.
    pub(super) fn skipped(&mut self) -> anyhow::Result<BTreeSet<String>> {
        match &mut self.base {
            Some(base) => Ok(self
                .history
                .skipped(&mut base.live.connection, &base.site)?),
            None => Ok(BTreeSet::new()),
        }
    }

    /// Files that look like migrations and are none would be missed in silence.
    fn strangers(&self) -> anyhow::Result<()> {
        for path in &self.directory.strangers {
            self.out.notice(&format!(
                "{} is no migration: its name has to begin with 14 digits, e.g. 20261122093000_add_customer.sql",
                path.display()
            ))?;
        }
        Ok(())
    }

    /// For who asks what there is: nothing is found where nothing was looked at.
    pub(super) fn without_folder(&self) -> anyhow::Result<()> {
        if self.spoken() {
            return Ok(());
        }
        for path in &self.directory.missing {
            self.out.notice(&format!(
                "warning: there is no folder {}; --migrations-dir names another",
                path.display()
            ))?;
        }
        Ok(())
    }

    /// True when Doctrine's words are wanted.
    pub(super) fn spoken(&self) -> bool {
        self.out.speech.is_some()
    }

    /// The database, for a command that can't do without.
    pub(super) fn base(&mut self) -> anyhow::Result<&mut Base> {
        self.base
            .as_mut()
            .ok_or_else(|| Error::new(ErrorKind::Unreachable, "the database is not there").into())
    }

    /// The rules of a database that is a file and not there yet.
    pub(super) fn offline(&self) -> anyhow::Result<Site> {
        let target = self.settings.target()?;
        let engine = realign::engine(&target)?;
        let (_, mut facts) = realign::offline(&target.scheme)?;
        facts.doctrine = self.settings.profile.value;
        Ok(Site {
            dialect: engine.dialect,
            facts,
            connect: engine.connect(&target)?.into(),
        })
    }

    /// The database as the kernel knows it, there or not.
    pub(super) fn site(&self) -> anyhow::Result<Site> {
        match &self.base {
            Some(base) => Ok(base.site.clone()),
            None => self.offline(),
        }
    }

    /// A further session, or an empty database where there is none.
    pub(super) fn connection_or_scratch(&self) -> anyhow::Result<(Site, Connection)> {
        match &self.base {
            Some(base) => {
                let connection = Connection::open(base.site.connect.as_ref())?;
                Ok((base.site.clone(), connection))
            }
            None => self.scratch(),
        }
    }

    /// An empty database of that kind in memory, for checks of what is not there.
    pub(super) fn scratch(&self) -> anyhow::Result<(Site, Connection)> {
        let mut target = self.settings.target()?;
        ":memory:".clone_into(&mut target.database);
        let site = Site {
            connect: realign::engine(&target)?.connect_or_make(&target)?.into(),
            ..self.offline()?
        };
        let connection = Connection::open(site.connect.as_ref())?;
        Ok((site, connection))
    }

    /// How Doctrine calls the database.
    pub(super) fn database_name(&self) -> String {
        let Ok(target) = self.settings.target() else {
            return String::new();
        };
        if realign::engine(&target).is_ok_and(|engine| engine.dialect.name() == "sqlite") {
            "main".to_owned()
        } else {
            target.database
        }
    }

    /// What a migration is for; empty when its file is gone.
    pub(super) fn description(&self, version: &Version) -> anyhow::Result<String> {
        let Some(entry) = self.directory.entries.get(version) else {
            return Ok(String::new());
        };
        let offline;
        let site = if let Some(base) = &self.base {
            &base.site
        } else {
            offline = self.offline()?;
            &offline
        };
        Ok(entry.description(site.dialect.scripts(), &site.facts)?)
    }

    /// The file of a version.
    pub(super) fn entry(&self, version: &Version) -> Option<&Entry> {
        self.directory.entries.get(version)
    }

    /// Values of placeholders: the configuration's and the typed ones.
    pub(super) fn placeholders(&self, typed: &[String]) -> anyhow::Result<Placeholders> {
        let mut values = self.settings.migrations.placeholders.clone();
        for text in typed {
            let Some((name, value)) = text.split_once('=') else {
                return Err(crate::exit::usage(
                    format!("`--set {text}` has no value"),
                    "write --set NAME=VALUE",
                ));
            };
            values.insert(name.to_owned(), value.to_owned());
        }
        Ok(values)
    }

    /// An exit code that Doctrine's command has, and ours.
    pub(super) fn ends(&self, doctrine: u8, ours: Exit) -> Exit {
        if self.spoken() {
            Exit::Doctrine(doctrine)
        } else {
            ours
        }
    }
}

fn options(settings: &Settings, out: Out) -> HistoryOptions {
    let migrations = &settings.migrations;
    let named = Some(migrations.table.clone()).filter(|table| !table.is_empty());
    HistoryOptions {
        doctrine: out.speech.is_some()
            || migrations
                .folders
                .iter()
                .any(|folder| folder.namespace.is_some()),
        table: named,
        columns: migrations.columns.clone(),
        only_versions: false,
    }
}

/// What a history is called in texts.
pub(super) fn layout(history: &History) -> &'static str {
    match history.layout {
        Layout::Own => "Realign's",
        Layout::Doctrine1 => "Doctrine Migrations 1",
        Layout::Doctrine2 => "Doctrine Migrations 2",
        Layout::Doctrine3 => "Doctrine Migrations 3",
    }
}

/// Mistakes in migrations, all of them.
pub(super) fn broken(out: Out, problems: &[Diagnostic]) -> anyhow::Result<anyhow::Error> {
    out.diagnostics(problems)?;
    let mut error = Error::new(ErrorKind::Failed, "the migrations have errors")
        .with_note("nothing was executed");
    if out.is_json() {
        for problem in problems {
            error = error.with_note(format!("{}: {}", problem.origin, problem.message));
        }
    }
    Ok(error.into())
}

/// A path as Doctrine shows it: whole.
pub(super) fn whole(path: &Path) -> String {
    std::path::absolute(path)
        .unwrap_or_else(|_| path.to_owned())
        .display()
        .to_string()
}
