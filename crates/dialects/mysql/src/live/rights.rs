//! The right that a refused statement lacks, as the GRANT that gives it.

/// Codes of a refusal for want of a right: on a table, a column, a routine, a database.
pub(super) fn is_missing(code: u16) -> bool {
    matches!(code, 1044 | 1142 | 1143 | 1370)
}

/// The GRANT, from the server's words, `CURRENT_USER()` and the database in use.
///
/// Rights are given on the whole database: a plan makes tables that are not there yet.
pub(super) fn grant(words: &str, account: &str, database: &str) -> Option<String> {
    let right = match words.split_once(" command denied to user ") {
        Some((right, _)) => right.trim(),
        // 1044 tells nothing but the account and the database.
        None if words.starts_with("Access denied for user") => "ALL PRIVILEGES",
        None => return None,
    };
    let is_right = |c: char| c.is_ascii_uppercase() || matches!(c, ' ' | ',');
    if right.is_empty() || !right.chars().all(is_right) || database.is_empty() {
        return None;
    }
    let (name, host) = account.rsplit_once('@')?;
    Some(format!(
        "GRANT {right} ON `{}`.* TO '{}'@'{}'",
        database.replace('`', "``"),
        name.replace('\'', "''"),
        host.replace('\'', "''")
    ))
}

#[cfg(test)]
mod tests {
    use super::grant;

    #[test]
    fn the_words_of_both_servers() {
        let mariadb = "ALTER command denied to user 'app'@'localhost' for table `shop`.`Cust`";
        let mysql = "DROP command denied to user 'app'@'10.0.0.1' for table 'Cust'";
        assert_eq!(
            grant(mariadb, "app@%", "shop").as_deref(),
            Some("GRANT ALTER ON `shop`.* TO 'app'@'%'")
        );
        assert_eq!(
            grant(mysql, "o'hara@10.0.%", "s`p").as_deref(),
            Some("GRANT DROP ON `s``p`.* TO 'o''hara'@'10.0.%'")
        );
        let whole = "Access denied for user 'app'@'%' to database 'shop'";
        let all = "GRANT ALL PRIVILEGES ON `shop`.* TO 'app'@'%'";
        assert_eq!(grant(whole, "app@%", "shop").as_deref(), Some(all));
    }

    #[test]
    fn other_words_give_no_grant() {
        assert_eq!(grant("Table 't' doesn't exist", "app@%", "shop"), None);
        let odd = "'x'; -- command denied to user 'app'@'%'";
        assert_eq!(grant(odd, "app@%", "shop"), None);
    }
}
