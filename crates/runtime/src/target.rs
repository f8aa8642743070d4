//! A database's address, taken apart once; the password never prints.

use std::collections::BTreeMap;
use std::fmt;

/// A secret that prints as `***`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the driver only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// A database's address. Percent codes of the URL are already decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// The URL's scheme, lower case: `sqlite`, `mysql`, `mariadb`.
    pub scheme: String,
    /// Host name or address; empty for a file.
    pub host: String,
    /// Port, when given.
    pub port: Option<u16>,
    /// User, when given.
    pub user: Option<String>,
    /// Password, when given.
    pub password: Option<Secret>,
    /// Database name, or the path of a file.
    pub database: String,
    /// Query parameters: `sslmode`, `sslrootcert`, `socket`, `charset`, `timeout`.
    pub parameters: BTreeMap<String, String>,
}

impl fmt::Display for Target {
    /// The address without its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.is_empty() && self.port.is_none() && self.user.is_none() {
            return write!(f, "{}:{}", self.scheme, self.database);
        }
        write!(f, "{}://", self.scheme)?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        f.write_str(&self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        write!(f, "/{}", self.database)
    }
}
