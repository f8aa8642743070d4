//! `realign backup …`: types only.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `backup …`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum BackupCommand {
    /// Write the whole database into one file that can prove itself
    Create(BackupCreateArgs),
    /// The backups that are there, the newest first
    List(BackupListArgs),
    /// Load a backup into a scratch database and compare rows and schema
    Verify(BackupVerifyArgs),
    /// Put a backup into an empty database, or back into its own with --into-same
    Restore(BackupRestoreArgs),
}

/// Write the whole database into one file that can prove itself
#[derive(Debug, Args)]
pub(crate) struct BackupCreateArgs {
    /// The folder that it goes to; without it `dir` of [backup], or Realign's own
    #[arg(long, value_name = "DIR", visible_alias = "dir")]
    pub(crate) to: Option<PathBuf>,
    /// What it is for; shown in the list
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
    /// Remove older backups of this database beyond so many
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) keep: Option<u32>,
    /// Prove it at once, as `backup verify` does
    #[arg(long)]
    pub(crate) verify: bool,
}

/// The backups that are there, the newest first
#[derive(Debug, Args)]
pub(crate) struct BackupListArgs {
    /// The folder; without it `dir` of [backup], or Realign's own
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// Load a backup into a scratch database and compare rows and schema
#[derive(Debug, Args)]
pub(crate) struct BackupVerifyArgs {
    /// The backup: a path, or its name in the folder of backups
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Read the file alone, without a database
    #[arg(long)]
    pub(crate) file_only: bool,
}

/// Put a backup into an empty database, or back into its own with --into-same
#[derive(Debug, Args)]
pub(crate) struct BackupRestoreArgs {
    /// The backup: a path, or its name in the folder of backups
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Another database, which has to be empty
    #[arg(long, value_name = "URL")]
    pub(crate) into: Option<String>,
    /// Replace everything in the database; rows written since are named, and kept in a backup
    #[arg(long)]
    pub(crate) into_same: bool,
    /// Make no backup of what is replaced
    #[arg(long, requires = "into_same")]
    pub(crate) no_safety_backup: bool,
}
