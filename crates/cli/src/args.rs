//! The command line: types only. What they mean is decided once, in `settings.rs`.

mod application;
mod backup;
mod migrations;
pub(crate) mod narrowed;
mod schema;
mod upgrade;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use application::{CacheClearArgs, CacheCommand, DownArgs};
pub(crate) use backup::{
    BackupCommand, BackupCreateArgs, BackupListArgs, BackupRestoreArgs, BackupVerifyArgs,
};
pub(crate) use migrations::{
    DiffArgs as MigrationDiffArgs, DumpSchemaArgs, ExecuteArgs, ForgetArgs, GenerateArgs,
    MigrateArgs, MigrationsCommand, RepeatableArgs, RepeatableCommand, RunArgs, StatusArgs,
    UpToDateArgs, VerifyArgs, VersionArgs,
};
pub(crate) use schema::{
    Allow, ApplyArgs, Choosing, CreateArgs, DiffArgs, DropArgs, InspectArgs, ObjectWord,
    SchemaCommand, UpdateArgs, ValidateArgs,
};
pub(crate) use upgrade::{
    Mend, PlanArgs, ResumeArgs, RollbackArgs, RunArgs as UpgradeRunArgs, UpgradeCommand, WayArgs,
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

    /// What is printed: text, json; `schema inspect` also sql, xml, mermaid, dot, svg
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

    /// Print less: only results and errors; ask nothing, as -n does
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

    /// Let an engine read the declared expressions, in a scratch database that is gone afterwards:
    /// auto makes one beside the database, or the URL of another server's
    #[arg(long, value_name = "auto|URL", global = true, hide_short_help = true)]
    pub(crate) scratch: Option<String>,

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
    /// `schema inspect`: a Doctrine XML mapping that declares it.
    Xml,
    /// `schema inspect`: a diagram in the language of Mermaid.
    Mermaid,
    /// `schema inspect`: a diagram in the language of Graphviz.
    Dot,
    /// `schema inspect`: a diagram to put on a wall.
    Svg,
}

/// What became of an open statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Settle {
    /// It ran: go on with the next one
    Ran,
    /// It did not run: run it again
    DidNotRun,
    /// Take away what it half made, and run it again
    Undo,
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
    /// Release, schema, migrations, last run: one page
    Status,
    /// Look at, compare, create, update and validate a schema
    #[command(
        subcommand,
        subcommand_required = true,
        arg_required_else_help = true,
        after_help = crate::commands::planned::SCHEMA_AFTER_HELP
    )]
    Schema(SchemaCommand),
    /// Migrations: what is executed and what is left, execute, write, compare
    #[command(
        subcommand,
        subcommand_required = true,
        arg_required_else_help = true,
        after_help = crate::commands::planned::MIGRATIONS_AFTER_HELP
    )]
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
    /// Upgrade the application over its releases, step by step
    #[command(subcommand, subcommand_required = true, arg_required_else_help = true)]
    Upgrade(UpgradeCommand),
    /// Show every run that wrote: who, what, when, how it ended, and its SQL
    History(HistoryArgs),
    /// Show who holds the lock, since when, alive or not; free a dead one
    Unlock(UnlockArgs),
    /// Print completions for a shell: realign completions bash
    Completions(CompletionsArgs),
    /// Write the manual pages into a folder
    Man(ManArgs),
    /// Print the JSON Schema of realign.toml
    #[command(hide = true)]
    ConfigSchema,
    /// Print the JSON Schema of the schema document
    #[command(hide = true)]
    DocumentSchema,
    /// Print the JSON Schema of a plan
    #[command(hide = true)]
    PlanSchema,
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

/// `history`.
#[derive(Debug, Args)]
pub(crate) struct HistoryArgs {
    /// One run, with its SQL
    #[arg(value_name = "RUN")]
    pub(crate) run: Option<i64>,
    /// How many, the newest first
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
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
