//! `realign migrations …`: types only.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::Allow;

/// `migrations …`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum MigrationsCommand {
    /// How many are executed, available, new; which is the current one
    Status(StatusArgs),
    /// Every migration with its state
    #[command(visible_alias = "list-migrations")]
    List,
    /// Execute what leads to a version; without one, everything that is new
    Migrate(MigrateArgs),
    /// Execute single migrations, up or down
    Execute(ExecuteArgs),
    /// Write an empty migration
    Generate(GenerateArgs),
    /// Write a migration, up and down, of what differs between the declaration and the database
    Diff(DiffArgs),
    /// Add versions to the history or delete them from it, without executing anything
    Version(VersionArgs),
    /// The last available one
    Latest,
    /// The last executed one
    Current,
    /// Is anything left to execute? Exit 0 no, 1 yes
    UpToDate(UpToDateArgs),
    /// Write a migration that makes the database's present schema
    DumpSchema(DumpSchemaArgs),
    /// Make the one migration that is there the whole history
    Rollup,
    /// Make the history table, or bring one of an older Doctrine to the layout of Doctrine 3
    SyncMetadataStorage,
    /// Do the files still say what was executed? Gaps, late arrivals, changed files
    Verify(VerifyArgs),
    /// Take what is recorded of versions out of the books, and what stands half-way
    Forget(ForgetArgs),
}

/// How many are executed, available, new; which is the current one
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct StatusArgs {
    /// And every migration with its state, as `list` shows them
    #[arg(long, hide_short_help = true)]
    pub(crate) show_versions: bool,
}

/// What every run of migrations takes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunArgs {
    /// Execute nothing, write nothing, say what would be done
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Write the statements to a file instead of executing them; without a path to
    /// doctrine_migration_TIME.sql here
    #[arg(
        long,
        value_name = "PATH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "."
    )]
    pub(crate) write_sql: Option<PathBuf>,

    /// Show each statement and what it took
    #[arg(long)]
    pub(crate) query_time: bool,

    /// A value for a placeholder, NAME=VALUE (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,

    /// Say yes to a kind of step: destructive, for a way back to nothing
    #[arg(
        long,
        value_name = "KIND",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub(crate) allow: Vec<Allow>,
}

impl RunArgs {
    /// True when nothing may be executed.
    pub(crate) fn only_looks(&self) -> bool {
        self.dry_run || self.write_sql.is_some()
    }
}

/// Execute what leads to a version; without one, everything that is new
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MigrateArgs {
    /// A version, or: first (nothing applied), prev, next, latest, current, current+N, current-N
    #[arg(value_name = "VERSION", default_value = "latest")]
    pub(crate) version: String,

    /// What a run takes.
    #[command(flatten)]
    pub(crate) run: RunArgs,

    /// It is no error when there are no migrations at all
    #[arg(long)]
    pub(crate) allow_no_migration: bool,

    /// One transaction around all of them, where the engine can
    #[arg(
        long,
        value_name = "VALUE",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        conflicts_with = "no_all_or_nothing",
        hide_short_help = true
    )]
    pub(crate) all_or_nothing: Option<String>,

    /// A transaction for each, whatever the configuration says
    #[arg(long, hide_short_help = true)]
    pub(crate) no_all_or_nothing: bool,

    /// Late arrivals (older than the current one): apply, warn or error
    #[arg(long, value_name = "HOW", hide_short_help = true)]
    pub(crate) late: Option<crate::config::Late>,
}

/// Execute single migrations, up or down
#[derive(Debug, Clone, Args)]
pub(crate) struct ExecuteArgs {
    /// The versions, whole
    #[arg(value_name = "VERSION", required = true)]
    pub(crate) versions: Vec<String>,

    /// What a run takes.
    #[command(flatten)]
    pub(crate) run: RunArgs,

    /// Apply them; the default
    #[arg(long, conflicts_with = "down")]
    pub(crate) up: bool,

    /// Take them back
    #[arg(long)]
    pub(crate) down: bool,
}

/// Write an empty migration
#[derive(Debug, Clone, Args)]
pub(crate) struct GenerateArgs {
    /// What it is for, in words that become part of its name
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// The namespace whose folder it goes to
    #[arg(long, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,
}

