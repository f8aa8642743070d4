//! What every schema command needs: the server, the declaration, what is left alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use realign::model::Database;
use realign::planner::{Facts, Policy, Renames, Risk, TableDefaults};
use realign::runtime::kernel::Site;
use realign::runtime::migrate::{FirstLook, HistoryOptions};
use realign::runtime::{Connect, Connection, Consent, Inspection, Stop, Target};

use realign::sources::{DoctrineOptions, Naming};
use realign::{Declared, Engine, Reading, Source};

use crate::args::{Allow, IndexNames};
use crate::commands::locked;
use crate::exit;
use crate::report::document::DatabaseDocument;
use crate::settings::{self, Settings, account};
use crate::{address, args};

/// A database with a session.
pub(in crate::commands) struct Live {
    /// Its engine.
    pub(in crate::commands) engine: &'static Engine,
    /// The session.
    pub(in crate::commands) connection: Connection,
    pub(in crate::commands) target: Target,
    connect: Arc<dyn Connect>,
}

impl Live {
    /// Opens a session to the configured database.
    pub(in crate::commands) fn configured(settings: &Settings) -> anyhow::Result<Self> {
        Self::configured_beside(settings, &mut || ())
    }

    /// The same, and something else is done where the server is waited for; see
    /// [`Connect::connect`].
    pub(in crate::commands) fn configured_beside(
        settings: &Settings,
        meanwhile: &mut dyn FnMut(),
    ) -> anyhow::Result<Self> {
        let place = settings.database_place().map(str::to_owned);
        Self::open_beside(settings.target()?, meanwhile).map_err(|error| match place {
            Some(place) => error.with_note(format!("url from {place}")).into(),
            None => error.into(),
        })
    }

    /// The same, and a database that is a file is made when it is not there.
    pub(in crate::commands) fn configured_or_new(settings: &Settings) -> anyhow::Result<Self> {
        Ok(Self::open_or_new(settings.target()?)?)
    }

    /// Opens a session to a database that was typed; one that is a file is made when it is not there.
    pub(in crate::commands) fn open_or_new(
        target: Target,
    ) -> Result<Self, realign::runtime::Error> {
        let engine = realign::engine(&target)?;
        let connect: Arc<dyn Connect> = engine.connect_or_make(&target)?.into();
        Ok(Self {
            engine,
            connection: Connection::open(connect.as_ref())?,
            target,
            connect,
        })
    }

    /// Opens a session to a database.
    pub(super) fn open(target: Target) -> Result<Self, realign::runtime::Error> {
        Self::open_beside(target, &mut || ())
    }

    fn open_beside(
        target: Target,
        meanwhile: &mut dyn FnMut(),
    ) -> Result<Self, realign::runtime::Error> {
        let engine = realign::engine(&target)?;
        let connect: Arc<dyn Connect> = engine.connect(&target)?.into();
        Ok(Self {
            engine,
            connection: Connection::open_beside(connect.as_ref(), meanwhile)?,
            target,
            connect,
        })
    }

    /// The database as the kernel knows it.
    pub(in crate::commands) fn site(&self, facts: &Facts) -> Site {
        locked::site(self.engine, &self.connect, facts)
    }

    /// Reads facts and schema.
    pub(in crate::commands) fn inspect(
        &mut self,
        settings: &Settings,
    ) -> anyhow::Result<Inspection> {
        Ok(realign::runtime::inspect(
            &mut self.connection,
            self.engine.dialect,
            settings.profile.value,
        )?)
    }

    /// Reads the schema and, at the same time, what is declared: neither waits for the other,
    /// and each takes about half of the whole.
    pub(super) fn inspect_and_declare(
        &mut self,
        settings: &Settings,
    ) -> anyhow::Result<(Inspection, Declared)> {
        let facts = self.facts(settings)?;
        let engine = self.engine;
        let (found, declared) = std::thread::scope(|scope| {
            let declaring = scope.spawn(|| declare(settings, engine, &facts));
            let found = realign::runtime::inspect_known(
                &mut self.connection,
                engine.dialect,
                facts.clone(),
            );
            let declared = declaring
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            (found, declared)
        });
        Ok((found?, declared?))
    }

