//! The right to write, and how it is got.

use std::path::Path;
use std::time::{Duration, Instant};

use realign_planner::{LOCK_TABLE, LockKind};

use super::file_lock::{Attempt, FileLock};
use super::lease::{self, Lease};
use super::{Owner, Site, takeover};
use crate::{Connection, Error, ErrorKind, Stop, point};

/// How often a waiting process tries again.
const AGAIN: Duration = Duration::from_millis(200);

/// How the lock is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LockOptions {
    /// How long a holder that says nothing any more keeps it.
    pub lease: Duration,
    /// How long to wait for another holder.
    pub wait: Duration,
}

impl Default for LockOptions {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(30),
            wait: Duration::from_mins(1),
        }
    }
}

/// Somebody who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// Who; without a host when they did not write it down.
    pub owner: Owner,
    /// How long until the lock is free without another word of theirs; none where the operating
    /// system frees it.
    pub left: Option<Duration>,
}

impl Holder {
    fn words(&self) -> String {
        if self.owner.host.is_empty() {
            "somebody".to_owned()
        } else {
            self.owner.to_string()
        }
    }
}

/// How the lock stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockState {
    /// Nobody holds it.
    Free,
    /// Somebody holds it who may be at work.
    Held(Holder),
    /// Somebody held it who is dead or silent for longer than the lease.
    Dead(Holder),
}

/// How it is held.
#[derive(Debug)]
pub(super) enum Held {
    Lease(Lease),
    File(#[expect(dead_code, reason = "held, and given free at the end")] FileLock),
    /// A database that only this process has.
    Own,
}

/// The held lock. It is given free when this goes.
#[derive(Debug)]
pub struct Guard {
    pub(super) site: Site,
    owner: Owner,
    pub(super) held: Held,
    /// Who held it before and did not give it free.
    pub took_over: Option<Owner>,
}

impl Guard {
    /// Takes the lock, waiting for other holders as long as the options say. `waiting` is told
    /// whom for, once for each.
    ///
    /// A holder that is dead, or silent for longer than its lease, is taken over: first its
    /// sessions on the server are ended and seen gone.
    pub fn acquire(
        site: &Site,
        command: &str,
        options: LockOptions,
        stop: &Stop,
        waiting: &mut dyn FnMut(&Holder),
    ) -> Result<Self, Error> {
        let since = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S");
        let owner = Owner::this(command, &since.to_string());
        let mut turns = Turns {
            until: Instant::now() + options.wait,
            told: None,
            waiting,
        };
        let guard = match (site.book().lock_kind(), site.connect.lock_file()) {
            (LockKind::Lease, _) => by_lease(site, owner, options, stop, &mut turns)?,
            (LockKind::File, Some(path)) => by_file(site, owner, &path, stop, &mut turns)?,
            (LockKind::File, None) => Self {
                site: site.clone(),
                owner,
                held: Held::Own,
                took_over: None,
            },
        };
        point::arm();
        point::pass("locked", "");
        Ok(guard)
    }

    /// How the lock stands. Writes nothing.
    pub fn look(site: &Site, connection: &mut Connection) -> Result<LockState, Error> {
        match (site.book().lock_kind(), site.connect.lock_file()) {
            (LockKind::File, path) => Ok(match path.and_then(|path| FileLock::holder(&path)) {
                None => LockState::Free,
                Some(owner) => LockState::Held(Holder { owner, left: None }),
            }),
            (LockKind::Lease, _) => Ok(match lease::read(connection, site)? {
                None => LockState::Free,
                Some(row) if row.owner.is_none() => LockState::Free,
                Some(row) => {
                    let held = row.is_held();
                    let holder = holder(&row);
                    if held {
                        LockState::Held(holder)
                    } else {
                        LockState::Dead(holder)
                    }
                }
            }),
        }
    }

