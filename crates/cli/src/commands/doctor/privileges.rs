//! What the account may do, and the GRANT that it lacks. Reading needs only SELECT.

mod postgres;

use std::collections::BTreeSet;
use std::path::Path;

use realign::planner::{Facts, Value};
use realign::runtime::permissions::may_write;
use realign::runtime::{Connection, Target};

use super::Report;

/// Without these nothing can be compared.
const READING: &[&str] = &["SELECT"];
/// Without these the text of views and triggers stays hidden.
const SEEING: &[&str] = &["SHOW VIEW", "TRIGGER"];
/// Needed to apply changes.
const WRITING: &[&str] = &[
    "INSERT",
    "UPDATE",
    "DELETE",
    "CREATE",
    "ALTER",
    "DROP",
    "INDEX",
    "REFERENCES",
    "CREATE VIEW",
];

pub(super) fn check(
    connection: &mut Connection,
    target: &Target,
    facts: &Facts,
    report: &mut Report,
) -> anyhow::Result<()> {
    match facts.vendor.as_str() {
        "mysql" | "mariadb" => {}
        "postgresql" => return postgres::check(connection, report),
        _ => return file(target, report),
    }
    let account = match connection.run("SELECT CURRENT_USER(), DATABASE()")? {
        Ok(answer) => answer.rows.rows.into_iter().next().unwrap_or_default(),
        Err(refusal) => {
            return report.say(
                "privileges",
                super::State::Skipped,
                refusal.to_string(),
                None,
            );
        }
    };
    let text = |at: usize| account.get(at).map(Value::display).unwrap_or_default();
    let (user, database) = (text(0), text(1));
    let grants: Vec<String> = match connection.run("SHOW GRANTS")? {
        Ok(answer) => answer
            .rows
            .rows
            .iter()
            .filter_map(|row| Some(row.first()?.display()))
            .collect(),
        Err(refusal) => {
            return report.say(
                "privileges",
                super::State::Skipped,
                refusal.to_string(),
                None,
            );
        }
    };
    let held = held(&grants, &database);
    let lacks = |wanted: &[&'static str]| -> Vec<&'static str> {
        wanted
            .iter()
            .copied()
            .filter(|name| !held.holds(name))
            .collect()
    };
    let grant = |names: &[&str]| {
        format!(
            "GRANT {} ON `{}`.* TO {};",
            names.join(", "),
            database.replace('`', "``"),
            quoted(&user)
        )
    };
    let unread = lacks(READING);
    if !unread.is_empty() && !held.by_role {
        return report.failed(
            "privileges",
            format!(
                "{user} may not read all of `{database}`: no {}",
                unread.join(", ")
            ),
            grant(&[READING, SEEING].concat()),
        );
    }
    let unseen = lacks(SEEING);
    let unwritten = lacks(WRITING);
    if held.by_role && !(unread.is_empty() && unseen.is_empty() && unwritten.is_empty()) {
        return report.note(
            "privileges",
            format!("{user} has its rights through a role, which is not looked into"),
            "SHOW GRANTS FOR the role tells them",
        );
    }
    if !unseen.is_empty() {
        report.note(
            "privileges",
            format!(
                "views and triggers are seen without their text: no {}",
                unseen.join(", ")
            ),
            grant(&unseen),
        )?;
    }
    if unwritten.is_empty() {
        report.fine(
            "privileges",
            format!("{user} may read and change `{database}`"),
        )
    } else {
        report.note(
            "privileges",
            format!(
                "{user} may read, and not apply changes: no {}",
                unwritten.join(", ")
            ),
            format!("only if it shall: {}", grant(&unwritten)),
        )
    }
}

/// Rights on one database.
#[derive(Debug, Default)]
struct Held {
    names: BTreeSet<String>,
    all: bool,
    by_role: bool,
}

impl Held {
    fn holds(&self, name: &str) -> bool {
        self.all || self.names.contains(name)
    }
}

/// Reads lines like "GRANT SELECT, INSERT ON `ixp`.* TO …".
fn held(grants: &[String], database: &str) -> Held {
    let mut held = Held::default();
    for grant in grants {
        let Some(rest) = grant.strip_prefix("GRANT ") else {
            continue;
        };
        let Some((names, place)) = rest.split_once(" ON ") else {
            // "GRANT role TO user" has no place.
            held.by_role = true;
            continue;
        };
        let place = place.split(" TO ").next().unwrap_or_default().trim();
        let Some(schema) = place.strip_suffix(".*") else {
            continue;
        };
        let schema = schema.trim_matches('`').replace("``", "`");
        if schema != "*" && !matches(&schema, database) {
            continue;
        }
        for name in names.split(',').map(str::trim) {
            if name.starts_with("ALL PRIVILEGES") {
                held.all = true;
            }
            held.names.insert(name.to_ascii_uppercase());
        }
    }
    held
}

/// A database name in a grant is a pattern: `_` and `%` unless escaped.
fn matches(pattern: &str, name: &str) -> bool {
    fn go(pattern: &[char], name: &[char]) -> bool {
        match (pattern, name) {
            ([], []) => true,
            (['\\', c, rest @ ..], [n, more @ ..]) => c.eq_ignore_ascii_case(n) && go(rest, more),
            (['%', rest @ ..], _) => (0..=name.len()).any(|skipped| go(rest, &name[skipped..])),
            (['_', rest @ ..], [_, more @ ..]) => go(rest, more),
            ([c, rest @ ..], [n, more @ ..]) => c.eq_ignore_ascii_case(n) && go(rest, more),
            _ => false,
        }
    }
    let chars = |text: &str| text.chars().collect::<Vec<char>>();
    go(&chars(pattern), &chars(name))
}

/// `'user'@'host'` of `user@host`.
fn quoted(user: &str) -> String {
    let (name, host) = user.rsplit_once('@').unwrap_or((user, "%"));
    format!(
        "'{}'@'{}'",
        name.replace('\'', "''"),
        host.replace('\'', "''")
    )
}

fn file(target: &Target, report: &mut Report) -> anyhow::Result<()> {
    match std::fs::metadata(&target.database) {
        Ok(metadata) if metadata.permissions().readonly() => report.note(
            "privileges",
            format!(
                "{} is write-protected: it can be compared, not changed",
                target.database
            ),
            format!("only if it shall: chmod u+w {}", target.database),
        ),
        Ok(_) => {
            let path = Path::new(&target.database);
            // The engine keeps its journal beside the file while it writes, and Realign its lock.
            let beside = path
                .parent()
                .filter(|folder| !folder.as_os_str().is_empty());
            let barred = [path, beside.unwrap_or(Path::new("."))]
                .into_iter()
                .find(|place| !may_write(place));
            match barred {
                None => report.fine("privileges", "the file may be read and changed"),
                Some(place) => report.note(
                    "privileges",
                    format!(
                        "this account may not write {}: the database can be compared, not changed",
                        place.display()
                    ),
                    "only if it shall: run it as the user that the application runs as",
                ),
            }
        }
        // A database in memory has no file.
        Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grants_on_this_database_count() {
        let grants = [
            "GRANT USAGE ON *.* TO `ixp`@`localhost` IDENTIFIED BY PASSWORD '*X'".to_owned(),
            "GRANT SELECT, SHOW VIEW ON `ixp`.* TO `ixp`@`localhost`".to_owned(),
            "GRANT ALL PRIVILEGES ON `other`.* TO `ixp`@`localhost`".to_owned(),
            "GRANT INSERT ON `ixp`.`log` TO `ixp`@`localhost`".to_owned(),
        ];
        let held = held(&grants, "ixp");
        assert!(held.holds("SELECT") && held.holds("SHOW VIEW"));
        assert!(!held.holds("INSERT") && !held.all && !held.by_role);
    }

    #[test]
    fn patterns_all_and_roles() {
        let all = ["GRANT ALL PRIVILEGES ON `ixp\\_%`.* TO `a`@`%` WITH GRANT OPTION".to_owned()];
        assert!(held(&all, "ixp_live").holds("ALTER"));
        assert!(!held(&all, "ixplive").holds("ALTER"));
        assert!(held(&["GRANT `reader` TO `a`@`%`".to_owned()], "x").by_role);
        assert_eq!(quoted("ixp@localhost"), "'ixp'@'localhost'");
    }
}
