//! Names of what lives only as long as one command: scratch databases, half-written files.
//!
//! Such a name says which process made it. Whoever comes by later can tell from it that the maker
//! is gone, and sweep what a kill has left.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::kernel::Owner;

/// What every such name begins with.
pub const PREFIX: &str = "realign_scratch_";

/// A name that nobody else has: no longer than engines allow, and of plain letters.
pub fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{PREFIX}{}_{count}", Owner::mark())
}

/// True when the process that made this name is gone; none when it is of another system, where
/// nobody can look. A name of another kind is nobody's to sweep.
pub fn is_left_behind(name: &str) -> Option<bool> {
    let rest = name.strip_prefix(PREFIX)?;
    let mark = rest.split(['.', '-']).next().unwrap_or_default();
    let (mark, count) = mark.rsplit_once('_')?;
    if count.is_empty() || !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Owner::mark_lives(mark).map(|lives| !lives)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_living_process_made_is_not_left_behind() {
        let made = name();
        assert_ne!(made, name());
        assert!(made.len() <= 63, "{made}");
        assert_eq!(is_left_behind(&made), Some(false));
        assert_eq!(is_left_behind(&format!("{made}.part")), Some(false));
    }

    #[test]
    fn what_a_dead_process_made_is_left_behind() {
        let mut parts: Vec<String> = name().split('_').map(str::to_owned).collect();
        // The same number, but a process that began at another time.
        parts[4] = "1".to_owned();
        assert_eq!(is_left_behind(&parts.join("_")), Some(true));
        // Another system's.
        parts[2] = "00000000".to_owned();
        assert_eq!(is_left_behind(&parts.join("_")), None);
    }

    #[test]
    fn other_names_are_left_alone() {
        for other in [
            "realign_scratch_",
            "realign_scratch_x",
            "app",
            "realign_scratch_a_b_c_x",
        ] {
            assert_eq!(is_left_behind(other), None, "{other}");
        }
    }
}
