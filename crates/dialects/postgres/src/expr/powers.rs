//! How strongly the operators of the server bind.

/// Binding powers, weakest first.
pub(crate) const OR: u8 = 1;
pub(crate) const AND: u8 = 2;
pub(crate) const NOT: u8 = 3;
pub(crate) const IS: u8 = 4;
const COMPARE: u8 = 5;
pub(crate) const IN: u8 = 6;
pub(crate) const OTHER: u8 = 7;
const ADD: u8 = 8;
const MULTIPLY: u8 = 9;
const POWER: u8 = 10;
const COLLATE: u8 = 12;
pub(crate) const SIGN: u8 = 13;
const CAST: u8 = 15;

/// The power of the operator that a word in small letters or a symbol is; none for what ends an
/// expression.
pub(crate) fn power(key: &str, is_symbol: bool) -> Option<u8> {
    Some(match key {
        "or" => OR,
        "and" => AND,
        "is" | "isnull" | "notnull" => IS,
        "=" | "<" | ">" | "<=" | ">=" | "<>" | "!=" => COMPARE,
        "in" | "like" | "ilike" | "between" => IN,
        "+" | "-" => ADD,
        "*" | "/" | "%" => MULTIPLY,
        "^" => POWER,
        "collate" => COLLATE,
        "::" | "[" | "." => CAST,
        ")" | "]" | "," | ";" | ":" | "=>" | ":=" => return None,
        _ if is_symbol => OTHER,
        _ => return None,
    })
}

/// Longer than any person chains operators. Each link makes the tree one higher, and whoever
/// walks it goes as deep.
pub(crate) const HIGHEST: usize = 500;
