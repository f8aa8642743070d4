//! Names of what lives only as long as one command: scratch databases, half-written files.
//!
//! Such a name says which process made it. Whoever comes by later can tell from it that the maker
//! is gone, and sweep what a kill has left.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use realign_model::Database;
use realign_planner::{Dialect, Facts, create_plan, settled};

use crate::backup::{Copier, Work};
use crate::kernel::Owner;
use crate::{Connect, Connection, Error, ErrorKind, inspect};

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

/// A scratch database, gone with the value.
pub struct Scratch<'a> {
    copier: &'a dyn Copier,
    work: &'a Work<'a>,
    name: Option<String>,
    /// How it is reached.
    pub connect: Arc<dyn Connect>,
}

impl std::fmt::Debug for Scratch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scratch")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl<'a> Scratch<'a> {
    /// Makes an empty one beside the database of a copier.
    pub fn make(copier: &'a dyn Copier, work: &'a Work<'a>) -> Result<Self, Error> {
        let name = name();
        let connect = copier.make_scratch(&name, work)?.into();
        Ok(Self {
            copier,
            work,
            name: Some(name),
            connect,
        })
    }

    /// Drops it, and says when that fails.
    pub fn finish(mut self) -> Result<(), Error> {
        match self.name.take() {
            Some(name) => self.copier.drop_scratch(&name, self.work),
            None => Ok(()),
        }
    }
}

impl Drop for Scratch<'_> {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            // An error is on its way already; `doctor` sweeps what is left.
            let _ = self.copier.drop_scratch(&name, self.work);
        }
    }
}

/// Makes a declaration in an empty database and reads it back: the same declaration, with every
/// expression as the engine prints it.
pub fn read_back(
    wish: &Database,
    connect: &dyn Connect,
    dialect: &dyn Dialect,
    facts: &Facts,
) -> Result<Database, Error> {
    let plan = create_plan(wish, dialect, facts);
    if let Some(refusal) = plan.refusals.first() {
        return Err(
            Error::new(ErrorKind::Failed, refusal.message.clone()).with_note(NOT_MADE.to_owned())
        );
    }
    let mut connection = Connection::open(connect)?;
    for statement in plan.statements() {
        connection
            .query(&statement.sql)
            .map_err(|error| error.with_note(NOT_MADE.to_owned()))?;
    }
    // The engine prints names with the database in which they are: that is another one here.
    let made = inspect(&mut connection, dialect, facts.doctrine)?;
    Ok(settled(wish, &made.database, dialect, facts))
}

const NOT_MADE: &str = "the engine refuses what is declared, in a scratch database";

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
