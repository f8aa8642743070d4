//! What became of a program.

use std::collections::VecDeque;
use std::time::Duration;

use super::Channel;
use crate::{Error, ErrorKind};

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// By itself, with this code.
    Exited(i32),
    /// By a signal that was not ours.
    Killed(i32),
    /// Its time was up: its process group was ended.
    TimedOut(Duration),
    /// A signal asked us to stop: its process group was ended.
    Stopped(u8),
    /// What it was to read could not be read, or what it wrote could not be written.
    Broken(String),
}

/// A program that ran.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// The command, secrets masked.
    pub command: String,
    /// How it ended.
    pub ended: Ended,
    /// How long it took.
    pub took: Duration,
    /// The end of what it printed, both channels in the order in which they came.
    pub output: Vec<(Channel, String)>,
    /// Lines before those, which are not kept.
    pub dropped: usize,
}

impl Finished {
    /// True when it ended by itself with code 0.
    pub fn is_success(&self) -> bool {
        self.ended == Ended::Exited(0)
    }

    /// The error that any other end is, with the last lines of what it printed.
    pub fn success(self) -> Result<Self, Error> {
        let name = &self.command;
        let error = match &self.ended {
            Ended::Exited(0) => return Ok(self),
            Ended::Exited(code) => Error::new(
                ErrorKind::Failed,
                format!("`{name}` ended with exit code {code}"),
            ),
            Ended::Killed(signal) => Error::new(
                ErrorKind::Failed,
                format!("`{name}` was ended by signal {signal}"),
            ),
            Ended::TimedOut(limit) => Error::new(
                ErrorKind::Failed,
                format!("`{name}` was ended after {} seconds", limit.as_secs_f64()),
            ),
            Ended::Stopped(signal) => Error::new(
                ErrorKind::Stopped(*signal),
                format!("stopped in `{name}`, which was ended"),
            ),
            Ended::Broken(why) => Error::new(ErrorKind::File, format!("`{name}`: {why}")),
        };
        Err(self.last(8).into_iter().fold(error, Error::with_note))
    }

    /// The last lines that say something.
    pub fn last(&self, count: usize) -> Vec<String> {
        let told: Vec<&(Channel, String)> = self
            .output
            .iter()
            .filter(|(_, line)| !line.trim().is_empty())
            .collect();
        told[told.len().saturating_sub(count)..]
            .iter()
            .map(|(_, line)| line.clone())
            .collect()
    }

    /// What it printed on standard output, as far as it was kept.
    pub fn text(&self) -> String {
        self.output
            .iter()
            .filter(|(channel, _)| *channel == Channel::Out)
            .flat_map(|(_, line)| [line.as_str(), "\n"])
            .collect()
    }
}

/// The end of a long output.
#[derive(Debug)]
pub(super) struct Tail {
    lines: VecDeque<(Channel, String)>,
    bytes: usize,
    most: usize,
    dropped: usize,
}

impl Tail {
    pub(super) fn new(most: usize) -> Self {
        Self {
            lines: VecDeque::new(),
            bytes: 0,
            most,
            dropped: 0,
        }
    }

    pub(super) fn push(&mut self, channel: Channel, line: String) {
        self.bytes += line.len() + 1;
        self.lines.push_back((channel, line));
        while self.bytes > self.most && self.lines.len() > 1 {
            if let Some((_, line)) = self.lines.pop_front() {
                self.bytes -= line.len() + 1;
                self.dropped += 1;
            }
        }
    }

    pub(super) fn finish(self) -> (Vec<(Channel, String)>, usize) {
        (self.lines.into(), self.dropped)
    }
}
