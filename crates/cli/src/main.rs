//! The realign command: arguments in, an exit code out.

/// A schema is many small values: with the C library's allocator a third of a `validate` over a
/// thousand tables is spent on taking and freeing them, and two threads wait for each other.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

mod address;
mod args;
mod commands;
mod config;
mod dotenv;
mod exit;
mod report;
mod settings;

use std::io::Write as _;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::args::{Cli, Color, Command, Format};
use crate::commands::alias::Alias;
use crate::exit::Exit;
use crate::report::document::ErrorDocument;
use crate::settings::{Environment, Settings};

fn main() -> ! {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|at| format!(" at {}:{}", at.file(), at.line()))
            .unwrap_or_default();
        // The payload may hold a value of the person's; the place is enough to find the fault.
        let _ = writeln!(
            anstream::stderr(),
            "error: realign has a fault{place}; please report it with the command you typed"
        );
        std::process::exit(i32::from(Exit::Failed.code()));
    }));
    let code = run().code();
    // Nobody can be told when standard output is gone.
    let _ = std::io::stdout().flush();
    // What is still held is the system's to take back, all at once.
    signal_hook::low_level::exit(i32::from(code))
}

fn run() -> Exit {
    let (words, alias) = commands::alias::resolve(std::env::args_os());
    let json = exit::asks_for_json(&words);
    let all = || {
        let command = commands::planned::accept(Cli::command());
        commands::elsewhere::accept(command).try_get_matches_from(&words)
    };
    let matches = match args::narrowed::read(&words).map_or_else(all, Ok) {
        Ok(matches) => matches,
        Err(error) => return usage(&error, json),
    };
    if let Some(name) = commands::planned::typed(&matches) {
        return told(&commands::planned::answer(&name), json);
    }
    if let Some(error) = commands::elsewhere::answer(&matches) {
        return told(&error, json);
    }
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage(&error, json),
    };
    let json = cli.options.global.format == Some(Format::Json);
    match cli.options.global.color.unwrap_or_default() {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    match dispatch(&cli, alias.as_ref()) {
        Ok(exit) => exit,
        Err(error) if exit::is_broken_pipe(&error) => Exit::Done,
        // What is left without a word is the output, which then takes no document either.
        Err(error) if exit::is_of_output(&error) => {
            told(&error.context("can't write to standard output"), false)
        }
        Err(error) => told(&error, json),
    }
}

/// Tells the error that ended the command: a person, or a program that asked for JSON.
fn told(error: &anyhow::Error, json: bool) -> Exit {
    if json {
        ErrorDocument::of(error).print();
    } else {
        // Nobody can be told when standard error is gone.
        let _ = writeln!(anstream::stderr(), "{}", exit::Shown(error));
    }
    Exit::of(error)
}

fn dispatch(cli: &Cli, alias: Option<&Alias>) -> anyhow::Result<Exit> {
    let settings = || -> anyhow::Result<Settings> {
        let mut settings = Settings::resolve(&cli.options, &Environment::of_process())?;
        settings.output.speech = alias.map(|alias| alias.speech(&settings)).transpose()?;
        Ok(settings)
    };
    let mut out = anstream::stdout();
    match &cli.command {
        Command::Init(args) => commands::init::run(args, &cli.options, &mut out),
        Command::Demo(args) => commands::demo::run(args, &cli.options),
        Command::Doctor => commands::doctor::run(&cli.options, &Environment::of_process()),
        Command::Status => commands::status::run(&settings()?),
        Command::Schema(action) => commands::schema::run(action, &settings()?),
        Command::Migrations(action) => commands::migrations::run(action, &settings()?),
        Command::Migrate(args) => commands::migrations::migrate_command(args, &settings()?),
        Command::Repeatable(action) => commands::migrations::repeatable(action, &settings()?),
        Command::Backup(action) => commands::backup::run(action, &settings()?),
        Command::Down(args) => commands::maintenance::down(args, &settings()?),
        Command::Up => commands::maintenance::up(&settings()?),
        Command::Cache(action) => commands::cache::run(action, &settings()?),
        Command::Upgrade(action) => commands::upgrade::run(action, &cli.options, &settings()?),
        Command::History(args) => commands::history::run(args, &settings()?),
        Command::Unlock(args) => commands::unlock::run(args, &settings()?),
        Command::Completions(args) => commands::completions::completions(args.shell, &mut out),
        Command::Man(args) => commands::completions::man(&args.dir, &mut out),
        Command::ConfigSchema => {
            out.write_all(config::json_schema().as_bytes())?;
            Ok(Exit::Done)
        }
        Command::DocumentSchema => {
            out.write_all(realign::SchemaDocument::json_schema().as_bytes())?;
            Ok(Exit::Done)
        }
        Command::PlanSchema => {
            out.write_all(realign::plan_schema().as_bytes())?;
            Ok(Exit::Done)
        }
    }
}

/// Prints clap's answer: help and version are answers, the rest is a usage error.
fn usage(error: &clap::Error, json: bool) -> Exit {
    if json && error.use_stderr() {
        return told(&exit::mistyped(&error.render().to_string()), json);
    }
    // A reader that went away needs no message.
    let _ = error.print();
    if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Done
    }
}