/// Write a migration, up and down, of what differs between the declaration and the database
#[derive(Debug, Clone, Args)]
pub(crate) struct DiffArgs {
    /// What it is for, in words that become part of its name
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,

    /// The namespace whose folder it goes to
    #[arg(long, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,

    /// Only tables whose name this regular expression finds, with or without /delimiters/
    #[arg(long, value_name = "REGEX")]
    pub(crate) filter_expression: Option<String>,

    /// Write long statements over several lines
    #[arg(long)]
    pub(crate) formatted: bool,

    /// How long a line of a formatted statement may be
    #[arg(long, value_name = "LENGTH", default_value_t = 120)]
    pub(crate) line_length: usize,

    /// Stop the migration on another engine than this
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "no"
    )]
    pub(crate) check_database_platform: Option<String>,

    /// It is no error when nothing differs
    #[arg(long)]
    pub(crate) allow_empty_diff: bool,

    /// Begin with nothing instead of the database
    #[arg(long)]
    pub(crate) from_empty_schema: bool,

    /// Take away what is in the database and not declared, with its rows
    #[arg(long)]
    pub(crate) complete: bool,
}

/// Add versions to the history or delete them from it, without executing anything
#[derive(Debug, Clone, Args)]
pub(crate) struct VersionArgs {
    /// The version, whole
    #[arg(value_name = "VERSION")]
    pub(crate) version: Option<String>,

    /// Add it to the history
    #[arg(long, conflicts_with = "delete")]
    pub(crate) add: bool,

    /// Delete it from the history
    #[arg(long)]
    pub(crate) delete: bool,

    /// All of them
    #[arg(long, conflicts_with_all = ["range_from", "range_to", "version"])]
    pub(crate) all: bool,

    /// All from this one on
    #[arg(long, value_name = "VERSION", conflicts_with = "version")]
    pub(crate) range_from: Option<String>,

    /// All up to this one
    #[arg(long, value_name = "VERSION", conflicts_with = "version")]
    pub(crate) range_to: Option<String>,
}

/// Is anything left to execute? Exit 0 no, 1 yes
#[derive(Debug, Clone, Args)]
pub(crate) struct UpToDateArgs {
    /// Executed ones without a file are a negative answer too (exit 2 under Doctrine's name)
    #[arg(short = 'u', long)]
    pub(crate) fail_on_unregistered: bool,

    /// List what is missing or left over
    #[arg(short, long)]
    pub(crate) list_migrations: bool,
}

/// Write a migration that makes the database's present schema
#[derive(Debug, Clone, Args)]
pub(crate) struct DumpSchemaArgs {
    /// The namespace whose folder it goes to
    #[arg(long, value_name = "NAMESPACE")]
    pub(crate) namespace: Option<String>,

    /// Leave out tables whose name this regular expression finds (repeatable)
    #[arg(long, value_name = "REGEX")]
    pub(crate) filter_tables: Vec<String>,

    /// Write long statements over several lines
    #[arg(long)]
    pub(crate) formatted: bool,

    /// How long a line of a formatted statement may be
    #[arg(
        long,
        value_name = "LENGTH",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = 120,
        default_missing_value = "120"
    )]
    pub(crate) line_length: usize,
}

/// Do the files still say what was executed? Gaps, late arrivals, changed files
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArgs {
    /// A value for a placeholder, NAME=VALUE (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
}

/// Take what is recorded of versions out of the books, and what stands half-way
#[derive(Debug, Clone, Args)]
pub(crate) struct ForgetArgs {
    /// The versions
    #[arg(value_name = "VERSION", required = true)]
    pub(crate) versions: Vec<String>,
}

/// `repeatable …`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum RepeatableCommand {
    /// Run those whose meaning has changed since they ran last
    Run(RepeatableArgs),
}

/// Run those whose meaning has changed since they ran last
#[derive(Debug, Clone, Args)]
pub(crate) struct RepeatableArgs {
    /// Execute nothing, say what would be
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Run all of them, changed or not
    #[arg(long)]
    pub(crate) all: bool,

    /// A value for a placeholder, NAME=VALUE (repeatable)
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) set: Vec<String>,
}