    /// Reads facts, how migrations stand, and the last run.
    pub(in crate::commands) fn look(
        &mut self,
        settings: &Settings,
        options: &HistoryOptions,
    ) -> Result<FirstLook, realign::runtime::Error> {
        let (engine, connect) = (self.engine, &self.connect);
        let assumed = realign::offline(&self.target.scheme).ok();
        let assumed = assumed.map(|(_, facts)| Facts {
            doctrine: settings.profile.value,
            ..facts
        });
        FirstLook::take(
            &mut self.connection,
            engine.dialect,
            settings.profile.value,
            assumed,
            |facts| locked::site(engine, connect, &facts),
            options,
        )
    }

    /// Reads facts only.
    pub(in crate::commands) fn facts(&mut self, settings: &Settings) -> anyhow::Result<Facts> {
        Ok(realign::runtime::facts(
            &mut self.connection,
            self.engine.dialect,
            settings.profile.value,
        )?)
    }

    /// The database as documents have it.
    pub(in crate::commands) fn document(&self, facts: &Facts) -> DatabaseDocument {
        DatabaseDocument {
            url: self.target.to_string(),
            server: realign::product(facts),
        }
    }

    /// The database as texts have it.
    pub(in crate::commands) fn shown(&self, facts: &Facts) -> String {
        format!("{} ({})", self.target, realign::product(facts))
    }
}

/// A server to plan for: declared by its version, or asked.
pub(in crate::commands) struct Server {
    /// Its engine.
    pub(in crate::commands) engine: &'static Engine,
    /// Its facts.
    pub(in crate::commands) facts: Facts,
    /// The session, when it was asked.
    pub(in crate::commands) live: Option<Live>,
}

impl Server {
    /// The server that is declared, else that of the configured database.
    pub(super) fn of(settings: &Settings) -> anyhow::Result<Self> {
        if let Some(server) = Self::offline(settings)? {
            return Ok(server);
        }
        if settings.database_place().is_none() {
            return Err(exit::usage(
                "neither a database nor a server version is named",
                "give --database-url URL, or --server-version, e.g. mariadb-10.11",
            ));
        }
        let target = settings.target()?;
        if realign::engine(&target)?.is_absent(&target) {
            return Self::any(settings);
        }
        let mut live = Live::configured(settings)?;
        Ok(Self {
            engine: live.engine,
            facts: live.facts(settings)?,
            live: Some(live),
        })
    }

    /// The server that is declared by its version.
    pub(super) fn offline(settings: &Settings) -> anyhow::Result<Option<Self>> {
        let Some(version) = &settings.server_version else {
            return Ok(None);
        };
        let (engine, mut facts) = realign::offline(&version.value)
            .map_err(|error| error.with_note(format!("at {}", version.place)))?;
        facts.doctrine = settings.profile.value;
        Ok(Some(Self {
            engine,
            facts,
            live: None,
        }))
    }

    /// A server for work that hardly depends on one: the declared one, or any of the engine
    /// that the database's address names, or any at all.
    pub(in crate::commands) fn any(settings: &Settings) -> anyhow::Result<Self> {
        if let Some(server) = Self::offline(settings)? {
            return Ok(server);
        }
        let named = match settings.database_place() {
            Some(_) => Some(settings.target()?.scheme),
            None => None,
        };
        let words = named.iter().map(String::as_str).chain(
            realign::engines()
                .iter()
                .flat_map(|engine| engine.dialect.url_schemes())
                .copied()
                .filter(|_| named.is_none()),
        );
        for word in words {
            if let Ok((engine, mut facts)) = realign::offline(word) {
                facts.doctrine = settings.profile.value;
                return Ok(Self {
                    engine,
                    facts,
                    live: None,
                });
            }
        }
        let mut live = Live::configured(settings)?;
        Ok(Self {
            engine: live.engine,
            facts: live.facts(settings)?,
            live: Some(live),
        })
    }
}

/// A source that was typed or configured.
pub(super) fn source(settings: &Settings, text: &str, folder: &Path) -> anyhow::Result<Source> {
    if address::looks_like_url(text) {
        return Ok(Source::Database(settings.target_of(text)?));
    }
    Ok(Source::parse(text, folder)?)
}

