//! What people complain about in Doctrine's schema tool, a test each, named after the symptom.
//!
//! Every test is a small mapping and a database on each engine that is here, through the binary.

#![allow(
    clippy::print_stdout,
    reason = "the engine of a failure is there to be read"
)]

#[allow(dead_code, reason = "the tests of what is not compared use more of it")]
mod app;
mod columns;
mod defaults;
mod keys;
mod names;
mod objects;
mod others;
mod safety;
