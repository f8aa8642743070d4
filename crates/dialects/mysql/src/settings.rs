//! What a server keeps of the session that made a view, trigger, routine or event, and runs it
//! with ever after: modes, character set and collation, time zone.

use realign_model::SessionSettings;
use realign_planner::Facts;
use realign_planner::script::{Cutter as _, LexKind};

use crate::facts::is_mariadb;
use crate::parse;
use crate::render::string_literal;
use crate::split::Reading;

/// The modes, by which its body is read and run.
pub(crate) const MODE: &str = "sql_mode";
/// The character set that its text came in.
pub(crate) const CLIENT: &str = "character_set_client";
/// The collation of its literals.
pub(crate) const COLLATION: &str = "collation_connection";
/// The zone that an event's times are in.
pub(crate) const ZONE: &str = "time_zone";

/// All of them.
pub(crate) const KEPT: [&str; 4] = [MODE, CLIENT, COLLATION, ZONE];

/// What a catalogue tells, without character set and collation where they are those of every
/// session that says no more than `SET NAMES utf8mb4`.
pub(crate) fn told(told: [Option<&str>; 4], facts: &Facts) -> SessionSettings {
    let [_, client, collation, _] = told;
    let usual = client == Some("utf8mb4") && collation == Some(usual_collation(facts));
    KEPT.iter()
        .zip(told)
        .filter(|(name, _)| !usual || ![CLIENT, COLLATION].contains(name))
        .filter_map(|(name, value)| Some(((*name).to_owned(), value?.to_owned())))
        .collect()
}

/// What `SET NAMES utf8mb4` makes of `collation_connection`.
fn usual_collation(facts: &Facts) -> &'static str {
    match is_mariadb(facts) {
        true if facts.version.at_least(11, 5, 0) => "utf8mb4_uca1400_ai_ci",
        false if facts.version.at_least(8, 0, 1) => "utf8mb4_0900_ai_ci",
        _ => "utf8mb4_general_ci",
    }
}

/// The statements that go before and behind the one that makes the object. A body is made in the
/// server's own modes where nothing else is said, whatever generated statements run in.
pub(crate) fn around(
    own: &SessionSettings,
    has_body: bool,
    text: &str,
) -> Option<(String, String)> {
    // A text of other letters can't be sent as what it is not.
    let fits = text.is_ascii() || own.get(CLIENT).is_none_or(|name| name.starts_with("utf8"));
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for name in KEPT {
        match own.get(name) {
            Some(_) if !fits && [CLIENT, COLLATION].contains(&name) => {}
            Some(value) => pairs.push((name, string_literal(value))),
            None if name == MODE && has_body => pairs.push((name, format!("@@GLOBAL.{MODE}"))),
            None => {}
        }
    }
    if pairs.is_empty() {
        return None;
    }
    let before: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            format!("@realign_{name} = @@SESSION.{name}, SESSION {name} = {value}")
        })
        .collect();
    let after: Vec<String> = pairs
        .iter()
        .map(|(name, _)| format!("SESSION {name} = @realign_{name}"))
        .collect();
    Some((
        format!("SET {}", before.join(", ")),
        format!("SET {}", after.join(", ")),
    ))
}

/// Modes that MySQL 8 has no more, and refuses.
const GONE: [&str; 11] = [
    "DB2",
    "MAXDB",
    "MSSQL",
    "MYSQL323",
    "MYSQL40",
    "NO_AUTO_CREATE_USER",
    "NO_FIELD_OPTIONS",
    "NO_KEY_OPTIONS",
    "NO_TABLE_OPTIONS",
    "ORACLE",
    "POSTGRESQL",
];

/// The modes of an older server's script that this server knows.
pub(crate) fn known_modes(modes: &str, facts: &Facts) -> String {
    if is_mariadb(facts) || !facts.version.at_least(8, 0, 0) {
        return modes.to_owned();
    }
    let known = |mode: &&str| {
        !GONE
            .iter()
            .any(|gone| gone.eq_ignore_ascii_case(mode.trim()))
    };
    modes.split(',').filter(known).collect::<Vec<_>>().join(",")
}

/// False when both say how they run, and run otherwise.
pub(crate) fn same(is: &SessionSettings, wish: &SessionSettings) -> bool {
    let modes = match (is.get(MODE), wish.get(MODE)) {
        (Some(is), Some(wish)) => same_modes(is, wish),
        _ => true,
    };
    let zones = match (is.get(ZONE), wish.get(ZONE)) {
        (Some(is), Some(wish)) => is.eq_ignore_ascii_case(wish),
        _ => true,
    };
    modes && zones
}

/// Modes that stand for several: a server shows all of them, and which they are is up to its
/// version.
pub(crate) const COMBINED: [&str; 8] = [
    "TRADITIONAL",
    "ANSI",
    "DB2",
    "MAXDB",
    "MSSQL",
    "MYSQL323",
    "ORACLE",
    "POSTGRESQL",
];