    /// Takes a dead holder's lock away, its sessions on the server first. A living one's is left
    /// alone unless `force`. Gives whom it was taken from.
    pub fn free(
        site: &Site,
        connection: &mut Connection,
        force: bool,
    ) -> Result<Option<Owner>, Error> {
        let state = Self::look(site, connection)?;
        if let LockState::Held(holder) = &state
            && !(force && site.book().lock_kind() == LockKind::Lease)
        {
            return Err(locked(site, holder));
        }
        let Some(row) = lease_row(site, connection)? else {
            return Ok(None);
        };
        let owner = row.owner.clone();
        if owner.is_none() {
            return Ok(None);
        }
        takeover::end_sessions(connection, site, &row)?;
        let sql = format!(
            "UPDATE {LOCK_TABLE} SET token = token + 1, owner = NULL, expires = 0 \
             WHERE name = 'holder' AND token = {}",
            row.token
        );
        connection.query(&sql)?;
        Ok(owner)
    }

    /// The fencing token; 0 where the operating system holds the lock.
    pub fn token(&self) -> i64 {
        match &self.held {
            Held::Lease(lease) => lease.token,
            Held::File(_) | Held::Own => 0,
        }
    }

    /// Who holds it: this process.
    pub fn owner(&self) -> &Owner {
        &self.owner
    }

    /// The database that it is for.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Makes a session the working one: it is marked and written down, so that who takes over
    /// can end it.
    pub fn adopt(&mut self, connection: &mut Connection) -> Result<(), Error> {
        let Held::Lease(lease) = &self.held else {
            return Ok(());
        };
        for mark in self.site.book().mark_session(lease.token) {
            connection.query(&mark)?;
        }
        self.owner.sessions = connection.server_id().into_iter().collect();
        self.owner.server = takeover::identity(connection, &self.site)?;
        let sql = format!(
            "UPDATE {LOCK_TABLE} SET owner = {} WHERE name = 'holder' AND token = {}",
            self.site.book().text(&lease::written(&self.owner)),
            lease.token
        );
        match connection.run(&sql)? {
            Ok(answer) if answer.affected == 1 => {}
            Ok(_) => return Err(self.lost()),
            Err(refusal) => return Err(Error::sql(&sql, refusal)),
        }
        lease.works_in(connection.server_id());
        Ok(())
    }

    /// Fails when the lock may be another's by now. Asks nobody.
    pub fn check(&self) -> Result<(), Error> {
        match &self.held {
            Held::Lease(lease) if !lease.is_ours() => Err(self.lost()),
            Held::Lease(_) | Held::File(_) | Held::Own => Ok(()),
        }
    }

    /// Before a definition that no transaction fences: waits until at least half of the lease is
    /// left, which is longer than the server keeps a session that says nothing.
    pub(super) fn steady(&self) -> Result<(), Error> {
        loop {
            self.check()?;
            match &self.held {
                Held::Lease(lease) if lease.left() < lease.length / 2 => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Held::Lease(_) | Held::File(_) | Held::Own => return Ok(()),
            }
        }
    }

    /// Has the server end the working session when this process is halted for so long that
    /// another may take its lock; `ends` takes that back.
    pub(super) fn watched(&self, connection: &mut Connection, ends: bool) -> Result<(), Error> {
        let Held::Lease(lease) = &self.held else {
            return Ok(());
        };
        let seconds = (lease.length.as_secs() / 2).max(1);
        if let Some(setting) = self.site.book().idle_limit((!ends).then_some(seconds)) {
            connection.query(&setting)?;
        }
        Ok(())
    }

    /// Until when the statement that begins now may take; none for as long as it wants.
    pub fn limit(&self, statement: Option<Duration>) {
        if let Held::Lease(lease) = &self.held {
            lease.limit(statement.map(|limit| Instant::now() + limit));
        }
    }

    /// True when a second signal cancels the running statement on the server.
    pub fn cancels(&self) -> bool {
        matches!(self.held, Held::Lease(_))
    }

