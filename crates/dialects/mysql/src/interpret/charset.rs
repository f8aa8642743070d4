//! Character sets and their collations, as servers fill them in.

use realign_planner::Facts;

use crate::facts::is_mariadb;

/// The name of a character set as a server keeps it.
pub(super) fn charset_name(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "utf8" => "utf8mb3".to_owned(),
        _ => name,
    }
}

/// The collation that a character set has when none is named.
pub(super) fn usual_collation(charset: &str, facts: &Facts) -> String {
    let charset = charset_name(charset);
    if let Some(chosen) = chosen(&charset, facts) {
        return chosen;
    }
    let tail = match charset.as_str() {
        "binary" => return charset,
        "utf8mb4" if !is_mariadb(facts) && facts.version.at_least(8, 0, 1) => "0900_ai_ci",
        "utf8mb3" | "utf8mb4" | "ucs2" | "utf16" | "utf32"
            if is_mariadb(facts) && facts.version.at_least(11, 5, 0) =>
        {
            "uca1400_ai_ci"
        }
        "latin1" | "dec8" | "swe7" => "swedish_ci",
        "big5" | "gb2312" | "gbk" | "gb18030" => "chinese_ci",
        "hp8" => "english_ci",
        "latin5" => "turkish_ci",
        "ujis" | "sjis" | "cp932" | "eucjpms" => "japanese_ci",
        "euckr" => "korean_ci",
        "tis620" => "thai_ci",
        _ => "general_ci",
    };
    format!("{charset}_{tail}")
}

/// What the server was told to take instead: `utf8mb4=utf8mb4_unicode_ci,…` (MariaDB 11.2).
fn chosen(charset: &str, facts: &Facts) -> Option<String> {
    facts
        .setting("character_set_collations")
        .split(',')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| charset_name(name.trim()) == charset)
        .map(|(_, collation)| collation.trim().to_ascii_lowercase())
}

/// The name of a collation as a server keeps it, in a character set where it has no word of its
/// own for it (`uca1400_ai_ci`).
pub(super) fn collation_name(name: &str, charset: Option<&str>) -> String {
    let name = name.to_ascii_lowercase();
    if let Some(rest) = name.strip_prefix("utf8_") {
        return format!("utf8mb3_{rest}");
    }
    if name.starts_with("uca1400_") {
        return format!("{}_{name}", charset.unwrap_or("utf8mb4"));
    }
    name
}

/// The collation of a character set that compares by code.
pub(super) fn binary_collation(charset: &str) -> String {
    let charset = charset_name(charset);
    if charset == "binary" {
        charset
    } else {
        format!("{charset}_bin")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::offline;

    #[test]
    fn the_usual_collation_hangs_on_vendor_and_version() {
        for (version, charset, expected) in [
            ("mysql-5.7.40", "utf8mb4", "utf8mb4_general_ci"),
            ("mysql-8.0.31", "utf8mb4", "utf8mb4_0900_ai_ci"),
            ("mysql-8.0.31", "utf8", "utf8mb3_general_ci"),
            ("mariadb-10.11", "utf8mb4", "utf8mb4_general_ci"),
            ("mariadb-11.8", "utf8mb4", "utf8mb4_uca1400_ai_ci"),
            ("mariadb-10.11", "latin1", "latin1_swedish_ci"),
            ("mariadb-10.11", "binary", "binary"),
        ] {
            let facts = offline(version).unwrap();
            assert_eq!(usual_collation(charset, &facts), expected, "{version}");
        }
        let mut facts = offline("mariadb-11.8").unwrap();
        facts.settings.insert(
            "character_set_collations".to_owned(),
            "utf8mb3=utf8mb3_bin,utf8mb4=utf8mb4_unicode_ci".to_owned(),
        );
        assert_eq!(usual_collation("utf8mb4", &facts), "utf8mb4_unicode_ci");
    }
}
