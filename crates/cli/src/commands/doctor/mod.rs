//! `realign doctor`: step by step, each finding with its mend. It reads, and sweeps what a killed
//! run has left of its own.

mod leftovers;
mod privileges;
mod reach;
mod server;
mod settings;

use std::io::Write as _;

use realign::planner::{Facts, Severity};
use realign::runtime::{Connection, Error, Target};
use serde::Serialize;

use crate::address;
use crate::args::{Format, Options};
use crate::commands::schema::context;
use crate::exit::{self, Exit};
use crate::report::style;
use crate::settings::{Environment, Settings};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    /// As it should be.
    Fine,
    /// Works; worth knowing.
    Note,
    /// Has to be mended.
    Failed,
    /// Could not be looked at, for the reason above it.
    Skipped,
}

/// One check.
#[derive(Debug, Serialize)]
struct Check {
    #[serde(rename = "check")]
    subject: &'static str,
    state: State,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

/// The checks so far; each is shown as soon as it is known.
struct Report {
    json: bool,
    quiet: bool,
    checks: Vec<Check>,
}

impl Report {
    fn say(
        &mut self,
        subject: &'static str,
        state: State,
        text: impl Into<String>,
        mend: Option<String>,
    ) -> anyhow::Result<()> {
        let check = Check {
            subject,
            state,
            text: exit::plain(&text.into()),
            mend,
        };
        if !self.json && (!self.quiet || state == State::Failed) {
            let (word, colour) = match state {
                State::Fine => ("ok", style::GOOD),
                State::Note => ("note", style::CARE),
                State::Failed => ("FAIL", style::BAD),
                State::Skipped => ("-", style::DIM),
            };
            let mut out = anstream::stdout();
            let mut lines = check.text.lines();
            writeln!(
                out,
                "{} {:13}  {}",
                style::pad(colour, word, 4),
                check.subject,
                lines.next().unwrap_or_default()
            )?;
            for line in lines {
                writeln!(out, "{:20}{line}", "")?;
            }
            if let Some(mend) = &check.mend {
                let mut label = "mend: ";
                for line in mend.lines() {
                    writeln!(out, "{:20}{label}{line}", "")?;
                    label = "      ";
                }
            }
        }
        self.checks.push(check);
        Ok(())
    }

    fn fine(&mut self, check: &'static str, text: impl Into<String>) -> anyhow::Result<()> {
        self.say(check, State::Fine, text, None)
    }

    fn note(
        &mut self,
        check: &'static str,
        text: impl Into<String>,
        mend: impl Into<String>,
    ) -> anyhow::Result<()> {
        self.say(check, State::Note, text, Some(mend.into()))
    }

    fn failed(
        &mut self,
        check: &'static str,
        text: impl Into<String>,
        mend: impl Into<String>,
    ) -> anyhow::Result<()> {
        self.say(check, State::Failed, text, Some(mend.into()))
    }

    /// A failure of the world as a check.
    fn error(&mut self, check: &'static str, error: &Error) -> anyhow::Result<()> {
        let mut text = error.message.clone();
        for note in &error.notes {
            text.push('\n');
            text.push_str(note);
        }
        self.say(check, State::Failed, text, error.help.clone())
    }

