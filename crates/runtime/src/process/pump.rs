//! The life of a child: its pipes, its clock, its end.

use std::io::{self, Read, Write};
use std::process::{Child, ChildStdin};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions};

use super::lines::{Mask, Splitter};
use super::output::{Ended, Finished, Tail};
use super::{Channel, Kin, Lines, Process, Streams};
use crate::{Error, ErrorKind, Stop};

/// How often the clock and the wish to stop are looked at while nothing is printed.
const TICK: Duration = Duration::from_millis(20);
/// How long a silent pipe is waited for after the program has ended, while something that it left in
/// the background may hold it for ever.
const LINGER: Duration = Duration::from_millis(500);
/// The same where nobody is seen who could hold it, or where the output is wanted whole: what is
/// missing would make half of an answer look whole, and a busy machine takes its time.
const WHOLE: Duration = Duration::from_mins(1);

enum Event {
    Bytes(Channel, Vec<u8>),
    /// A channel is at its end.
    End(Channel),
    /// All is read in; or what was to be read could not be. Then the pipe is still open, so that
    /// the program can't take what it has for the whole.
    Fed(Result<(), (io::Error, ChildStdin)>),
}

pub(super) struct Pump<'p, 's> {
    process: &'p Process,
    child: Child,
    kin: Kin,
    streams: Streams<'s>,
    end: Option<Ended>,
    /// When TERM was sent, and whether KILL was.
    ending: Option<(Instant, bool)>,
    /// Held until the program is gone.
    withheld: Option<ChildStdin>,
}

impl<'p, 's> Pump<'p, 's> {
    pub(super) fn new(process: &'p Process, child: Child, kin: Kin, streams: Streams<'s>) -> Self {
        Self {
            process,
            child,
            kin,
            streams,
            end: None,
            ending: None,
            withheld: None,
        }
    }

