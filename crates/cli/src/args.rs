//! The command line: types only. What they mean is decided once, in `settings.rs`.

mod application;
mod backup;
mod migrations;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use application::{CacheClearArgs, CacheCommand, DownArgs};
pub(crate) use backup::{
    BackupCommand, BackupCreateArgs, BackupListArgs, BackupRestoreArgs, BackupVerifyArgs,
};
pub(crate) use migrations::{
    DiffArgs as MigrationDiffArgs, DumpSchemaArgs, ExecuteArgs, ForgetArgs, GenerateArgs,
    MigrateArgs, MigrationsCommand, RepeatableArgs, RepeatableCommand, RunArgs, UpToDateArgs,
    VerifyArgs, VersionArgs,
};

/// Keep a database and the code that uses it aligned.
#[derive(Debug, Parser)]
#[command(
    name = "realign",
    bin_name = "realign",
    version,
    propagate_version = false,
    disable_help_subcommand = true,
    max_term_width = 100,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = crate::commands::planned::AFTER_HELP
)]
pub(crate) struct Cli {
    /// Options that every command takes, before or after its name.
    #[command(flatten)]
    pub(crate) options: Options,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options that every command takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Options {
    /// How to work.
    #[command(flatten)]
    pub(crate) global: GlobalOptions,
    /// What the configuration can also say.
    #[command(flatten)]
    pub(crate) configured: ConfiguredOptions,
}

/// How to work.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct GlobalOptions {
    /// Configuration file; without it realign.toml is looked up from here upwards
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,

    /// Use the overrides of [env.NAME] in the configuration
    #[arg(long, value_name = "NAME", global = true)]
    pub(crate) env: Option<String>,

    /// The database: mysql://, mariadb://, postgres:// or sqlite:FILE (or REALIGN_DATABASE_URL, DATABASE_URL)
    #[arg(long, value_name = "URL", global = true)]
    pub(crate) database_url: Option<String>,

    /// What is printed: text, json; `schema inspect` also sql
    #[arg(
        long,
        value_name = "FORMAT",
        global = true,
        hide_possible_values = true
    )]
    pub(crate) format: Option<Format>,

    /// Ask nothing; never a yes to something dangerous
    #[arg(short = 'n', long, global = true)]
    pub(crate) no_interaction: bool,

    /// Print less: only results and errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,

    /// Colours: auto, always, never
    #[arg(long, value_name = "WHEN", global = true, hide_possible_values = true)]
    pub(crate) color: Option<Color>,
}

/// What the configuration can also say.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "In place of the configuration")]
pub(crate) struct ConfiguredOptions {
    /// A source of the declared schema, e.g. doctrine-xml:database/xml, sql:views.sql (repeatable)
    #[arg(
        long = "schema",
        value_name = "SOURCE",
        global = true,
        hide_short_help = true
    )]
    pub(crate) schema: Vec<String>,

    /// Whose rules name and type things: 2, 3, 4, or exactly orm-2.14/dbal-3.6
    #[arg(long, value_name = "VERSION", global = true, hide_short_help = true)]
    pub(crate) doctrine: Option<String>,

    /// Naming strategy of the mapping
    #[arg(long, value_name = "STRATEGY", global = true, hide_short_help = true)]
    pub(crate) naming: Option<Naming>,

    /// Put in front of every table that the mapping names
    #[arg(long, value_name = "PREFIX", global = true, hide_short_help = true)]
    pub(crate) table_prefix: Option<String>,

    /// Tables, columns or indexes that are nobody's business, e.g. 'tmp_*', 'leads.cf_*' (repeatable)
    #[arg(long, value_name = "PATTERN", global = true, hide_short_help = true)]
    pub(crate) ignore: Vec<String>,

    /// Character set of tables whose mapping names none
    #[arg(long, value_name = "NAME", global = true, hide_short_help = true)]
    pub(crate) charset: Option<String>,

    /// Collation of tables whose mapping names none
    #[arg(long, value_name = "NAME", global = true, hide_short_help = true)]
    pub(crate) collation: Option<String>,

    /// Index names as declared, or qualified: one used on several tables gets the table's name in
    /// front, for engines where index names share one namespace
    #[arg(long, value_name = "HOW", global = true, hide_short_help = true)]
    pub(crate) index_names: Option<IndexNames>,

    /// How long a program of an exec: source may run (300)
    #[arg(long, value_name = "SECONDS", global = true, hide_short_help = true)]
    pub(crate) exec_timeout: Option<u64>,

    /// Plan and print for this server without a connection, e.g. mariadb-10.11
    #[arg(long, value_name = "VERSION", global = true, hide_short_help = true)]
    pub(crate) server_version: Option<String>,

    /// Folder of the migrations
    #[arg(long, value_name = "DIR", global = true, hide_short_help = true)]
    pub(crate) migrations_dir: Option<PathBuf>,

    /// How long to wait for another run that writes; 0 ends at once with exit code 75
    #[arg(long, value_name = "SECONDS", global = true, hide_short_help = true)]
    pub(crate) lock_wait: Option<u64>,

    /// What became of a statement of a killed run where the database can't tell
    #[arg(long, value_name = "ANSWER", global = true, hide_short_help = true)]
    pub(crate) settle: Option<Settle>,

    /// Table that records executed migrations; never touched by schema commands
    #[arg(long, value_name = "TABLE", global = true, hide_short_help = true)]
    pub(crate) migrations_table: Option<String>,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For a person.
    Text,
    /// For a program.
    Json,
    /// `schema inspect`: statements that create it.
    Sql,
    /// Planned.
    #[value(hide = true)]
    Xml,
    /// Planned.
    #[value(hide = true)]
    Mermaid,
    /// Planned.
    #[value(hide = true)]
    Dot,
    /// Planned.
    #[value(hide = true)]
    Svg,
}

