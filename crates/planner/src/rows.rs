//! What a server answered, as plain values.

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A signed integer.
    Int(i64),
    /// An unsigned integer that may not fit the signed one.
    UInt(u64),
    /// A floating point number.
    Real(f64),
    /// Text.
    Text(String),
    /// Bytes that are not text.
    Bytes(Box<[u8]>),
}

impl Value {
    /// The text of a text value; none for NULL and for anything else.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The value as a signed integer: numbers, and text that is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(*n),
            Self::UInt(n) => i64::try_from(*n).ok(),
            Self::Text(text) => text.parse().ok(),
            Self::Null | Self::Real(_) | Self::Bytes(_) => None,
        }
    }

    /// True for NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// How a person sees it; bytes as hexadecimal digits, NULL as `NULL`.
    pub fn display(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Int(n) => n.to_string(),
            Self::UInt(n) => n.to_string(),
            Self::Real(n) => n.to_string(),
            Self::Text(text) => text.clone(),
            Self::Bytes(bytes) => {
                use std::fmt::Write as _;
                let mut text = String::from("0x");
                for byte in bytes {
                    // Writing into a String cannot fail.
                    let _ = write!(text, "{byte:02X}");
                }
                text
            }
        }
    }
}

/// The rows of one answer.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rows {
    /// Column names, in order.
    pub columns: Vec<String>,
    /// The rows, each as long as `columns`.
    pub rows: Vec<Vec<Value>>,
}
