//! `realign demo`: the main job on a small application of its own, through the same code
//! as every other command.

mod application;
mod site;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use realign::runtime::{Connection, Error, ErrorKind};

use crate::args::{
    CreateArgs, DemoArgs, Format, GlobalOptions, Options, PlanArgs, SchemaCommand, UpdateArgs,
    UpgradeCommand, UpgradeRunArgs, ValidateArgs,
};
use crate::commands::{schema, status, upgrade};
use crate::exit::{self, Exit};
use crate::report::style;
use crate::settings::{Environment, Settings, URL_VARIABLES};

/// Makes the application, upgrades it twice, damages it and mends it.
pub(crate) fn run(args: &DemoArgs, options: &Options) -> anyhow::Result<Exit> {
    if options
        .global
        .format
        .is_some_and(|format| format != Format::Text)
    {
        return Err(exit::usage(
            "the demo is a text for a person",
            "its commands speak JSON: realign schema validate --format json",
        ));
    }
    let begun = Instant::now();
    application::write(&args.dir)?;
    let demo = Demo {
        dir: &args.dir,
        global: &options.global,
    };

    chapter(&format!(
        "Portside, a small internet exchange, is made in {}: release 1.0 and its rows",
        args.dir.display()
    ))?;
    demo.create("1.0")?;
    demo.sql("1.0", application::ROWS_1)?;
    fact(&format!(
        "{} rows",
        demo.rows("1.0")?.iter().map(|(_, n)| n).sum::<i64>()
    ))?;

    chapter("Release 2.0 comes: tags, a unique short name, a status for ports")?;
    demo.upgrade("2.0", true)?;
    demo.sql("2.0", application::ROWS_2)?;

    chapter("Release 3.0 comes: traffic per day, wider columns, another rule for contacts")?;
    demo.upgrade("3.0", true)?;

    chapter("Somebody works on the database by hand")?;
    demo.statements(application::DRIFT)?;
    demo.upgrade("3.0", false)?;
    demo.site()?;
    demo.end(begun)?;
    Ok(Exit::Done)
}

fn chapter(title: &str) -> anyhow::Result<()> {
    Ok(writeln!(
        anstream::stdout(),
        "\n{}",
        style::paint(style::STRONG, title)
    )?)
}

fn fact(text: &str) -> anyhow::Result<()> {
    Ok(writeln!(anstream::stdout(), "{text}")?)
}

/// A command as it would be typed.
fn shown(command: &str) -> anyhow::Result<()> {
    Ok(writeln!(
        anstream::stdout(),
        "\n{}",
        style::paint(style::DIM, &format!("$ {command}"))
    )?)
}

fn expect(found: Exit, due: Exit, dir: &Path) -> anyhow::Result<()> {
    if found == due {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Failed,
        format!(
            "the demo stops: exit {} where {} was due",
            found.code(),
            due.code()
        ),
    )
    .with_help(format!("{} is left as it is, to look at", dir.display()))
    .into())
}

/// The application on disk, and how its commands are run.
struct Demo<'a> {
    dir: &'a Path,
    global: &'a GlobalOptions,
}