    /// What could not be looked at, and why.
    fn skip(&mut self, subjects: &[&'static str], why: &str) -> anyhow::Result<()> {
        for subject in subjects {
            self.checks.push(Check {
                subject,
                state: State::Skipped,
                text: why.to_owned(),
                mend: None,
            });
        }
        if !self.json && !self.quiet {
            let mark = style::pad(style::DIM, "-", 4);
            writeln!(anstream::stdout(), "{mark} {}: {why}", subjects.join(", "))?;
        }
        Ok(())
    }
}

/// Runs every check that can be run.
pub(crate) fn run(options: &Options, environment: &Environment) -> anyhow::Result<Exit> {
    let mut report = Report {
        json: options.global.format == Some(Format::Json),
        quiet: options.global.quiet,
        checks: Vec::new(),
    };
    examine(options, environment, &mut report)?;
    let failed = report
        .checks
        .iter()
        .filter(|check| check.state == State::Failed)
        .count();
    if report.json {
        let document = serde_json::json!({ "fine": failed == 0, "checks": report.checks });
        writeln!(
            anstream::stdout(),
            "{}",
            serde_json::to_string_pretty(&document)?
        )?;
    } else if failed > 0 {
        writeln!(
            anstream::stdout(),
            "\n{} to mend, from the top: what is below may follow from it.",
            style::count(failed, "finding")
        )?;
    } else if !report.quiet {
        writeln!(anstream::stdout(), "\nNext: realign schema validate")?;
    }
    Ok(if failed == 0 {
        Exit::Done
    } else {
        Exit::Failed
    })
}

fn examine(
    options: &Options,
    environment: &Environment,
    report: &mut Report,
) -> anyhow::Result<()> {
    let rest = ["server", "privileges", "settings", "leftovers", "scratch"];
    let settings = match Settings::resolve(options, environment) {
        Ok(settings) => settings,
        Err(error) => {
            report.error("configuration", &error)?;
            let all = [&["sources", "connection"][..], &rest].concat();
            return report.skip(&all, "not looked at without a configuration");
        }
    };
    match &settings.config {
        Some(path) => report.fine("configuration", path.display().to_string())?,
        None => report.note(
            "configuration",
            "no realign.toml from here upwards; only options and the environment count",
            "`realign init` writes one",
        )?,
    }
    let target = settings.target();
    sources(&settings, report)?;
    let target = match target {
        Ok(target) => target,
        Err(error) => {
            report.error("connection", &error)?;
            return report.skip(&rest, "not looked at without a connection");
        }
    };
    let Some((mut connection, facts)) = connect(&settings, &target, report)? else {
        return report.skip(&rest, "not looked at without a connection");
    };
    server::check(&mut connection, &facts, report)?;
    privileges::check(&mut connection, &target, &facts, report)?;
    settings::check(&mut connection, &facts, report)?;
    leftovers::check(&mut connection, &facts, report)?;
    leftovers::sweep(&target, &facts, &settings, report)?;
    release(&settings, &target, &mut connection, &facts, report)
}

/// Is the code the release that the database is at?
fn release(
    settings: &Settings,
    target: &Target,
    connection: &mut Connection,
    facts: &Facts,
    report: &mut Report,
) -> anyhow::Result<()> {
    let engine = realign::engine(target)?;
    let connect = engine.connect(target)?.into();
    let site = crate::commands::locked::site(engine, &connect, facts);
    let Some(standing) = crate::commands::upgrade::standing(settings, connection, &site)? else {
        return Ok(());
    };
    match (standing.warning(), &standing.recorded) {
        (Some(_), _) => report.note(
            "release",
            format!(
                "the code is {}, and the database is recorded at {}",
                standing.code.as_deref().unwrap_or("unknown"),
                standing.recorded.as_deref().unwrap_or("none")
            ),
            "`realign upgrade plan` shows the way from one to the other",
        ),
        (None, Some(recorded)) => report.fine("release", recorded.clone()),
        (None, None) => report.fine(
            "release",
            format!(
                "code {}; none is recorded in the database before the first upgrade",
                standing.code.as_deref().unwrap_or("unknown")
            ),
        ),
    }
}

/// Can everything be read that declares the schema?
fn sources(settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    if settings.sources.is_empty() {
        return report.failed(
            "sources",
            "no source of the declared schema is named",
            "write `sources` under [schema] in realign.toml (`realign init` makes one), or give --schema doctrine-xml:DIR",
        );
    }
    let server = match context::Server::any(settings) {
        Ok(server) => server,
        Err(error) => return report.skip(&["sources"], &format!("not read: {error}")),
    };
    let named: Vec<String> = settings
        .sources
        .iter()
        .map(|source| address::shown(&source.text))
        .collect();
    let named = named.join(", ");
    match context::declare(settings, server.engine, &server.facts) {
        Ok(declared) => {
            let errors = declared
                .diagnostics
                .iter()
                .filter(|d| d.severity == Severity::Error)
                .count();
            if errors > 0 {
                let first = declared
                    .diagnostics
                    .iter()
                    .find(|d| d.severity == Severity::Error)
                    .map(|d| d.message.clone())
                    .unwrap_or_default();
                return report.failed(
                    "sources",
                    format!(
                        "{named}: {}, the first: {first}",
                        style::count(errors, "error")
                    ),
                    "`realign schema validate --skip-sync` shows each with its place",
                );
            }
            report.fine(
                "sources",
                format!(
                    "{named}: {}, {}",
                    style::count(declared.classes.len(), "class"),
                    style::count(declared.database.tables.len(), "table")
                ),
            )
        }
        Err(error) => match error.downcast_ref::<Error>() {
            Some(error) => report.error("sources", error),
            None => report.say("sources", State::Failed, error.to_string(), None),
        },
    }
}

/// The way to the server, and the login.
fn connect(
    settings: &Settings,
    target: &Target,
    report: &mut Report,
) -> anyhow::Result<Option<(Connection, Facts)>> {
    let place = settings.database_place().unwrap_or_default().to_owned();
    let engine = match realign::engine(target) {
        Ok(engine) => engine,
        Err(error) => {
            report.error("connection", &error.with_note(format!("url from {place}")))?;
            return Ok(None);
        }
    };
    if !reach::check(target, &place, report)? {
        return Ok(None);
    }
    let opened = engine
        .connect(target)
        .and_then(|connect| Connection::open(connect.as_ref()));
    let mut connection = match opened {
        Ok(connection) => connection,
        Err(error) => {
            let error = error.with_note(format!("url from {place}"));
            report.error("login", &error)?;
            return Ok(None);
        }
    };
    match realign::runtime::facts(&mut connection, engine.dialect, settings.profile.value) {
        Ok(facts) => {
            report.fine("login", format!("{target} (url from {place})"))?;
            Ok(Some((connection, facts)))
        }
        Err(error) => {
            report.error("login", &error)?;
            Ok(None)
        }
    }
}
