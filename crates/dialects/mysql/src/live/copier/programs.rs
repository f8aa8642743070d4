//! The programs that dump and load, and how they are told what to do.
//!
//! MariaDB's and MySQL's bear the same names and differ in their options. A dump is read by the
//! client of the family that wrote it: the other's may not know its comments.

use std::fmt::Write as _;

use realign_planner::{Facts, Value};
use realign_runtime::backup::Work;
use realign_runtime::process::Process;
use realign_runtime::{Connection, Error, ErrorKind, Target, TlsMode};

use super::super::PORT;
use crate::facts::MARIADB;

/// Whose programs they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    MariaDb,
    MySql,
}

/// The dump program and the client that were found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Programs {
    pub(super) dump: &'static str,
    pub(super) client: &'static str,
    pub(super) family: Family,
}

impl Programs {
    /// Those of the server's own family, else the other's.
    pub(super) fn found(work: &Work<'_>) -> Result<Self, Error> {
        let own = if work.facts.vendor == MARIADB {
            Family::MariaDb
        } else {
            Family::MySql
        };
        let known = [("mariadb-dump", "mariadb"), ("mysqldump", "mysql")];
        let mut found = Vec::new();
        for (dump, client) in known {
            match told(dump, work) {
                Ok(told) => found.push(Self {
                    dump,
                    client,
                    family: family(&told),
                }),
                Err(error) if matches!(error.kind, ErrorKind::Stopped(_)) => return Err(error),
                Err(_) => {}
            }
        }
        let best = found.iter().find(|programs| programs.family == own);
        best.or(found.first()).copied().ok_or_else(|| {
            let (program, package) = match own {
                Family::MariaDb => ("mariadb-dump", "mariadb-client"),
                Family::MySql => ("mysqldump", "mysql-client"),
            };
            Error::new(
                ErrorKind::Failed,
                format!("a backup is written by {program}, and it is not installed"),
            )
            .with_help(format!("install the package {package}"))
        })
    }

    /// What it is, in so many words that two versions that write alike have the same.
    pub(super) fn version(self, work: &Work<'_>) -> Result<String, Error> {
        let told = told(self.dump, work)?;
        let name = match self.family {
            Family::MariaDb => "mariadb-dump",
            Family::MySql => "mysqldump",
        };
        // The last number is the product's: `Ver 10.19 Distrib 10.11.6-MariaDB`.
        let number = told
            .split_whitespace()
            .map(|word| word.trim_end_matches(','))
            .filter(|word| word.starts_with(|c: char| c.is_ascii_digit()) && word.contains('.'))
            .map(|word| word.split('-').next().unwrap_or_default())
            .next_back();
        Ok(format!(
            "{name} {}",
            number.unwrap_or("of no known version")
        ))
    }

    /// True when they write, and the server reads, what rows of a table were before.
    pub(super) fn keeps_history(self, work: &Work<'_>) -> Result<bool, Error> {
        if self.family != Family::MariaDb
            || work.facts.vendor != MARIADB
            || !work.facts.version.at_least(10, 11, 0)
        {
            return Ok(false);
        }
        let version = self.version(work)?;
        let mut numbers = version
            .rsplit(' ')
            .next()
            .unwrap_or_default()
            .split('.')
            .map_while(|number| number.parse::<u32>().ok());
        Ok((numbers.next(), numbers.next()) >= (Some(10), Some(11)))
    }

    /// Refuses what these programs would write and the server would not read.
    pub(super) fn can_dump(self, connection: &mut Connection, facts: &Facts) -> Result<(), Error> {
        whole(connection)?;
        if self.family == Family::MySql || facts.vendor == MARIADB {
            return Ok(());
        }
        let found = connection.query(
            "SELECT DISTINCT TABLE_NAME FROM information_schema.COLUMNS \
             WHERE TABLE_SCHEMA = DATABASE() AND GENERATION_EXPRESSION <> '' ORDER BY 1",
        )?;
        let names: Vec<String> = found
            .rows
            .iter()
            .filter_map(|row| row.first().map(Value::display))
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::Failed,
            "mariadb-dump writes generated columns of MySQL as values, which MySQL then refuses",
        )
        .with_note(format!(
            "tables with generated columns: {}",
            names.join(", ")
        ))
        .with_help("install MySQL's own mysqldump and mysql (package mysql-client)"))
    }

    /// Options of a dump: one moment, everything that belongs to the database, nothing that
    /// changes from one time to the next.
    pub(super) fn dump_arguments(self, facts: &Facts) -> Vec<&'static str> {
        let mut arguments = vec![
            "--single-transaction",
            "--skip-lock-tables",
            "--quick",
            "--routines",
            "--triggers",
            "--events",
            "--hex-blob",
            "--no-tablespaces",
            "--skip-comments",
            "--skip-add-locks",
        ];
        if self.family == Family::MySql {
            arguments.push("--set-gtid-purged=OFF");
            if facts.vendor == MARIADB || !facts.version.at_least(8, 0, 0) {
                arguments.push("--column-statistics=0");
            }
        }
        arguments
    }
}

