//! What the driver reads a server's greeting with.

use mysql::consts::{CapabilityFlags, StatusFlags};
use mysql_common::packets::HandshakePacket;

/// Makes the patterns that the driver reads a version with. By itself it makes them at a process's
/// first greeting, and the server waits half a millisecond for its answer.
pub(super) fn prepare() {
    let greeting = greeting();
    // In the order in which the driver asks for them, so that it waits for the first alone.
    let _ = greeting.server_version_parsed();
    let _ = greeting.maria_db_server_version_parsed();
}

/// A greeting that both patterns are asked about.
fn greeting() -> HandshakePacket<'static> {
    HandshakePacket::new(
        10,
        "5.5.5-10.11.0-MariaDB".as_bytes(),
        0,
        [0; 8],
        None::<&[u8]>,
        CapabilityFlags::empty(),
        0,
        StatusFlags::empty(),
        None::<&[u8]>,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_patterns_read_it() {
        assert_eq!(greeting().server_version_parsed(), Some((5, 5, 5)));
        let mariadb = greeting().maria_db_server_version_parsed();
        assert_eq!(mariadb, Some((10, 11, 0)));
    }
}