    pub(super) fn run(
        mut self,
        begun: Instant,
        stop: &Stop,
        lines: &mut Lines<'_>,
    ) -> Result<Finished, Error> {
        let (events, mut open) = self.listen()?;
        let mask = Mask::new(&self.process.secrets);
        let mut out = Splitter::new(mask.clone());
        let mut err = Splitter::new(mask);
        let mut tail = Tail::new(self.process.kept);
        let mut tell = |channel: Channel, line: String| {
            lines(channel, &line);
            tail.push(channel, line);
        };
        let mut gone: Option<Instant> = None;
        let mut heard = Instant::now();
        let mut wanted = self.streams.output.is_some();
        while open > 0 {
            match events.recv_timeout(TICK) {
                Ok(Event::Bytes(Channel::Out, bytes)) if self.streams.output.is_some() => {
                    self.write(&bytes);
                    heard = Instant::now();
                }
                Ok(Event::Bytes(Channel::Out, bytes)) => {
                    out.feed(&bytes, &mut |line| tell(Channel::Out, line));
                    heard = Instant::now();
                }
                Ok(Event::Bytes(Channel::Err, bytes)) => {
                    err.feed(&bytes, &mut |line| tell(Channel::Err, line));
                    heard = Instant::now();
                }
                Ok(Event::End(channel)) => {
                    open -= 1;
                    wanted &= channel != Channel::Out;
                }
                Ok(Event::Fed(Ok(()))) => {}
                Ok(Event::Fed(Err((error, stdin)))) => {
                    self.withheld = Some(stdin);
                    self.begin_end(Ended::Broken(format!("can't read its input: {error}")));
                    self.signal(Signal::KILL);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            if gone.is_none() {
                self.watch(begun, stop);
                gone = self.has_ended().then(Instant::now);
            }
            // What has been printed is read to its end, however long that takes.
            let silent = gone.map(|gone| gone.max(heard).elapsed());
            if silent.is_some_and(|silent| silent > WHOLE) {
                break;
            }
            if silent.is_some_and(|silent| silent > LINGER)
                && !wanted
                && !self.kin.at_work().is_empty()
            {
                break;
            }
        }
        if wanted && self.end.is_none() {
            self.end = Some(Ended::Broken("its output has no end".to_owned()));
        }
        while gone.is_none() && !self.has_ended() {
            self.watch(begun, stop);
            std::thread::sleep(TICK);
        }
        out.end(&mut |line| tell(Channel::Out, line));
        err.end(&mut |line| tell(Channel::Err, line));
        if self.ending.is_some() {
            // The program is gone, its number is still taken: what is left of its group is its own.
            self.signal(Signal::KILL);
            // Also what left the group.
            let _ = self.kin.end(self.process.grace);
        }
        let status = self.child.wait().map_err(|error| {
            Error::new(
                ErrorKind::Failed,
                format!("can't wait for `{}`: {error}", self.process.shown()),
            )
        })?;
        let (output, dropped) = tail.finish();
        Ok(Finished {
            command: self.process.shown(),
            ended: self.end.take().unwrap_or_else(|| {
                let killed = std::os::unix::process::ExitStatusExt::signal(&status);
                match (status.code(), killed) {
                    (Some(code), _) => Ended::Exited(code),
                    (None, signal) => Ended::Killed(signal.unwrap_or_default()),
                }
            }),
            took: begun.elapsed(),
            output,
            dropped,
        })
    }

    /// Threads that read and feed the pipes; how many channels are open.
    fn listen(&mut self) -> Result<(Receiver<Event>, usize), Error> {
        let (sender, events) = mpsc::sync_channel(16);
        let mut open = 0;
        let mut started = Ok(());
        let mut start = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let thread = std::thread::Builder::new().name(name.to_owned());
            if let Err(error) = thread.spawn(work) {
                started = Err(error);
            }
        };
        if let Some(pipe) = self.child.stdout.take() {
            let sender = sender.clone();
            open += 1;
            start(
                "output",
                Box::new(move || read(pipe, Channel::Out, &sender)),
            );
        }
        if let Some(pipe) = self.child.stderr.take() {
            let sender = sender.clone();
            open += 1;
            start(
                "errors",
                Box::new(move || read(pipe, Channel::Err, &sender)),
            );
        }
        if let (Some(pipe), Some(input)) = (self.child.stdin.take(), self.streams.input.take()) {
            start("input", Box::new(move || feed(pipe, input, &sender)));
        }
        if let Err(error) = started {
            self.signal(Signal::KILL);
            // It was never looked at.
            let _ = self.child.wait();
            return Err(Error::new(
                ErrorKind::Failed,
                format!("no thread for the output of a program: {error}"),
            ));
        }
        Ok((events, open))
    }

    /// Bytes of its standard output. What can't be written ends the program.
    fn write(&mut self, bytes: &[u8]) {
        if matches!(self.end, Some(Ended::Broken(_))) {
            return;
        }
        if let Some(output) = &mut self.streams.output
            && let Err(error) = output.write_all(bytes)
        {
            self.begin_end(Ended::Broken(format!("can't write its output: {error}")));
        }
    }

    /// Looks at the clock and the wish to stop.
    fn watch(&mut self, begun: Instant, stop: &Stop) {
        if let Some(signal) = stop.signal() {
            self.begin_end(Ended::Stopped(signal));
        }
        if let Some(limit) = self.process.limit
            && begun.elapsed() > limit
        {
            self.begin_end(Ended::TimedOut(limit));
        }
        if let Some((since, false)) = self.ending
            && (since.elapsed() > self.process.grace || stop.presses() > 1)
        {
            self.ending = Some((since, true));
            self.signal(Signal::KILL);
        }
    }

    fn begin_end(&mut self, end: Ended) {
        if self.end.is_none() {
            self.end = Some(end);
            self.ending = Some((Instant::now(), false));
            self.signal(Signal::TERM);
        }
    }

    /// True when the program itself is gone. It is not yet waited for, so that its number, which
    /// is that of its group, can't become another's.
    fn has_ended(&self) -> bool {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
        let pid = Pid::from_child(&self.child);
        !matches!(rustix::process::waitid(WaitId::Pid(pid), options), Ok(None))
    }

    /// Sends a signal to all that the program has started, also to who has left its group.
    fn signal(&self, signal: Signal) {
        let known = self.kin.at_work();
        for relative in &known {
            relative.signal(signal);
        }
        // Where nobody can be seen, and for who has just been started; a second TERM would be
        // another wish to a program that heeds the first.
        if known.is_empty() || signal == Signal::KILL {
            let pid = Pid::from_child(&self.child);
            // Gone already, or just before it made its own group.
            if rustix::process::kill_process_group(pid, signal).is_err() {
                let _ = rustix::process::kill_process(pid, signal);
            }
        }
    }
}

/// Reads a pipe to its end. When nobody listens any more it goes on: a program that was left in
/// the background must not die of a closed pipe.
fn read(mut pipe: impl Read, channel: Channel, events: &SyncSender<Event>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match pipe.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                let _ = events.send(Event::Bytes(channel, buffer[..count].to_vec()));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    let _ = events.send(Event::End(channel));
}

fn feed(mut pipe: ChildStdin, mut input: Box<dyn Read + Send>, events: &SyncSender<Event>) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match input.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => {
                // A program that ended reads no more; its exit code says why.
                if pipe.write_all(&buffer[..count]).is_err() {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                let _ = events.send(Event::Fed(Err((error, pipe))));
                return;
            }
        }
    }
    drop(pipe);
    let _ = events.send(Event::Fed(Ok(())));
}
