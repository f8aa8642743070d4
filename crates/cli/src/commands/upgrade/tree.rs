//! An upgrade while it goes on: a tree with times, and plain lines where no terminal is.

use std::io::{IsTerminal as _, Write as _};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use realign::runtime::Stop;
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
    /// Somebody is there to be asked.
    asks: bool,
    stop: Stop,
    running: String,
    told: Instant,
}

impl Tree {
    /// A tree on standard output. Who sits at the terminal is asked, where `interactive`.
    pub(super) fn new(out: Out, interactive: bool, stop: Stop) -> Self {
        let terminal = std::io::stdout().is_terminal() && !out.is_json() && !out.is_quiet();
        Self {
            out,
            terminal,
            asks: terminal && interactive && std::io::stdin().is_terminal(),
            stop,
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

    fn acknowledges(&mut self, text: &str) -> bool {
        if !self.asks {
            return false;
        }
        for line in text.lines() {
            self.line(&format!("        {line}"));
        }
        let mut out = anstream::stdout();
        let asked = write!(
            out,
            "        Is that done? yes, or anything else to stop here: "
        );
        let answer = asked.and_then(|()| out.flush()).map(|()| self.answer());
        matches!(
            answer.unwrap_or_default().trim().to_lowercase().as_str(),
            "yes" | "y"
        )
    }
}

impl Tree {
    /// A line that is typed; nothing when a signal asks to stop meanwhile.
    fn answer(&self) -> String {
        let (sender, answers) = mpsc::channel();
        std::thread::spawn(move || {
            let mut line = String::new();
            let _ = std::io::stdin().read_line(&mut line);
            let _ = sender.send(line);
        });
        loop {
            match answers.recv_timeout(FRAME) {
                Ok(line) => return line,
                Err(mpsc::RecvTimeoutError::Timeout) if self.stop.signal().is_none() => {}
                Err(_) => return String::new(),
            }
        }
    }
}
