//! Names that DBAL generates, and how it normalises those that were given.

use std::fmt::Write as _;

use realign_model::Ident;

/// The characters that DBAL takes for quotes.
const QUOTES: [char; 4] = ['`', '"', '[', ']'];

/// `_generateIdentifierName`: the prefix and the checksums of the table and the columns
/// as they are handed in (with the platform's quotes, if the mapping asked for quotes),
/// cut to the longest identifier, in upper case.
pub(crate) fn generated(prefix: &str, table: &str, columns: &[String], longest: usize) -> String {
    let mut name = format!("{prefix}_{:x}", crc32fast::hash(table.as_bytes()));
    for column in columns {
        // Writing to a string cannot fail.
        let _ = write!(name, "{:x}", crc32fast::hash(column.as_bytes()));
    }
    name.truncate(longest);
    name.make_ascii_uppercase();
    name
}

/// `normalizeIdentifier`: lower case, no quotes.
pub(crate) fn normalized(name: &str) -> String {
    unquoted(name).to_ascii_lowercase()
}

/// The name without any quote character.
pub(crate) fn unquoted(name: &str) -> String {
    name.replace(QUOTES, "")
}

/// A name as DBAL's assets take it: quotes around it mean that it is always quoted.
pub(crate) fn ident(name: &str) -> Ident {
    if name.starts_with(['`', '"', '[']) {
        Ident::quoted(unquoted(name))
    } else {
        Ident::new(name)
    }
}

/// The mapping's way to quote: a backtick in front.
pub(crate) fn mapped_ident(name: &str) -> Ident {
    if name.starts_with('`') {
        Ident::quoted(name.trim_matches('`'))
    } else {
        Ident::new(name)
    }
}

/// True when DBAL accepts it as the name of an index.
pub(crate) fn is_legal_index_name(name: &str) -> bool {
    unquoted(name)
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(prefix: &str, table: &str, columns: &[&str]) -> String {
        let columns: Vec<String> = columns.iter().map(|&c| c.to_owned()).collect();
        generated(prefix, table, &columns, 63)
    }

    #[test]
    fn measured_names() {
        assert_eq!(
            name("IDX", "product", &["category_id"]),
            "IDX_D34A04AD12469DE2"
        );
        assert_eq!(
            name("FK", "product", &["category_id"]),
            "FK_D34A04AD12469DE2"
        );
        assert_eq!(name("UNIQ", "users", &["email"]), "UNIQ_1483A5E9E7927C74");
        assert_eq!(name("UNIQ", "cust", &["autsys"]), "UNIQ_997B25AC6431118");
        assert_eq!(name("IDX", "lead", &["lead_id"]), "IDX_289161CB55458D");
        assert_eq!(
            name("IDX", "cust", &["name", "status"]),
            "IDX_997B25A5E237E067B00651C"
        );
        assert_eq!(name("IDX", "order", &["`group`"]), "IDX_F5299398D3CB4A96");
        assert_eq!(name("IDX", "order", &["group"]), "IDX_F52993986DC044C5");
        assert!(name("IDX", "order", &["\"group\""]).ends_with("988D0E7A"));
        assert_eq!(
            name("IDX", "t", &["a", "b", "c", "d", "e", "f", "g"]),
            "IDX_856A5AA8E8B7BE4371BEEFF96B9DF6F98DD4ACCEFDA7A5A76D32BE01D41"
        );
    }

    #[test]
    fn quotes_are_read_and_stripped() {
        assert_eq!(ident("`a`"), Ident::quoted("a"));
        assert_eq!(ident("a"), Ident::new("a"));
        assert_eq!(normalized("`The_Name`"), "the_name");
        assert!(is_legal_index_name("idx_1") && !is_legal_index_name("idx-1"));
    }
}
