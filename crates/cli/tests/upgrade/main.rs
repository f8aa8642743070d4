//! Upgrades over several releases, through the binary: a git repository that the test builds,
//! real files, a real database.

mod app;
mod back;
mod checkout;
mod failures;
mod hostile;
mod ixp;
mod killed;
mod ladder;
mod plan;
mod quiet;
mod run;
