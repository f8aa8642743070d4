//! Naming strategies: names of tables and columns that the mapping leaves out.

use crate::inflect::{plural, singular};
use crate::source::Naming;

impl Naming {
    /// `classToTableName`.
    pub(crate) fn table(self, class: &str) -> String {
        let short = short_name(class);
        match self {
            Self::Default => short.to_owned(),
            Self::Underscore | Self::UnderscoreNumberAware => self.underscore(short),
            Self::Laravel => plural(&snake(short)),
        }
    }

    /// `propertyToColumnName`.
    pub(crate) fn column(self, property: &str) -> String {
        match self {
            Self::Default => property.to_owned(),
            Self::Underscore | Self::UnderscoreNumberAware => self.underscore(property),
            Self::Laravel => snake(property),
        }
    }

    /// `embeddedFieldToColumnName`.
    pub(crate) fn embedded_column(self, property: &str, column: &str) -> String {
        match self {
            Self::Default | Self::Laravel => format!("{property}_{column}"),
            Self::Underscore | Self::UnderscoreNumberAware => {
                format!("{}_{column}", self.underscore(property))
            }
        }
    }

    /// `referenceColumnName`.
    pub(crate) const REFERENCED_COLUMN: &'static str = "id";

    /// `joinColumnName`.
    pub(crate) fn join_column(self, property: &str) -> String {
        let stem = match self {
            Self::Default => property.to_owned(),
            Self::Underscore | Self::UnderscoreNumberAware => self.underscore(property),
            Self::Laravel => snake(&singular(property)),
        };
        format!("{stem}_{}", Self::REFERENCED_COLUMN)
    }

    /// `joinTableName`.
    pub(crate) fn join_table(self, source: &str, target: &str) -> String {
        match self {
            Self::Default => {
                format!("{}_{}", self.table(source), self.table(target)).to_ascii_lowercase()
            }
            Self::Underscore | Self::UnderscoreNumberAware => {
                format!("{}_{}", self.table(source), self.table(target))
            }
            Self::Laravel => {
                let mut names = [snake(short_name(source)), snake(short_name(target))];
                names.sort();
                names.join("_")
            }
        }
    }

    /// `joinKeyColumnName`. An empty reference means the default one.
    pub(crate) fn join_key_column(self, class: &str, referenced: Option<&str>) -> String {
        let referenced = referenced
            .filter(|name| !name.is_empty() && *name != "0")
            .unwrap_or(Self::REFERENCED_COLUMN);
        match self {
            Self::Default => format!("{}_{referenced}", self.table(class)).to_ascii_lowercase(),
            Self::Underscore | Self::UnderscoreNumberAware => {
                format!("{}_{referenced}", self.table(class))
            }
            Self::Laravel => format!("{}_{referenced}", snake(short_name(class))),
        }
    }

    /// `_` before each upper-case letter that follows a lower-case one (or, number aware,
    /// a digit), then all in lower case.
    fn underscore(self, text: &str) -> String {
        let mut words = String::with_capacity(text.len() + 4);
        let mut before = ' ';
        for character in text.chars() {
            let follows = before.is_ascii_lowercase()
                || (self == Self::UnderscoreNumberAware && before.is_ascii_digit());
            if character.is_ascii_uppercase() && follows {
                words.push('_');
            }
            words.push(character.to_ascii_lowercase());
            before = character;
        }
        words
    }
}

/// What stands after the last backslash.
pub(crate) fn short_name(class: &str) -> &str {
    class.rsplit('\\').next().unwrap_or(class)
}

/// A class as another one names it: unqualified names lie in the same namespace.
pub(crate) fn qualified(class: &str, named_in: &str) -> String {
    if class.contains('\\') {
        return class.trim_start_matches('\\').to_owned();
    }
    match named_in.rsplit_once('\\') {
        Some((namespace, _)) => format!("{namespace}\\{class}"),
        None => class.to_owned(),
    }
}

/// Laravel's `Str::snake`: `_` before every upper-case letter but the first.
fn snake(text: &str) -> String {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return text.to_owned();
    }
    let capital: String = text
        .split_whitespace()
        .map(|word| {
            let mut characters = word.chars();
            characters.next().map_or_else(String::new, |first| {
                first.to_ascii_uppercase().to_string() + characters.as_str()
            })
        })
        .collect();
    let mut words = String::with_capacity(capital.len() + 4);
    for (position, character) in capital.chars().enumerate() {
        if position > 0 && character.is_ascii_uppercase() {
            words.push('_');
        }
        words.extend(character.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_keeps_names_as_they_are() {
        let naming = Naming::Default;
        assert_eq!(naming.table("A\\B\\CustomerToUser"), "CustomerToUser");
        assert_eq!(naming.column("isActive"), "isActive");
        assert_eq!(naming.join_column("theParent"), "theParent_id");
        assert_eq!(
            naming.join_table("M\\Customer", "M\\Detail"),
            "customer_detail"
        );
        assert_eq!(naming.join_key_column("M\\Customer", None), "customer_id");
        assert_eq!(
            naming.join_key_column("M\\Customer", Some("source")),
            "customer_source"
        );
        assert_eq!(
            naming.embedded_column("homeAddress", "zip"),
            "homeAddress_zip"
        );
    }

    #[test]
    fn underscore_splits_before_capitals() {
        let plain = Naming::Underscore;
        let aware = Naming::UnderscoreNumberAware;
        assert_eq!(plain.table("HTTPServer"), "httpserver");
        assert_eq!(plain.column("ipV4Address"), "ip_v4address");
        assert_eq!(aware.column("ipV4Address"), "ip_v4_address");
        assert_eq!(
            plain.join_table("M\\CustomerTag", "M\\User"),
            "customer_tag_user"
        );
        assert_eq!(
            plain.join_key_column("M\\CustomerTag", Some("ID")),
            "customer_tag_ID"
        );
    }

    #[test]
    fn laravel_names_tables_in_the_plural() {
        let naming = Naming::Laravel;
        assert_eq!(naming.table("App\\ConsoleServer"), "console_servers");
        assert_eq!(naming.table("App\\Company"), "companies");
        assert_eq!(naming.table("App\\HTTPServer"), "h_t_t_p_servers");
        assert_eq!(naming.column("isActive"), "is_active");
        assert_eq!(naming.join_column("ownedBoxes"), "owned_box_id");
        assert_eq!(naming.join_table("App\\User", "App\\Role"), "role_user");
        assert_eq!(
            naming.join_key_column("App\\UserGroup", None),
            "user_group_id"
        );
        assert_eq!(naming.embedded_column("addr", "zip"), "addr_zip");
    }

    #[test]
    fn names_parse() {
        assert_eq!("laravel".parse(), Ok(Naming::Laravel));
        assert!("camel".parse::<Naming>().is_err());
        assert_eq!(qualified("Tag", "M\\Customer"), "M\\Tag");
        assert_eq!(qualified("\\Tag", "M\\Customer"), "Tag");
        assert_eq!(qualified("Tag", "Customer"), "Tag");
    }
}