fn same_modes(is: &str, wish: &str) -> bool {
    let modes = |text: &str| -> Vec<String> {
        let mut modes: Vec<String> = text
            .split(',')
            .map(|mode| mode.trim().to_ascii_uppercase())
            .filter(|mode| !mode.is_empty() && mode != "0")
            .collect();
        modes.sort();
        modes.dedup();
        modes
    };
    let (is, wish) = (modes(is), modes(wish));
    let within = |a: &[String], b: &[String]| a.iter().all(|mode| b.contains(mode));
    let combined = |modes: &[String]| modes.iter().any(|m| COMBINED.contains(&m.as_str()));
    is == wish || (combined(&wish) && within(&wish, &is)) || (combined(&is) && within(&is, &wish))
}

/// What is made anew keeps what it does not say of itself.
pub(crate) fn keep(is: &SessionSettings, wish: &mut SessionSettings) {
    for (name, value) in is {
        wish.entry(name.clone()).or_insert_with(|| value.clone());
    }
}

/// A text as it reads in usual modes, whatever modes it was written in.
pub(crate) fn plain(text: &str, own: &SessionSettings, facts: &Facts) -> String {
    let Some(mode) = own.get(MODE) else {
        return text.to_owned();
    };
    let mut facts = facts.clone();
    facts.settings.insert(MODE.to_owned(), mode.clone());
    let reading = Reading::of(&facts);
    if reading.is_usual() {
        return text.to_owned();
    }
    parse::plain(text, &reading).text.into_owned()
}

/// The rest of a statement as it was written, with its comments and quotes, and without the
/// brackets of executable comments.
pub(crate) fn as_written(sql: &str, from: usize, reading: &Reading<'_>) -> String {
    let mut text = String::with_capacity(sql.len().saturating_sub(from));
    let mut at = from;
    while at < sql.len() {
        let (kind, length) = reading.piece(sql, at);
        let end = (at + length.max(1)).min(sql.len());
        match kind {
            LexKind::Bracket => text.push(' '),
            _ => text.push_str(sql.get(at..end).unwrap_or_default()),
        }
        at = end;
    }
    text.trim().trim_end_matches(';').trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::offline;

    fn settings(pairs: &[(&str, &str)]) -> SessionSettings {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[test]
    fn a_body_is_made_in_its_own_modes_or_the_servers() {
        let (before, after) = around(&settings(&[(MODE, "ANSI_QUOTES")]), true, "x").unwrap();
        assert_eq!(
            before,
            "SET @realign_sql_mode = @@SESSION.sql_mode, SESSION sql_mode = 'ANSI_QUOTES'"
        );
        assert_eq!(after, "SET SESSION sql_mode = @realign_sql_mode");
        let (before, _) = around(&settings(&[]), true, "x").unwrap();
        assert!(before.ends_with("SESSION sql_mode = @@GLOBAL.sql_mode"));
        assert_eq!(around(&settings(&[]), false, "x"), None);
    }

    #[test]
    fn modes_that_a_server_has_no_more_are_left_out() {
        let modes = "STRICT_TRANS_TABLES,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION";
        let known = |version: &str| known_modes(modes, &offline(version).unwrap());
        assert_eq!(
            known("mysql-8.0"),
            "STRICT_TRANS_TABLES,NO_ENGINE_SUBSTITUTION"
        );
        assert_eq!(known("mysql-5.7"), modes);
        assert_eq!(known("mariadb-10.11"), modes);
    }

    #[test]
    fn a_text_of_other_letters_is_not_sent_as_latin() {
        let latin = settings(&[(CLIENT, "latin1"), (COLLATION, "latin1_bin")]);
        assert!(around(&latin, false, "SELECT 'x'").is_some());
        assert_eq!(around(&latin, false, "SELECT '\u{e4}'"), None);
    }

    #[test]
    fn modes_are_a_set_and_some_stand_for_others() {
        let same = |is: &str, wish: &str| same_modes(is, wish);
        assert!(same(
            "STRICT_ALL_TABLES,ANSI_QUOTES",
            "ansi_quotes, STRICT_ALL_TABLES"
        ));
        assert!(same(
            "STRICT_TRANS_TABLES,STRICT_ALL_TABLES,TRADITIONAL",
            "TRADITIONAL"
        ));
        assert!(!same("STRICT_ALL_TABLES", ""));
        assert!(same("", "0"));
    }

    #[test]
    fn the_usual_character_set_is_left_out() {
        let facts = offline("mariadb-10.11").unwrap();
        let of = |client, collation| told([Some(""), Some(client), Some(collation), None], &facts);
        assert_eq!(of("utf8mb4", "utf8mb4_general_ci").len(), 1);
        assert_eq!(of("utf8mb4", "utf8mb4_unicode_ci").len(), 3);
        assert_eq!(of("latin1", "latin1_swedish_ci").len(), 3);
    }
}