impl Demo<'_> {
    /// The settings of a release, as the words that are shown would give them.
    fn settings(&self, release: &str) -> anyhow::Result<Settings> {
        let mut options = Options::default();
        options.global.config = Some(self.dir.join(crate::config::FILE_NAME));
        options.global.env = (release != application::LATEST).then(|| release.to_owned());
        options.global.verbose = self.global.verbose;
        options.global.quiet = self.global.quiet;
        options.global.color = self.global.color;
        // Nothing of the person's own environment: it may name a real database.
        Ok(Settings::resolve(&options, &Environment::default())?)
    }

    /// Runs one command and shows it as it would be typed in the folder.
    fn command(&self, release: &str, action: &SchemaCommand, expected: Exit) -> anyhow::Result<()> {
        let env = if release == application::LATEST {
            String::new()
        } else {
            format!("--env {release} ")
        };
        let words = match action {
            SchemaCommand::Create(_) => "schema create --force",
            SchemaCommand::Update(args) if args.force => "schema update --force",
            SchemaCommand::Update(_) => "schema update",
            _ => "schema validate",
        };
        shown(&format!("realign {env}{words}"))?;
        expect(
            schema::run(action, &self.settings(release)?)?,
            expected,
            self.dir,
        )
    }

    fn create(&self, release: &str) -> anyhow::Result<()> {
        let create = SchemaCommand::Create(CreateArgs {
            dump_sql: false,
            force: true,
        });
        self.command(release, &create, Exit::Done)
    }

    /// Out of sync, the plan, brought in line, in sync, and every row still there.
    fn upgrade(&self, release: &str, show_plan: bool) -> anyhow::Result<()> {
        let before = self.rows(release)?;
        let validate = SchemaCommand::Validate(ValidateArgs::default());
        self.command(release, &validate, Exit::NotInSync)?;
        if show_plan {
            let plan = SchemaCommand::Update(UpdateArgs::default());
            self.command(release, &plan, Exit::Failed)?;
        }
        let update = SchemaCommand::Update(UpdateArgs {
            force: true,
            ..UpdateArgs::default()
        });
        self.command(release, &update, Exit::Done)?;
        self.command(release, &validate, Exit::Done)?;
        let after = self.rows(release)?;
        for (table, count) in &before {
            if !after.contains(&(table.clone(), *count)) {
                let message = format!("{table} had {count} rows and has other ones now");
                return Err(Error::new(ErrorKind::Failed, message).into());
            }
        }
        let sum: i64 = before.iter().map(|(_, count)| count).sum();
        fact(&format!("all {sum} rows are there"))
    }

    /// The same releases in one command, on a second site that is still at the first of them.
    fn site(&self) -> anyhow::Result<()> {
        if !site::write(self.dir)? {
            return fact("\nThe upgrade in one command is left out: git is not installed.");
        }
        chapter(&format!(
            "Another site is still at {}: both releases in one command, each from its tag in git",
            site::FIRST
        ))?;
        let options = Options {
            global: GlobalOptions {
                config: Some(self.dir.join(site::FOLDER).join(crate::config::FILE_NAME)),
                verbose: self.global.verbose,
                quiet: self.global.quiet,
                color: self.global.color,
                ..GlobalOptions::default()
            },
            ..Options::default()
        };
        let settings = Settings::resolve(&options, &Environment::default())?;
        let create = SchemaCommand::Create(CreateArgs {
            dump_sql: false,
            force: true,
        });
        shown(&format!(
            "cd {}; realign schema create --force",
            site::FOLDER
        ))?;
        expect(schema::run(&create, &settings)?, Exit::Done, self.dir)?;
        let target = settings.target()?;
        let connect = realign::engine(&target)?.connect(&target)?;
        let mut connection = Connection::open(connect.as_ref())?;
        for statement in application::statements(application::ROWS_1) {
            connection.query(statement)?;
        }
        let plan = UpgradeCommand::Plan(PlanArgs::default());
        shown("realign upgrade plan")?;
        expect(
            upgrade::run(&plan, &options, &settings)?,
            Exit::Done,
            self.dir,
        )?;
        let run = UpgradeCommand::Run(UpgradeRunArgs::default());
        shown("realign upgrade run")?;
        expect(
            upgrade::run(&run, &options, &settings)?,
            Exit::Done,
            self.dir,
        )?;
        shown("realign status")?;
        expect(status::run(&settings)?, Exit::Done, self.dir)
    }

    fn connection(&self, release: &str) -> anyhow::Result<Connection> {
        let target = self.settings(release)?.target()?;
        let connect = realign::engine(&target)?.connect(&target)?;
        Ok(Connection::open(connect.as_ref())?)
    }

    fn sql(&self, release: &str, script: &str) -> anyhow::Result<()> {
        let mut connection = self.connection(release)?;
        for statement in application::statements(script) {
            connection.query(statement)?;
        }
        Ok(())
    }

    /// The same, shown as it would be typed.
    fn statements(&self, script: &str) -> anyhow::Result<()> {
        for statement in application::statements(script) {
            fact(&format!("  {}", style::one_line(statement, 96)))?;
        }
        self.sql(application::LATEST, script)
    }

    /// Rows by table.
    fn rows(&self, release: &str) -> anyhow::Result<Vec<(String, i64)>> {
        let mut connection = self.connection(release)?;
        let tables = connection.query(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'realign%' ORDER BY name",
        )?;
        let mut counts = Vec::new();
        for table in tables.rows.iter().filter_map(|row| row.first()?.as_str()) {
            let count = connection.scalar(&format!("SELECT COUNT(*) FROM \"{table}\""))?;
            counts.push((table.to_owned(), count.as_int().unwrap_or(0)));
        }
        Ok(counts)
    }

    fn end(&self, begun: Instant) -> anyhow::Result<()> {
        let mut out = anstream::stdout();
        writeln!(
            out,
            "\n{} in {:.1} s. It stays in {} to play with:",
            style::paint(style::STRONG, "Done"),
            begun.elapsed().as_secs_f64(),
            self.dir.display()
        )?;
        writeln!(
            out,
            "\n  cd {}",
            application::shell_word(&self.dir.display().to_string())
        )?;
        if let Some(program) = unlisted_program() {
            writeln!(
                out,
                "  alias realign={}",
                application::shell_word(&program.display().to_string())
            )?;
        }
        for (command, what) in application::NEXT {
            writeln!(
                out,
                "  {command:72} {}",
                style::paint(style::DIM, &format!("# {what}"))
            )?;
        }
        if let Some(name) = URL_VARIABLES
            .iter()
            .find(|name| std::env::var_os(name).is_some())
        {
            writeln!(
                out,
                "\n{name} is set and outranks realign.toml: unset it first."
            )?;
        }
        Ok(())
    }
}

/// This program, where the shell does not find it by name: started by `cargo run`, it is in no
/// folder of `PATH`, and the commands to try next would not work as they are shown.
fn unlisted_program() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|folder| folder.join("realign").is_file()) {
        return None;
    }
    std::env::current_exe().ok()
}
