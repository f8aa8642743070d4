//! Runs that are killed, and what the next run makes of what they left.
//!
//! A kill is SIGKILL from outside, of the program or of its server. The program is a build with
//! places at which it halts itself to be killed there (`stop-points`); what is shipped has none.
//! The shared measure: after the next run the schema, the rows and the history are those of a
//! run that nobody disturbed.

#![allow(
    clippy::print_stdout,
    reason = "how much was tried is told to who reads the tests' output"
)]

mod app;
mod between;
mod blocked;
mod holders;
mod moments;
mod open;
mod points;
mod program;
#[path = "../backup/schemas.rs"]
mod schemas;
mod servers;
mod signals;
#[allow(dead_code, reason = "the tests of upgrades themselves use the rest")]
#[path = "../upgrade/app.rs"]
mod site;
mod tally;
mod upgrades;