/// What became of an open statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Settle {
    /// It ran: go on with the next one
    Ran,
    /// It did not run: run it again
    DidNotRun,
}

/// When to colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal that wants them.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Doctrine's naming strategies.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Naming {
    /// Names of classes and properties as they are
    #[default]
    DoctrineDefault,
    /// `_` before an upper-case letter that follows a letter
    Underscore,
    /// `_` also after a digit: what Symfony's recipe sets
    UnderscoreNumberAware,
    /// laravel-doctrine's: plural tables in snake case
    Laravel,
}

impl Naming {
    /// The word in the configuration.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::DoctrineDefault => "doctrine-default",
            Self::Underscore => "underscore",
            Self::UnderscoreNumberAware => "underscore-number-aware",
            Self::Laravel => "laravel",
        }
    }
}

/// How index names of a mapping are taken.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IndexNames {
    /// As declared
    #[default]
    Declared,
    /// With the table's name in front where one name is used on several tables
    Qualified,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write a realign.toml: finds mappings, .env files, Doctrine's versions
    Init(InitArgs),
    /// Show the main job on a small application of its own, on SQLite
    Demo(DemoArgs),
    /// Check configuration, connection, privileges and settings, each with its mend
    Doctor,
    /// Look at, compare, create, update and validate a schema
    #[command(
        subcommand,
        subcommand_required = true,
        arg_required_else_help = true,
        after_help = crate::commands::planned::SCHEMA_AFTER_HELP
    )]
    Schema(SchemaCommand),
    /// Migrations: what is executed and what is left, execute, write, compare
    #[command(subcommand, subcommand_required = true, arg_required_else_help = true)]
    Migrations(MigrationsCommand),
    /// Short for `migrations migrate`
    Migrate(MigrateArgs),
    /// Scripts that are run again whenever their meaning changes: views, triggers, procedures
    #[command(subcommand, subcommand_required = true, arg_required_else_help = true)]
    Repeatable(RepeatableCommand),
    /// Backups of the whole database: create, list, verify, restore
    #[command(subcommand, subcommand_required = true, arg_required_else_help = true)]
    Backup(BackupCommand),
    /// Begin maintenance mode
    Down(DownArgs),
    /// End maintenance mode; refuses while an upgrade is unfinished
    Up,
    /// The application's caches
    #[command(subcommand, subcommand_required = true, arg_required_else_help = true)]
    Cache(CacheCommand),
    /// Show who holds the lock, since when, alive or not; free a dead one
    Unlock(UnlockArgs),
    /// Print completions for a shell: realign completions bash
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder
    Man(ManArgs),
    /// Print the JSON Schema of realign.toml
    #[command(hide = true)]
    ConfigSchema,
}

/// `init`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The application's folder
    #[arg(value_name = "DIR", default_value = ".")]
    pub(crate) dir: PathBuf,
    /// Print the file, write nothing
    #[arg(long)]
    pub(crate) print: bool,
    /// Replace a realign.toml that is there
    #[arg(long)]
    pub(crate) force: bool,
}

/// `demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Where to make it: a new or empty folder
    #[arg(value_name = "DIR", default_value = "realign-demo")]
    pub(crate) dir: PathBuf,
}

/// `unlock`.
#[derive(Debug, Args)]
pub(crate) struct UnlockArgs {
    /// Free it also when its holder lives: its sessions on the server are ended
    #[arg(long)]
    pub(crate) force: bool,
}

