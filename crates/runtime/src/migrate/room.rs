//! Whether a table of Doctrine's has room for a version. Those of Doctrine Migrations 1 and 2 are
//! made for 14 digits; a server would say so once the migration has run, or cut the version
//! without a word.

use realign_model::DataType;
use realign_planner::migration::Version;

use super::History;
use crate::kernel::Site;
use crate::{Connection, Error, ErrorKind, inspect_known};

/// What the narrowest of their columns holds.
const USUAL: u32 = 14;

impl History {
    /// Refuses versions that are to be recorded and that the history's column can't hold.
    ///
    /// The server is asked only when one is longer than every such column.
    pub fn has_room<'v>(
        &self,
        connection: &mut Connection,
        site: &Site,
        versions: impl IntoIterator<Item = &'v Version>,
    ) -> Result<(), Error> {
        if !self.is_doctrine() || !site.book().limits_text() {
            return Ok(());
        }
        let sure = if self.is_short() {
            USUAL
        } else {
            self.columns.length
        };
        let held = versions.into_iter().filter(|one| self.doctrine_holds(one));
        let longest = held.max_by_key(|version| length(self.written_as(version)));
        let Some(version) =
            longest.filter(|longest| length(self.written_as(longest)) > sure.into())
        else {
            return Ok(());
        };
        let room = if self.exists {
            self.room(connection, site)?
        } else {
            Some(self.columns.length)
        };
        let recorded = self.written_as(version);
        match room {
            Some(room) if length(recorded) > room.into() => Err(no_room(self, version, room)),
            _ => Ok(()),
        }
    }

    /// How many characters its column of versions holds; none where it has no limit.
    fn room(&self, connection: &mut Connection, site: &Site) -> Result<Option<u32>, Error> {
        let found = inspect_known(connection, site.dialect, site.facts.clone())?;
        let mut tables = found.database.tables.iter();
        let table = tables.find(|table| table.name.name.text.eq_ignore_ascii_case(&self.table));
        let column = table.and_then(|table| {
            let mut columns = table.columns.iter();
            columns.find(|column| column.name.text.eq_ignore_ascii_case(&self.columns.version))
        });
        Ok(column.and_then(|column| match &column.data_type {
            DataType::Varchar { len } => *len,
            DataType::Char { len } => Some(len.unwrap_or(1)),
            _ => None,
        }))
    }

    /// What its row of a version says.
    pub(super) fn written_as<'v>(&self, version: &'v Version) -> &'v str {
        if self.is_short() {
            version.short()
        } else {
            version.as_str()
        }
    }
}

fn length(text: &str) -> u64 {
    text.chars().count() as u64
}

fn no_room(history: &History, version: &Version, room: u32) -> Error {
    let recorded = history.written_as(version);
    let help = if history.is_short() {
        "give it the table of Doctrine Migrations 3, which holds longer ones: realign migrations sync-metadata-storage\n\
         or give the migration a shorter version: 14 digits"
    } else {
        "give the migration a shorter version, or say how many characters the column is to hold \
         (`length` in [migrations.columns]), and then: realign migrations sync-metadata-storage"
    };
    Error::new(
        ErrorKind::Refused,
        format!(
            "the history {} has no room for the version {version}",
            history.table
        ),
    )
    .with_note(format!(
        "its column {} holds {room} characters; {recorded} has {}",
        history.columns.version,
        length(recorded)
    ))
    .with_note("nothing was executed")
    .with_help(help)
}
