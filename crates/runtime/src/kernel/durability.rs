//! What a server confirms, and what of that a crash of it can take back.

use realign_planner::Value;

use super::{Owner, Site, takeover};
use crate::{Connection, Error};

/// Settings at which a crash of the server or of its machine can lose what it has said was
/// done, each as `name = value`. None where nothing can be lost, or where nobody may ask.
pub fn weak_durability(connection: &mut Connection, site: &Site) -> Result<Vec<String>, Error> {
    let Some(query) = site.book().weak_durability() else {
        return Ok(Vec::new());
    };
    let Ok(answer) = connection.run(query)? else {
        return Ok(Vec::new());
    };
    Ok(answer
        .rows
        .rows
        .iter()
        .map(|row| {
            let text = |at: usize| row.get(at).map(Value::display).unwrap_or_default();
            format!("{} = {}", text(0), text(1))
        })
        .collect())
}

/// The settings at which the server may have lost something of a run: it was started again
/// since, and does not keep what it confirms. None when it runs since before, or keeps it.
pub(super) fn may_have_lost(
    connection: &mut Connection,
    site: &Site,
    owner: &Owner,
) -> Result<Option<String>, Error> {
    let Some((name, began)) = &owner.server else {
        return Ok(None);
    };
    let Some((now, started)) = takeover::identity(connection, site)? else {
        return Ok(None);
    };
    // The server counts its uptime in whole seconds.
    if now != *name || (started - began).abs() <= 2 {
        return Ok(None);
    }
    let weak = weak_durability(connection, site)?;
    Ok((!weak.is_empty()).then(|| weak.join(", ")))
}
