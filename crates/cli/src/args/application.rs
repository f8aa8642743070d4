//! `realign down`, `up` and `cache …`: types only.

use clap::{Args, Subcommand};

/// `down`.
#[derive(Debug, Default, Args)]
pub(crate) struct DownArgs {
    /// What those who come meanwhile are told
    #[arg(long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
    /// When they are to come again
    #[arg(long, value_name = "SECONDS")]
    pub(crate) retry: Option<u32>,
    /// An address or a network that is let in (repeatable)
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) allow: Vec<String>,
}

/// `cache …`.
#[derive(Debug, Subcommand)]
#[command(defer = true)]
pub(crate) enum CacheCommand {
    /// Empty the application's caches: memcached, Redis, folders, commands, services
    Clear(CacheClearArgs),
}

/// Empty the application's caches: memcached, Redis, folders, commands, services
#[derive(Debug, Args)]
pub(crate) struct CacheClearArgs {
    /// memcached://HOST:PORT, redis://HOST/DB?prefix=app:, files:FOLDER; without one those of
    /// [cache] and [upgrade]
    #[arg(value_name = "CACHE")]
    pub(crate) caches: Vec<String>,
}
