//! What a dead holder of the lock still does on the server, and its end.

use std::time::{Duration, Instant};

use realign_planner::Value;

use super::lease::Row;
use super::{Owner, Site};
use crate::{Connection, Error, ErrorKind};

/// How often it is looked whether its sessions are gone.
const TICK: Duration = Duration::from_millis(50);
/// How long the sessions of a dead holder are waited for.
const ENDING: Duration = Duration::from_secs(30);

/// Ends what a dead holder's sessions still do on the server, and sees them gone.
pub(super) fn end_sessions(
    connection: &mut Connection,
    site: &Site,
    row: &Row,
) -> Result<(), Error> {
    let book = site.book();
    let recorded = match &row.owner {
        Some(owner) if same_server(connection, site, owner)? => owner.sessions.as_slice(),
        _ => &[],
    };
    let Some(query) = book.sessions_of(row.token, recorded) else {
        return Ok(());
    };
    let until = Instant::now() + ENDING;
    loop {
        let sessions = connection.query(&query)?;
        let mut left = Vec::new();
        for session in &sessions.rows {
            let id = session.first().and_then(Value::as_int).unwrap_or_default();
            if let Ok(id) = u64::try_from(id) {
                // It may have ended by itself in between.
                let _ = connection.run(&book.end_session(id))?;
            }
            let words: Vec<String> = session.iter().map(Value::display).collect();
            left.push(words.join(" "));
        }
        if left.is_empty() {
            left = unseen(connection, site, recorded)?;
        }
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() > until {
            let mut error = Error::new(
                ErrorKind::Locked,
                "a session of the run before is still at work on the server",
            );
            for session in left {
                error = error.with_note(session);
            }
            return Err(error.with_help("wait for it to end, then run the same command again"));
        }
        std::thread::sleep(TICK);
    }
}

/// Those of the recorded sessions that are another account's, which this one neither sees nor
/// may end.
fn unseen(
    connection: &mut Connection,
    site: &Site,
    recorded: &[u64],
) -> Result<Vec<String>, Error> {
    let mut there = Vec::new();
    for id in recorded {
        let Some((end, denied)) = site.book().end_unseen(*id) else {
            continue;
        };
        if let Err(refusal) = connection.run(&end)?
            && refusal.code == denied
        {
            there.push(format!("session {id} of another account"));
        }
    }
    Ok(there)
}

/// Whether the sessions that an owner wrote down are of the server as it runs now.
fn same_server(connection: &mut Connection, site: &Site, owner: &Owner) -> Result<bool, Error> {
    let Some((name, started)) = &owner.server else {
        return Ok(false);
    };
    // The server counts its uptime in whole seconds.
    Ok(identity(connection, site)?
        .is_some_and(|(now, began)| now == *name && (began - started).abs() <= 2))
}

/// Whether the holder's sessions are of another server than this one.
pub(super) fn works_elsewhere(
    connection: &mut Connection,
    site: &Site,
    row: &Row,
) -> Result<bool, Error> {
    let Some((name, _)) = row.owner.as_ref().and_then(|owner| owner.server.as_ref()) else {
        return Ok(false);
    };
    Ok(identity(connection, site)?.is_some_and(|(now, _)| now != *name))
}

/// The server's process, where there is one.
pub(super) fn identity(
    connection: &mut Connection,
    site: &Site,
) -> Result<Option<(String, i64)>, Error> {
    let Some(query) = site.book().server_identity(&site.facts) else {
        return Ok(None);
    };
    // Without the right to ask, no recorded session is ever ended.
    Ok(connection.run(&query)?.ok().and_then(|answer| {
        let row = answer.rows.rows.into_iter().next()?;
        Some((row.first()?.display(), row.get(1)?.as_int()?))
    }))
}
