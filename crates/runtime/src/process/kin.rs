//! Everything that a program has started and that still runs: its session, and whatever bears its
//! mark. A program that is killed dies alone; what it has started goes on without it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal};
use serde::{Deserialize, Serialize};

use crate::kernel::{began, system};
use crate::{Error, ErrorKind};

/// The variable that bears the mark. Who is started inherits it, however far from its parents it
/// goes.
pub(super) const MARK: &str = "REALIGN_STEP";
/// How often it is looked whether all are gone.
const TICK: Duration = Duration::from_millis(20);

/// How those are known that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kin {
    /// The session, by the number of the process that began it.
    session: Option<u32>,
    /// When that process began, in ticks of the machine's own clock.
    began: Option<u64>,
    /// The start of the machine and the space of its numbers: those of another mean nothing.
    #[serde(default)]
    system: String,
    /// What [`MARK`] is set to.
    mark: Option<String>,
}

/// A process that is at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relative {
    pid: u32,
    began: u64,
    command: String,
}

impl fmt::Display for Relative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (process {})", self.command, self.pid)
    }
}

impl Kin {
    /// Those of a program that has just been started in a session of its own.
    pub(super) fn of(pid: u32, mark: &str) -> Self {
        Self {
            session: Some(pid),
            began: Stat::of(pid).map(|stat| stat.began),
            system: system(),
            mark: Some(mark.to_owned()),
        }
    }

    /// Those that bear a mark.
    pub fn marked(mark: &str) -> Self {
        Self {
            mark: Some(mark.to_owned()),
            ..Self::default()
        }
    }

    /// Writes down who they are, for who comes after a kill. What can't be written down is known
    /// by its mark.
    pub(super) fn write(&self, path: &Path) {
        let text = serde_json::to_vec(self).unwrap_or_default();
        let _ = std::fs::write(path, text);
    }

    /// Those of a run that was killed; none when it had ended its programs.
    pub fn read(path: &Path) -> Option<Self> {
        let text = std::fs::read(path).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Those who are at work, this process and what only waits to be buried apart.
    pub fn at_work(&self) -> Vec<Relative> {
        let own = std::process::id();
        let session = self.session.filter(|_| is_here(&self.system, &system()));
        // Who bears the number of the one that began it and is another has begun another session.
        let session = session
            .filter(|session| Stat::of(*session).is_none_or(|stat| Some(stat.began) == self.began));
        let Ok(entries) = std::fs::read_dir("/proc") else {
            return Vec::new();
        };
        entries
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
            .filter(|pid| *pid != own)
            .filter_map(|pid| {
                let stat = Stat::of(pid)?;
                let within = session.is_some_and(|session| stat.session == session);
                if stat.is_dead() || !(within || self.bears(pid)) {
                    return None;
                }
                Some(Relative {
                    pid,
                    began: stat.began,
                    command: command(pid),
                })
            })
            .collect()
    }

    fn bears(&self, pid: u32) -> bool {
        let Some(mark) = &self.mark else {
            return false;
        };
        let wanted = format!("{MARK}={mark}");
        let environment = std::fs::read(PathBuf::from(format!("/proc/{pid}/environ")));
        environment.is_ok_and(|environment| {
            environment
                .split(|byte| *byte == 0)
                .any(|entry| entry == wanted.as_bytes())
        })
    }

    /// Sends a signal to each.
    fn signal(&self, signal: Signal) {
        for relative in self.at_work() {
            relative.signal(signal);
        }
    }

    /// Ends them, by TERM and after a while by KILL; gives who they were.
    pub fn end(&self, grace: Duration) -> Result<Vec<Relative>, Error> {
        let found = self.at_work();
        for (signal, wait) in [(Signal::TERM, grace), (Signal::KILL, grace)] {
            self.signal(signal);
            let begun = Instant::now();
            while !self.at_work().is_empty() {
                if begun.elapsed() > wait {
                    break;
                }
                if signal == Signal::KILL {
                    // One of them may have started another meanwhile.
                    self.signal(signal);
                }
                std::thread::sleep(TICK);
            }
        }
        let left = self.at_work();
        if left.is_empty() {
            return Ok(found);
        }
        Err(left.iter().fold(
            Error::new(
                ErrorKind::Refused,
                "programs of the run before are still at work, and can't be ended",
            ),
            |error, relative| error.with_note(relative.to_string()),
        ))
    }
}

impl Relative {
    pub(super) fn signal(&self, signal: Signal) {
        // Its number may have become another's.
        let same = Stat::of(self.pid).is_some_and(|stat| stat.began == self.began);
        let pid = i32::try_from(self.pid).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|_| same) {
            // Gone meanwhile, or not ours to end: whoever asks sees whether it still is there.
            let _ = rustix::process::kill_process(pid, signal);
        }
    }
}

/// True when what was written down is of this very system; of two that are not known nobody can
/// say it.
fn is_here(kept: &str, own: &str) -> bool {
    !own.is_empty() && kept == own
}

/// A mark for what nobody has to know after this process. What stays in the background bears it
/// on, and the number of this process is given again: to another, at another time.
pub(super) fn any_mark() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let pid = std::process::id();
    format!(
        "{} {pid} {}/{count}",
        system(),
        began(pid).unwrap_or_default()
    )
}

/// What `/proc` says of a process.
pub(crate) struct Stat {
    state: char,
    session: u32,
    /// When it began, in ticks since the system's start.
    pub(crate) began: u64,
}

impl Stat {
    /// Of the process of this number; none when there is none.
    pub(crate) fn of(pid: u32) -> Option<Self> {
        Self::read(&std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The name stands in parentheses and may hold any sign.
    fn read(text: &str) -> Option<Self> {
        let fields: Vec<&str> = text[text.rfind(')')? + 1..].split_whitespace().collect();
        Some(Self {
            state: fields.first()?.chars().next()?,
            session: fields.get(3)?.parse().ok()?,
            began: fields.get(19)?.parse().ok()?,
        })
    }

    /// True when it is dead and only not yet waited for.
    pub(crate) fn is_dead(&self) -> bool {
        matches!(self.state, 'Z' | 'X')
    }
}

/// The first words of a command line; the name where there is none.
fn command(pid: u32) -> String {
    let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let line = String::from_utf8_lossy(&line).replace('\0', " ");
    let line: String = line.chars().filter(|c| !c.is_control()).take(60).collect();
    let line = line.trim();
    if line.is_empty() {
        let name = std::fs::read_to_string(format!("/proc/{pid}/comm"));
        name.unwrap_or_default().trim().to_owned()
    } else {
        line.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_is_no_field() {
        let text = "12 (a) b (c) S 1 12 11 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 4711 1 1";
        let stat = Stat::read(text).unwrap();
        assert_eq!((stat.state, stat.session, stat.began), ('S', 11, 4711));
        assert!(Stat::read("12 (a").is_none());
    }

    #[test]
    fn a_session_of_another_start_of_the_machine_is_nobodys() {
        let own = Stat::of(std::process::id()).unwrap();
        let mut kin = Kin::of(own.session, "nobody's");
        kin.system = "another".to_owned();
        assert!(kin.at_work().is_empty());
        assert!(!is_here("", ""), "two that are not known are not one");
        assert!(is_here("this", "this"));
    }

    #[test]
    fn a_mark_is_of_this_process_and_of_one_program() {
        let (mark, other) = (any_mark(), any_mark());
        assert_ne!(mark, other);
        let own = Stat::of(std::process::id()).unwrap();
        let middle = format!("{} {} {}/", system(), std::process::id(), own.began);
        assert!(mark.starts_with(&middle), "{mark}");
    }
}
