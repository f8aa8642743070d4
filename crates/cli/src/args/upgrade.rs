//! `upgrade …`: types only.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::Allow;

/// `upgrade …`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum UpgradeCommand {
    /// Show the way, its steps, the SQL of each release and what stands in the way; write nothing
    Plan(PlanArgs),
    /// Go the way: preflight of everything first, then release by release
    Run(RunArgs),
    /// Go on with an upgrade that stopped or was killed
    Resume(ResumeArgs),
    /// Go back to a release: code, database by its backup, caches
    Rollback(RollbackArgs),
    /// Show the last upgrade step by step; write nothing
    Status,
}

/// Where an upgrade goes, and what is agreed to.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct WayArgs {
    /// The release to go to; without it the newest of this major
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,
    /// What is not declared goes as well, at each release; it needs its consents
    #[arg(long)]
    pub(crate) complete: bool,
    /// Another major release may be gone to
    #[arg(long)]
    pub(crate) allow_major: bool,
    /// Say yes to a kind of step: destructive, or breaking where no maintenance mode is on
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

/// Show the way, its steps, the SQL of each release and what stands in the way; write nothing
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct PlanArgs {
    /// Where it goes.
    #[command(flatten)]
    pub(crate) way: WayArgs,
    /// Print the statements of all releases, nothing else
    #[arg(long)]
    pub(crate) dump_sql: bool,
    /// Write the plan as JSON to a file
    #[arg(long, value_name = "FILE")]
    pub(crate) write_plan: Option<PathBuf>,
}

/// Go the way: preflight of everything first, then release by release
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RunArgs {
    /// Where it goes.
    #[command(flatten)]
    pub(crate) way: WayArgs,
    /// Acknowledge a note of a release, by its name (repeatable)
    #[arg(long, value_name = "NOTE")]
    pub(crate) ack: Vec<String>,
    /// Acknowledge all notes
    #[arg(long)]
    pub(crate) ack_all: bool,
}

/// Go on with an upgrade that stopped or was killed
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ResumeArgs {
    /// Do this before the failed step is tried again
    #[arg(long, value_name = "WHAT")]
    pub(crate) mend: Option<Mend>,
    /// Acknowledge a note of a release, by its name (repeatable)
    #[arg(long, value_name = "NOTE")]
    pub(crate) ack: Vec<String>,
    /// Acknowledge all notes
    #[arg(long)]
    pub(crate) ack_all: bool,
    /// Say yes to a kind of step: destructive, or breaking where no maintenance mode is on
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
    /// Read the configuration and the recipe again; without it they count as they were
    #[arg(long)]
    pub(crate) reread: bool,
}

/// A rung between trying again and going back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mend {
    /// Execute outstanding migrations
    Migrations,
    /// Bring the schema to what is declared
    Schema,
    /// The same, and what is not declared goes; a backup is made before
    Complete,
}

/// Go back to a release: code, database by its backup, caches
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RollbackArgs {
    /// The release to go back to; without it the last one that was reached
    #[arg(long, value_name = "VERSION")]
    pub(crate) to: Option<String>,
    /// The database is replaced by its backup: what was written since is lost
    #[arg(long)]
    pub(crate) into_same: bool,
}