/// `completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(crate) shell: clap_complete::Shell,
}

/// `man`.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Where to write them, e.g. ~/.local/share/man/man1
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
}

/// `schema …`.
#[derive(Debug, Subcommand)]
pub(crate) enum SchemaCommand {
    /// Show the schema of a source or of the database
    Inspect(InspectArgs),
    /// Compare any two sources: what leads from the first to the second
    Diff(DiffArgs),
    /// Create all that is declared in an empty database
    Create(CreateArgs),
    /// Drop all that is declared
    Drop(DropArgs),
    /// Bring the database in line: shows the plan, runs it with --force
    Update(UpdateArgs),
    /// Run a plan that was kept with `update --write-plan`
    Apply(ApplyArgs),
    /// Does the database fit the mapping? Exit 0 yes, 1 mapping invalid, 2 not in sync, 3 both
    Validate(ValidateArgs),
}

/// `schema inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// doctrine-xml:DIR, sql:FILE, json:FILE, a database URL; without it the configured database
    #[arg(value_name = "SOURCE")]
    pub(crate) source: Option<String>,
}

/// `schema diff`.
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// How it is: doctrine-xml:DIR, sql:FILE, json:FILE, a database URL
    #[arg(value_name = "FROM")]
    pub(crate) from: String,
    /// How it shall be
    #[arg(value_name = "TO")]
    pub(crate) to: String,
    /// Print the statements that lead from the first to the second
    #[arg(long)]
    pub(crate) sql: bool,
    /// Exit 0 when equal, 1 when they differ, 2 when that can't be told
    #[arg(long)]
    pub(crate) exit_code: bool,
    /// What is only in the first counts as well
    #[arg(long)]
    pub(crate) complete: bool,
}

/// `schema create`.
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Print the statements, execute nothing
    #[arg(long)]
    pub(crate) dump_sql: bool,
    /// Execute them
    #[arg(short, long)]
    pub(crate) force: bool,
}

/// `schema drop`.
#[derive(Debug, Args)]
pub(crate) struct DropArgs {
    /// Print the statements, execute nothing
    #[arg(long)]
    pub(crate) dump_sql: bool,
    /// Execute them
    #[arg(short, long)]
    pub(crate) force: bool,
    /// Everything in the database, declared or not
    #[arg(long)]
    pub(crate) full_database: bool,
    /// Say yes to a kind of step: destructive, for tables with rows
    #[arg(
        long,
        value_name = "KIND",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub(crate) allow: Vec<Allow>,
}

/// `schema update`.
#[derive(Debug, Default, Args)]
pub(crate) struct UpdateArgs {
    /// Print the statements, execute nothing
    #[arg(long)]
    pub(crate) dump_sql: bool,
    /// Execute the plan
    #[arg(short, long)]
    pub(crate) force: bool,
    /// What is not declared counts as well, and goes
    #[arg(long)]
    pub(crate) complete: bool,
    /// Write the statements to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) write_sql: Option<PathBuf>,
    /// Keep the plan for review; `realign schema apply FILE` runs it
    #[arg(long, value_name = "FILE")]
    pub(crate) write_plan: Option<PathBuf>,
    /// Try it on a copy first
    #[arg(long)]
    pub(crate) rehearse: bool,
    /// Say yes to a kind of step: destructive
    #[arg(
        long,
        value_name = "KIND",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub(crate) allow: Vec<Allow>,
    /// Drop for good what would be kept in quarantine
    #[arg(long)]
    pub(crate) no_quarantine: bool,
}

/// `schema apply`.
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The plan, as `schema update --write-plan` wrote it
    #[arg(value_name = "PLAN")]
    pub(crate) plan: PathBuf,
    /// Say yes to a kind of step: destructive
    #[arg(
        long,
        value_name = "KIND",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub(crate) allow: Vec<Allow>,
    /// Drop for good what would be kept in quarantine
    #[arg(long)]
    pub(crate) no_quarantine: bool,
}

/// `schema validate`.
#[derive(Debug, Default, Args)]
pub(crate) struct ValidateArgs {
    /// Don't check the mapping itself
    #[arg(long)]
    pub(crate) skip_mapping: bool,
    /// Don't compare with the database
    #[arg(long)]
    pub(crate) skip_sync: bool,
    /// What is not declared counts as well
    #[arg(long)]
    pub(crate) complete: bool,
}

/// A kind of step that may need a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Allow {
    /// Blocks writers for long
    Locking,
    /// Copies the table
    Rewriting,
    /// Old code fails while the new is rolled out
    Breaking,
    /// Data is lost
    Destructive,
}