/// Reads what the configured sources declare at a commit of the application's checkout. Sources
/// outside of the checkout are read as they are.
pub(in crate::commands) fn declare_at(
    settings: &Settings,
    engine: &Engine,
    facts: &Facts,
    commit: &str,
) -> anyhow::Result<Declared> {
    let root = realign::runtime::git::Git::open(&settings.upgrade.checkout())?
        .root()
        .to_owned();
    let mut sources = Vec::new();
    for said in &settings.sources {
        let source = source(settings, &said.text, &said.folder)?;
        let within = |path: &PathBuf| {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            let there = path.ancestors().find(|ancestor| ancestor.exists());
            let real = there.and_then(|there| there.canonicalize().ok());
            real.is_some_and(|real| real.starts_with(&root))
        };
        sources.push(if source.files().iter().all(within) {
            source.at(commit)
        } else {
            source
        });
    }
    read(settings, &sources, engine, facts)
}

/// Reads what the configured sources declare.
pub(in crate::commands) fn declare(
    settings: &Settings,
    engine: &Engine,
    facts: &Facts,
) -> anyhow::Result<Declared> {
    if settings.sources.is_empty() {
        return Err(exit::usage(
            "no source of the declared schema is named",
            "give --schema SOURCE (doctrine-xml:DIR, sql:FILE, …), or let `realign init` write a realign.toml",
        ));
    }
    let sources = settings
        .sources
        .iter()
        .map(|said| {
            source(settings, &said.text, &said.folder).map_err(|error| match error
                .downcast::<realign::runtime::Error>(
            ) {
                Ok(error) => error.with_note(format!("at {}", said.place)).into(),
                Err(error) => error,
            })
        })
        .collect::<anyhow::Result<Vec<Source>>>()?;
    read(settings, &sources, engine, facts).map_err(|error| {
        let mut places: Vec<&str> = settings.sources.iter().map(|s| s.place.as_str()).collect();
        places.dedup();
        let note = format!("sources from {}", places.join(", "));
        match error.downcast::<realign::runtime::Error>() {
            Ok(error) => error.with_note(note).into(),
            Err(error) => error,
        }
    })
}

/// Reads what these sources declare.
pub(super) fn read(
    settings: &Settings,
    sources: &[Source],
    engine: &Engine,
    facts: &Facts,
) -> anyhow::Result<Declared> {
    let doctrine = DoctrineOptions {
        naming: match settings.naming {
            args::Naming::DoctrineDefault => Naming::Default,
            args::Naming::Underscore => Naming::Underscore,
            args::Naming::UnderscoreNumberAware => Naming::UnderscoreNumberAware,
            args::Naming::Laravel => Naming::Laravel,
        },
        table_prefix: settings.table_prefix.clone(),
        defaults: TableDefaults {
            charset: settings.charset.clone(),
            collation: settings.collation.clone(),
            engine: None,
        },
        qualify_index_names: settings.index_names == IndexNames::Qualified,
        types: settings::types::on(&settings.types, engine, &facts.vendor),
    };
    let runs = |source: &Source| matches!(source, Source::Program { .. });
    let reading = Reading {
        doctrine,
        placeholders: settings.migrations.placeholders.clone(),
        program_limit: settings.exec_timeout,
        program_account: if sources.iter().any(runs) {
            account::of_programs(settings)?
        } else {
            None
        },
        // Signals are only met where something of ours has to be ended by them.
        stop: if sources.iter().any(runs) {
            locked::stop()?
        } else {
            Stop::new()
        },
    };
    Ok(realign::declared(sources, &reading, engine.dialect, facts)?)
}

/// What is left alone, and what may go.
pub(in crate::commands) fn policy(
    settings: &Settings,
    complete: bool,
    is: &Database,
    declared: &Declared,
) -> Policy {
    Policy {
        complete,
        ignore: settings.ignore.clone(),
        protected: realign::history_tables(is, &declared.database, &settings.migrations.table),
        renames: Renames {
            tables: settings.renames.tables.clone(),
            columns: settings.renames.columns.clone(),
        },
        scope: declared.scope,
    }
}

/// What was agreed to.
pub(in crate::commands) fn consent(allow: &[Allow], no_quarantine: bool) -> Consent {
    Consent {
        allow: allow
            .iter()
            .map(|kind| match kind {
                Allow::Locking => Risk::Locking,
                Allow::Rewriting => Risk::Rewriting,
                Allow::Breaking => Risk::Breaking,
                Allow::Destructive => Risk::Destructive,
            })
            .collect(),
        no_quarantine,
    }
}
