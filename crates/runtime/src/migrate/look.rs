//! The first look at a database: what the server is, how its migrations stand, and the last run.

use realign_planner::{CatalogQuery, Dialect, Facts, HISTORY_TABLE, Profile, RUNS_TABLE};

use super::history::{candidates, columns_query};
use super::layout::layout;
use super::own_table::{executed_query, versions_query};
use super::{History, HistoryOptions, HistoryRows, Layout};
use crate::inspect::facts_beside;
use crate::kernel::{RunRow, Site, is_there, last_run, last_run_of, last_run_query};
use crate::{Connection, Error};

/// What a first look has found.
#[derive(Debug)]
pub struct FirstLook {
    /// The database as the kernel knows it, with what the server is.
    pub site: Site,
    /// The history of migrations.
    pub history: History,
    /// What it holds.
    pub rows: HistoryRows,
    /// The run that has to be gone on with, or that failed last: [`last_run`].
    pub last: Option<RunRow>,
}

impl FirstLook {
    /// Looks. Writes nothing. All of it takes two messages where the history is Realign's own: on
    /// a line that is long each is waited for.
    pub fn take(
        connection: &mut Connection,
        dialect: &dyn Dialect,
        profile: Profile,
        site: impl FnOnce(Facts) -> Site,
        options: &HistoryOptions,
    ) -> Result<Self, Error> {
        let mut names = History::tables(options);
        names.push(RUNS_TABLE);
        let exist = |name: &&str| CatalogQuery {
            name: "tables of Realign's own",
            sql: dialect.bookkeeping().table_exists(name),
            optional: false,
            setting: false,
        };
        let queries = names.iter().map(exist).collect();
        let (facts, answers) = facts_beside(connection, dialect, profile, queries)?;
        let site = site(facts);
        let asked = names.iter().zip(&answers);
        let there = asked.filter(|(_, answer)| is_there(answer));
        let there: Vec<&str> = there.map(|(name, _)| *name).collect();
        if let Some(found) = Self::own(connection, &site, options, &there)? {
            return Ok(found);
        }
        let history = History::among(connection, &site, options, &there)?;
        Ok(Self {
            rows: history.rows(connection, &site)?,
            last: last_run(connection, &site)?,
            history,
            site,
        })
    }

    /// The rest in one message, where nothing but Realign's own tables is there.
    fn own(
        connection: &mut Connection,
        site: &Site,
        options: &HistoryOptions,
        there: &[&str],
    ) -> Result<Option<Self>, Error> {
        let first = candidates(options)
            .into_iter()
            .find(|table| there.contains(table));
        if first != Some(HISTORY_TABLE) {
            return Ok(None);
        }
        let mut queries = vec![
            columns_query(site, HISTORY_TABLE),
            if options.only_versions {
                versions_query(site, HISTORY_TABLE)
            } else {
                executed_query(site, HISTORY_TABLE)
            },
        ];
        if there.contains(&RUNS_TABLE) {
            queries.push(last_run_query(site));
        }
        // A table of that name may be somebody else's; what to say of it is found out by itself.
        let Ok(answers) = connection.run_all(&queries)? else {
            return Ok(None);
        };
        let mut answers = answers.into_iter().map(|answer| answer.rows);
        let (Some(columns), Some(rows)) = (answers.next(), answers.next()) else {
            return Ok(None);
        };
        if layout(&columns.columns, &options.columns) != Some(Layout::Own) {
            return Ok(None);
        }
        let last = answers.next().map(|answer| last_run_of(&answer));
        Ok(Some(Self {
            site: site.clone(),
            history: History::at(HISTORY_TABLE, Layout::Own, options, true),
            rows: HistoryRows::of_own(rows),
            last: last.transpose()?.flatten(),
        }))
    }
}
