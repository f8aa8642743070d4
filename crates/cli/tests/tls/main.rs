//! The way to the server: encrypted as asked, and with a password that nobody gets to see.

#![allow(
    clippy::print_stdout,
    reason = "the address or the way of a failure is there to be read"
)]

mod backups;
mod encryption;
mod program;
mod secrets;
mod servers;