/// Refuses a server that gives its clients the first rows only: neither program can ask for all.
fn whole(connection: &mut Connection) -> Result<(), Error> {
    let limited = connection.scalar(
        "SELECT @@GLOBAL.sql_select_limit < 18446744073709551615 \
         OR LOWER(@@GLOBAL.init_connect) LIKE '%sql_select_limit%'",
    )?;
    if limited.as_int().unwrap_or(0) == 0 {
        return Ok(());
    }
    Err(Error::new(
        ErrorKind::Failed,
        "the server gives its clients no more than the first rows of a table (sql_select_limit), and so a dump would lack the others",
    )
    .with_help("SET GLOBAL sql_select_limit = DEFAULT, and take it out of init_connect"))
}

fn told(program: &str, work: &Work<'_>) -> Result<String, Error> {
    let finished = Process::new(program)
        .args(["--no-defaults", "--version"])
        .run(work.stop, &mut |_, _| {})?
        .success()?;
    Ok(finished.text().trim().to_owned())
}

/// `mariadb-dump  Ver 10.19 Distrib 10.11.6-MariaDB`, or `mysqldump  Ver 9.7.0 for Linux`.
fn family(told: &str) -> Family {
    if told.to_ascii_lowercase().contains("mariadb") {
        Family::MariaDb
    } else {
        Family::MySql
    }
}

/// The file of options with the login.
pub(super) fn options(target: &Target, tls: TlsMode, family: Family) -> String {
    let mut text = String::from("[client]\n");
    let mut put = |name: &str, value: &str| {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{name}={}", quoted(value));
    };
    if let Some(socket) = target.parameters.get("socket") {
        put("protocol", "socket");
        put("socket", socket);
    } else {
        let host = target.host.trim_matches(['[', ']']);
        put("protocol", "tcp");
        put("host", if host.is_empty() { "127.0.0.1" } else { host });
        put("port", &target.port.unwrap_or(PORT).to_string());
    }
    if let Some(user) = &target.user {
        put("user", user);
    }
    if let Some(password) = &target.password {
        put("password", password.expose());
    }
    let authority = target.parameters.get("sslrootcert");
    if let Some(path) = authority.filter(|_| tls != TlsMode::Off) {
        put("ssl-ca", path);
    }
    match family {
        Family::MySql => put(
            "ssl-mode",
            match tls {
                TlsMode::Off => "DISABLED",
                TlsMode::Prefer => "PREFERRED",
                TlsMode::Require => "REQUIRED",
                TlsMode::VerifyCa => "VERIFY_CA",
                TlsMode::VerifyFull => "VERIFY_IDENTITY",
            },
        ),
        Family::MariaDb => match tls {
            TlsMode::Off => text.push_str("skip-ssl\n"),
            TlsMode::Prefer => text.push_str("skip-ssl-verify-server-cert\n"),
            TlsMode::Require => text.push_str("ssl\nskip-ssl-verify-server-cert\n"),
            // This client knows no way to look at the authority and not at the name.
            TlsMode::VerifyCa | TlsMode::VerifyFull => {
                text.push_str("ssl\nssl-verify-server-cert\n");
            }
        },
    }
    text
}

/// A value as these files have it.
fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    for c in value.chars() {
        match c {
            '\\' => text.push_str("\\\\"),
            '"' => text.push_str("\\\""),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_names_are_of_two_families() {
        let told = "mysqldump  Ver 10.19 Distrib 10.11.6-MariaDB, for debian-linux-gnu (x86_64)";
        assert_eq!(family(told), Family::MariaDb);
        assert_eq!(
            family("mysqldump  Ver 9.7.0 for Linux on x86_64 (Debian)"),
            Family::MySql
        );
    }

    #[test]
    fn every_password_can_be_written() {
        let target = Target {
            host: "db".to_owned(),
            user: Some("ixp".to_owned()),
            password: Some(realign_runtime::Secret::new("a#b\"c\\d e")),
            ..Target::default()
        };
        let text = options(&target, TlsMode::Require, Family::MySql);
        assert!(text.contains("password=\"a#b\\\"c\\\\d e\"\n"), "{text}");
        assert!(text.contains("ssl-mode=\"REQUIRED\"\n"), "{text}");
    }
}
