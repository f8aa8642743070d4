//! `realign schema …`: types only.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// `schema …`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
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

/// Show the schema of a source or of the database
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// doctrine-xml:DIR, sql:FILE, migrations:DIR, exec:COMMAND, json:FILE, git:REV#SOURCE, a database
    /// URL; without it the configured database
    #[arg(value_name = "SOURCE")]
    pub(crate) source: Option<String>,
    /// What is looked at.
    #[command(flatten)]
    pub(crate) choosing: Choosing,
}

/// Which objects are looked at.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Choosing {
    /// Only tables and views of this name, with what belongs to them; * and ? (repeatable)
    #[arg(long, value_name = "PATTERN")]
    pub(crate) table: Vec<String>,
    /// Leave out objects of this name (repeatable)
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// Only objects of these kinds: tables, views, triggers, routines, events, sequences, types,
    /// extensions, others
    #[arg(
        long,
        value_name = "KIND",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub(crate) objects: Vec<ObjectWord>,
}

/// A kind of object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ObjectWord {
    /// Tables with their columns, indexes and keys
    Tables,
    /// Views
    Views,
    /// Triggers
    Triggers,
    /// Functions and procedures
    Routines,
    /// Scheduled events
    Events,
    /// Sequences
    Sequences,
    /// Enumerated types and domains
    Types,
    /// Extensions
    Extensions,
    /// What is only shown
    Others,
}

/// Compare any two sources: what leads from the first to the second
#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// How it is: doctrine-xml:DIR, sql:FILE, migrations:DIR, exec:COMMAND, json:FILE, git:REV#SOURCE,
    /// a database URL
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
    /// The statements also drop what is only in the first
    #[arg(long)]
    pub(crate) complete: bool,
    /// What is looked at.
    #[command(flatten)]
    pub(crate) choosing: Choosing,
}

/// Create all that is declared in an empty database
#[derive(Debug, Args)]
pub(crate) struct CreateArgs {
    /// Print the statements, execute nothing
    #[arg(long)]
    pub(crate) dump_sql: bool,
    /// Execute them
    #[arg(short, long)]
    pub(crate) force: bool,
}

/// Drop all that is declared
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

/// Bring the database in line: shows the plan, runs it with --force
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
    /// Planned, not in this version: try it on a copy first
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
    /// Drop for good: asked for beside --allow destructive while there is no quarantine
    #[arg(long)]
    pub(crate) no_quarantine: bool,
}

/// Run a plan that was kept with `update --write-plan`
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
    /// Drop for good: asked for beside --allow destructive while there is no quarantine
    #[arg(long)]
    pub(crate) no_quarantine: bool,
}

/// Does the database fit the mapping? Exit 0 yes, 1 mapping invalid, 2 not in sync, 3 both
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
