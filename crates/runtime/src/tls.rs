//! Which encryption an address asks for: the same words on every server.

use crate::{Error, ErrorKind, Target};

/// How a connection is to be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// In the clear.
    Off,
    /// Encrypted if the server can, in the clear otherwise.
    Prefer,
    /// Encrypted, whoever the server is.
    Require,
    /// Encrypted, with a certificate of a known authority.
    VerifyCa,
    /// Encrypted, with a certificate of a known authority for this very host.
    VerifyFull,
}

impl TlsMode {
    /// What an address asks for: over a network, encryption unless it says otherwise.
    /// Whoever names an authority wants it looked at.
    pub fn of(target: &Target) -> Result<Self, Error> {
        let has_authority = target.parameters.contains_key("sslrootcert");
        let Some(word) = target.parameters.get("sslmode") else {
            return Ok(if has_authority {
                Self::VerifyFull
            } else if is_near(target) {
                Self::Off
            } else {
                Self::Require
            });
        };
        Ok(match word.as_str() {
            "disable" => Self::Off,
            "allow" | "prefer" => Self::Prefer,
            "require" if has_authority => Self::VerifyCa,
            "require" => Self::Require,
            "verify-ca" => Self::VerifyCa,
            "verify-full" => Self::VerifyFull,
            _ => {
                return Err(
                    Error::new(ErrorKind::Usage, format!("`sslmode={word}` is not known"))
                        .with_help("write disable, prefer, require, verify-ca or verify-full"),
                );
            }
        })
    }
}

/// True when the bytes never leave this machine.
fn is_near(target: &Target) -> bool {
    target.parameters.contains_key("socket")
        || target.host.is_empty()
        || target.host.eq_ignore_ascii_case("localhost")
        || target
            .host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::TlsMode;
    use crate::Target;

    fn mode(host: &str, parameters: &[(&str, &str)]) -> Option<TlsMode> {
        let pairs = parameters.iter();
        let target = Target {
            host: host.to_owned(),
            parameters: pairs
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            ..Target::default()
        };
        TlsMode::of(&target).ok()
    }

    #[test]
    fn a_host_that_is_not_this_one_needs_encryption() {
        assert_eq!(mode("localhost", &[]), Some(TlsMode::Off));
        assert_eq!(mode("[::1]", &[]), Some(TlsMode::Off));
        assert_eq!(mode("db.example", &[]), Some(TlsMode::Require));
        let disabled = [("sslmode", "disable")];
        assert_eq!(mode("db.example", &disabled), Some(TlsMode::Off));
        assert_eq!(mode("db.example", &[("sslmode", "maybe")]), None);
        let allowed = [("sslmode", "allow")];
        assert_eq!(mode("db.example", &allowed), Some(TlsMode::Prefer));
    }

    #[test]
    fn a_named_authority_is_looked_at() {
        let named = ("sslrootcert", "x");
        assert_eq!(mode("localhost", &[named]), Some(TlsMode::VerifyFull));
        let required = [named, ("sslmode", "require")];
        assert_eq!(mode("localhost", &required), Some(TlsMode::VerifyCa));
    }
}
