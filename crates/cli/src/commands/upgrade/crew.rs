//! What an upgrade asks of the database, through the commands that do the same by hand.

use std::path::{Path, PathBuf};

use realign::planner::Facts;
use realign::runtime::backup::{self, Create, Load};
use realign::runtime::kernel::Site;
use realign::runtime::upgrade::{self, Crew, Made, Moved, Say, State};
use realign::runtime::{Consent, Error, ErrorKind, Stop};

use crate::commands::locked::Locked;
use crate::commands::schema::context::Live;
use crate::commands::schema::release::{self, Terms};
use crate::commands::{migrations, schema};
use crate::report::Out;
use crate::report::style::{bytes, count};
use crate::settings::Settings;

/// The database of the application.
pub(super) struct Database<'a> {
    settings: &'a Settings,
    out: Out,
    stop: Stop,
    /// Where backups go.
    backups: PathBuf,
    consent: Consent,
    closed: bool,
    /// The session that the journal is written through.
    books: Option<(Live, Site)>,
}

impl<'a> Database<'a> {
    /// The configured database.
    pub(super) fn new(
        settings: &'a Settings,
        stop: Stop,
        backups: PathBuf,
        consent: Consent,
        closed: bool,
    ) -> Self {
        Self {
            settings,
            out: Out::new(settings.output).hushed(),
            stop,
            backups,
            consent,
            closed,
            books: None,
        }
    }

    fn live(&self) -> Result<(Live, Site), Error> {
        let mut live = Live::configured(self.settings).map_err(plain)?;
        let facts: Facts = live.facts(self.settings).map_err(plain)?;
        let site = live.site(&facts);
        Ok((live, site))
    }
}

/// The error of a command as one of the library.
pub(super) fn plain(error: anyhow::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => error.chain().skip(1).fold(
            Error::new(ErrorKind::Failed, error.to_string()),
            |all, cause| all.with_note(cause.to_string()),
        ),
    }
}

impl Crew for Database<'_> {
    fn backup(&mut self, label: &str, say: &mut Say<'_>) -> Result<Made, Error> {
        let (_live, site) = self.live()?;
        let label = format!("{label}, before an upgrade");
        say("writing it");
        let what = Create {
            folder: &self.backups,
            label: Some(&label),
        };
        let made = backup::create(&site, &what, &self.stop)?;
        let verified = backup::verify(&site, &made.path, &self.stop, say)?;
        let name = made.path.file_name().unwrap_or_default().to_string_lossy();
        let mut told = format!(
            "{} -> {name}, restored and compared",
            bytes(made.manifest.bytes)
        );
        // Visitors are kept out: what is not of one moment is of one state all the same.
        let of_the_dump = made.manifest.remarks.into_iter().filter(|_| !self.closed);
        for remark in of_the_dump.chain(verified.remarks) {
            told.push_str("; ");
            told.push_str(&remark);
        }
        Ok(Made {
            file: made.path,
            told,
        })
    }

    fn moved(&mut self, file: &Path) -> Result<Moved, Error> {
        let (_live, site) = self.live()?;
        let kept = backup::check(file, &self.stop)?;
        let folder = file.parent().unwrap_or(Path::new("."));
        let now = backup::present(&site, folder, &self.stop)?;
        Ok(Moved {
            tables: backup::written_since(&kept.manifest.tables, &now)
                .iter()
                .map(ToString::to_string)
                .collect(),
        })
    }

    fn restore(&mut self, file: &Path, say: &mut Say<'_>) -> Result<String, Error> {
        self.books = None;
        let (mut live, site) = self.live()?;
        let _locked = Locked::take(
            &site,
            &mut live.connection,
            "upgrade rollback",
            self.settings,
            self.out,
        )
        .map_err(plain)?;
        let restored = backup::restore(&site, file, Load::Replace, &self.stop, say)?;
        let mut told = format!(
            "as in {}, rows and schema compared",
            file.file_name().unwrap_or_default().to_string_lossy()
        );
        for remark in restored.remarks {
            told.push_str("; ");
            told.push_str(&remark);
        }
        Ok(told)
    }

    fn schema(&mut self, complete: bool, say: &mut Say<'_>) -> Result<String, Error> {
        if self.settings.sources.is_empty() {
            return Ok("no schema is declared".to_owned());
        }
        let terms = Terms {
            complete,
            consent: self.consent.clone(),
            closed: self.closed,
        };
        release::align(self.settings, &terms, self.out, say).map_err(plain)
    }

    fn migrate(&mut self, _say: &mut Say<'_>) -> Result<String, Error> {
        migrations::all_outstanding(self.settings, self.out).map_err(plain)
    }

    fn repeatable(&mut self, scripts: &[PathBuf], _say: &mut Say<'_>) -> Result<String, Error> {
        let ran = migrations::rerun(self.settings, self.out, scripts).map_err(plain)?;
        Ok(count(ran, "script"))
    }

    fn in_sync(&mut self) -> Result<String, Error> {
        if self.settings.sources.is_empty() {
            return Ok("no schema is declared".to_owned());
        }
        schema::release::fits(self.settings).map_err(plain)?;
        Ok("the schema is in sync".to_owned())
    }

    fn ask(&mut self, query: &str) -> Result<Option<String>, Error> {
        let (mut live, _site) = self.live()?;
        let rows = live.connection.query(query)?;
        let value = rows.rows.first().and_then(|row| row.first());
        Ok(value.map(|value| match value.as_str() {
            Some(text) => text.to_owned(),
            None => value
                .as_int()
                .map_or_else(|| "NULL".to_owned(), |number| number.to_string()),
        }))
    }

    fn record(&mut self, state: &State) -> Result<(), Error> {
        let (mut live, site) = match self.books.take() {
            Some(books) => books,
            None => self.live()?,
        };
        upgrade::record(&mut live.connection, &site, state)?;
        self.books = Some((live, site));
        Ok(())
    }
}
