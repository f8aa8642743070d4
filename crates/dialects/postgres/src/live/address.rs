//! Where a server is, and what to say when no session comes about there.

use std::time::Duration;

use realign_runtime::{Error, ErrorKind, Target};

/// Where a server is, and how long it may take to answer there.
#[derive(Debug)]
pub(super) struct Address {
    pub(super) target: Target,
    pub(super) timeout: Duration,
}

impl Address {
    /// Why no session came about there, as an error.
    pub(super) fn unreachable(&self, error: OpenError) -> Error {
        let at = format!("can't connect to {}", self.target);
        let error = match error {
            OpenError::Setup(error) => return error,
            OpenError::Silent => {
                return Error::new(
                    ErrorKind::Unreachable,
                    format!("{at}: no answer in {} seconds", self.timeout.as_secs()),
                )
                .with_help("check host and port; `timeout=SECONDS` in the URL waits longer");
            }
            OpenError::Driver(error) => error,
        };
        let (text, help) = if let Some(refusal) = error.as_db_error() {
            (
                format!("{} ({})", refusal.message(), refusal.code().code()),
                login_help(refusal.code().code()),
            )
        } else {
            let text = chain(&error);
            let help = transport_help(&text);
            // The driver begins with words that say no more than those around it.
            let plain = text.strip_prefix("error connecting to server: ");
            (plain.unwrap_or(&text).to_owned(), help)
        };
        Error::new(ErrorKind::Unreachable, format!("{at}: {text}")).with_help(help)
    }
}

/// What to do about a refused login.
fn login_help(code: &str) -> &'static str {
    match code {
        "28P01" | "28000" => "check user and password, and that pg_hba.conf lets this host in",
        "3D000" => "the database does not exist: CREATE DATABASE it first",
        "42501" => "this account has no rights on the database: GRANT CONNECT first",
        "53300" => "the server has no connection to spare: try again later",
        "57P03" => "the server is starting or stopping: try again in a moment",
        _ => "check host, port, user and password",
    }
}

/// What to do when the line did not come about.
fn transport_help(text: &str) -> &'static str {
    if text.contains("does not support TLS") {
        "over a network you trust, add `sslmode=disable` to the URL"
    } else if text.contains("certificate") || text.contains("TLS") {
        "give the authority's certificate as `sslrootcert=FILE`, or choose another `sslmode`"
    } else if text.contains("password") {
        "the server asks for a password: add it to the URL, or as a reference"
    } else {
        "is the server up? `realign doctor` checks the connection step by step"
    }
}

/// Why no session came about.
pub(super) enum OpenError {
    Silent,
    Setup(Error),
    Driver(tokio_postgres::Error),
}

/// An error with its causes: the driver's own words alone say little.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.contains(&more) {
            text.push_str(": ");
            text.push_str(&more);
        }
        cause = error.source();
    }
    text
}