    pub(super) fn lost(&self) -> Error {
        Error::new(
            ErrorKind::Locked,
            format!(
                "the lock of {} was lost: somebody has taken over, or its lease ran out",
                self.site.connect.display()
            ),
        )
        .with_help("`realign unlock` shows who holds it now; then run the same command again")
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        point::pass("unlocking", "");
    }
}

fn lease_row(site: &Site, connection: &mut Connection) -> Result<Option<lease::Row>, Error> {
    match site.book().lock_kind() {
        LockKind::Lease => lease::read(connection, site),
        LockKind::File => Ok(None),
    }
}

fn holder(row: &lease::Row) -> Holder {
    Holder {
        owner: row.owner.clone().unwrap_or_default(),
        left: Some(Duration::from_millis(u64::try_from(row.left).unwrap_or(0))),
    }
}

/// The turns of a process that waits.
struct Turns<'a> {
    until: Instant,
    told: Option<Owner>,
    waiting: &'a mut dyn FnMut(&Holder),
}

impl Turns<'_> {
    /// Waits for the next turn, or says that it was the last.
    fn next(&mut self, site: &Site, holder: &Holder, stop: &Stop) -> Result<(), Error> {
        if let Some(signal) = stop.signal() {
            return Err(Error::new(
                ErrorKind::Stopped(signal),
                "stopped while waiting for the lock; nothing was changed",
            ));
        }
        if Instant::now() >= self.until {
            return Err(locked(site, holder));
        }
        if self.told.as_ref() != Some(&holder.owner) {
            (self.waiting)(holder);
            self.told = Some(holder.owner.clone());
        }
        std::thread::sleep(AGAIN);
        Ok(())
    }
}

fn by_file(
    site: &Site,
    owner: Owner,
    path: &Path,
    stop: &Stop,
    turns: &mut Turns<'_>,
) -> Result<Guard, Error> {
    loop {
        match FileLock::attempt(path, &owner)? {
            Attempt::Taken(lock) => {
                return Ok(Guard {
                    site: site.clone(),
                    owner,
                    held: Held::File(lock),
                    took_over: None,
                });
            }
            Attempt::Held(holder) => turns.next(
                site,
                &Holder {
                    owner: holder,
                    left: None,
                },
                stop,
            )?,
        }
    }
}

fn by_lease(
    site: &Site,
    owner: Owner,
    options: LockOptions,
    stop: &Stop,
    turns: &mut Turns<'_>,
) -> Result<Guard, Error> {
    let mut connection = Connection::open(site.connect.as_ref())?;
    lease::prepare(&mut connection, site)?;
    loop {
        let Some(row) = lease::read(&mut connection, site)? else {
            lease::prepare(&mut connection, site)?;
            continue;
        };
        // What a dead holder's session on another node of a cluster still does can be neither seen
        // nor ended from here: that takes its lease's time.
        if row.is_held()
            || (row.left > 0 && takeover::works_elsewhere(&mut connection, site, &row)?)
        {
            turns.next(site, &holder(&row), stop)?;
            continue;
        }
        if row.owner.is_some() {
            takeover::end_sessions(&mut connection, site, &row)?;
        }
        if let Some(token) = lease::take(&mut connection, site, &row, &owner, options.lease)? {
            return Ok(Guard {
                site: site.clone(),
                held: Held::Lease(Lease::keep(
                    connection,
                    site.clone(),
                    token,
                    options.lease,
                    stop.clone(),
                )?),
                owner,
                took_over: row.owner,
            });
        }
        turns.next(site, &holder(&row), stop)?;
    }
}

fn locked(site: &Site, holder: &Holder) -> Error {
    let mut error = Error::new(
        ErrorKind::Locked,
        format!("{} is locked by {}", site.connect.display(), holder.words()),
    );
    if !holder.owner.command.is_empty() {
        error = error.with_note(format!("it runs: {}", holder.owner.command));
    }
    error.with_help(
        "wait until it is done and run the same command again; `realign unlock` shows whether it lives",
    )
}
