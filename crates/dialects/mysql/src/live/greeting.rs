//! What the driver reads a server's greeting with.

use mysql::consts::{CapabilityFlags, StatusFlags};
use mysql_common::packets::HandshakePacket;

/// Makes the patterns that the driver reads a version with, and does the other thing. By itself the
/// driver makes them at a process's first greeting, and the server waits a millisecond for its
/// answer.
pub(super) fn prepare(meanwhile: &mut dyn FnMut()) {
    let greeting = greeting();
    // The one that the driver asks for last: where the greeting comes at once the driver makes the
    // first by itself at the same time, and otherwise both are there before it comes.
    let _ = greeting.maria_db_server_version_parsed();
    // The greeting may have come, and the driver be behind this thread in a processor's line.
    std::thread::yield_now();
    meanwhile();
    let _ = greeting.server_version_parsed();
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
