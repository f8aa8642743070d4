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
        if sessions.rows.is_empty() {
            return Ok(());
        }
        for session in &sessions.rows {
            let id = session.first().and_then(Value::as_int).unwrap_or_default();
            if let Ok(id) = u64::try_from(id) {
                // It may have ended by itself in between.
                let _ = connection.run(&book.end_session(id))?;
            }
        }
        if Instant::now() > until {
            let mut error = Error::new(
                ErrorKind::Locked,
                "a session of the run before is still at work on the server",
            );
            for session in &sessions.rows {
                error = error.with_note(
                    session
                        .iter()
                        .map(Value::display)
                        .collect::<Vec<_>>()
                        .join(" "),
                );
            }
            return Err(error.with_help("wait for it to end, then run the same command again"));
        }
        std::thread::sleep(TICK);
    }
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
