//! Upgrades over several releases, through the binary: a git repository that the test builds,
//! real files, a real database.

mod app;
mod back;
mod failures;
mod ixp;
mod killed;
mod ladder;
mod plan;
mod run;
