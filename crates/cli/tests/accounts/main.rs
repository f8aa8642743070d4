//! Servers and accounts as they are found: what reads only reads, by the server's own log.
//!
//! Each server here writes down every statement that arrives. A test runs the commands with an
//! account of its own and reads back what that account has sent.

mod application;
mod file;
mod mysql;
mod postgres;
mod statements;
