//! Which encryption an address asks for.

use realign_runtime::{Error, ErrorKind, Target};

/// How a connection is to be encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsMode {
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
    pub(crate) fn of(target: &Target) -> Result<Self, Error> {
        let Some(word) = target.parameters.get("sslmode") else {
            return Ok(if is_near(target) {
                Self::Off
            } else {
                Self::Require
            });
        };
        Ok(match word.as_str() {
            "disable" => Self::Off,
            "prefer" => Self::Prefer,
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
            .parse::<core::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}
