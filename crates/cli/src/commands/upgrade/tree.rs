//! An upgrade while it goes on: a tree with times, and plain lines where no terminal is.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use realign::runtime::upgrade::Watcher;

use crate::report::Out;
use crate::report::style::{BAD, DIM, GOOD, STRONG, duration, one_line, paint};

/// How long nothing is said of a long step off a terminal.
const PATIENCE: Duration = Duration::from_secs(15);
/// How often a terminal's line is drawn again.
const FRAME: Duration = Duration::from_millis(100);
/// Width of the name of a step with what is told of it.
const WIDTH: usize = 76;

/// Somebody who tells.
pub(super) struct Tree {
    out: Out,
    terminal: bool,
    running: String,
    told: Instant,
}

impl Tree {
    /// A tree on standard output.
    pub(super) fn new(out: Out) -> Self {
        Self {
            out,
            terminal: std::io::stdout().is_terminal() && !out.is_json() && !out.is_quiet(),
            running: String::new(),
            told: Instant::now(),
        }
    }

    // What can't be printed does not stop an upgrade, here and below.
    fn line(&self, text: &str) {
        self.wipe();
        let _ = self.out.chatter(text);
    }

    fn wipe(&self) {
        if self.terminal {
            let _ = write!(anstream::stdout(), "\r\x1b[K");
        }
    }

    fn draw(&self, text: &str) {
        if self.terminal {
            let mut out = anstream::stdout();
            let _ = write!(out, "\r\x1b[K{}", one_line_indented(text));
            let _ = out.flush();
        }
    }
}

fn one_line_indented(text: &str) -> String {
    format!("    ..  {}", one_line(text, 100))
}

impl Watcher for Tree {
    fn release(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            self.line(&format!("  {}", paint(STRONG, name)));
        }
    }

    fn begun(&mut self, name: &str) {
        name.clone_into(&mut self.running);
        self.told = Instant::now();
        self.draw(name);
    }

    fn says(&mut self, text: &str) {
        let pause = if self.terminal { FRAME } else { PATIENCE };
        if self.told.elapsed() < pause || text.trim().is_empty() {
            return;
        }
        self.told = Instant::now();
        let text = format!("{}   {text}", self.running);
        if self.terminal {
            self.draw(&text);
        } else {
            self.line(&one_line_indented(&text));
        }
    }

    fn done(&mut self, name: &str, told: Option<&str>, skipped: bool, took: Duration) {
        let mark = if skipped {
            paint(DIM, "--")
        } else {
            paint(GOOD, "ok")
        };
        let text = match told {
            Some(told) => format!("{name}   {told}"),
            None => name.to_owned(),
        };
        let blanks = " ".repeat(WIDTH.saturating_sub(text.chars().count()));
        self.line(&format!("    {mark}  {text}{blanks}   {}", duration(took)));
    }

    fn failed(&mut self, name: &str, took: Duration) {
        let blanks = " ".repeat(WIDTH.saturating_sub(name.chars().count() + 2));
        self.line(&format!(
            "    {}  {name}{blanks}   {}",
            paint(BAD, "FAIL"),
            duration(took)
        ));
    }
}
