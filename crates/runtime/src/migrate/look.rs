//! The first look at a database: what the server is, how its migrations stand, and the last run.

use realign_planner::{CatalogQuery, Dialect, Facts, HISTORY_TABLE, Profile, RUNS_TABLE};

use super::history::{candidates, columns_query};
use super::layout::layout;
use super::own_table::{executed_query, versions_query};
use super::{History, HistoryOptions, HistoryRows, Layout};
use crate::inspect::facts_beside;
use crate::kernel::{RunRow, Site, is_over, last_outcome_query, last_run, those_there};
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
    /// The last run, where it did not do what it was for: [`last_run`].
    pub last: Option<RunRow>,
}

impl FirstLook {
    /// Looks. Writes nothing. All of it takes two messages where the history is Realign's own: on
    /// a line that is long each is waited for. Where versions alone are wanted the server is not
    /// asked what it is then: the site has `assumed`, what is known of its kind.
    pub fn take(
        connection: &mut Connection,
        dialect: &dyn Dialect,
        profile: Profile,
        assumed: Option<Facts>,
        site: impl Fn(Facts) -> Site,
        options: &HistoryOptions,
    ) -> Result<Self, Error> {
        let mut names = History::tables(options);
        names.push(RUNS_TABLE);
        let exist = CatalogQuery {
            name: "tables of Realign's own",
            sql: dialect.bookkeeping().tables_exist(&names),
            optional: false,
            setting: false,
        };
        if options.only_versions
            && let Some(assumed) = assumed
            && let Ok(answers) = connection.ask(std::slice::from_ref(&exist.sql))?
        {
            let there = answers
                .first()
                .map(|answer| those_there(&names, &answer.rows));
            let site = site(assumed);
            if let Some(found) = Self::own(connection, &site, options, &there.unwrap_or_default())?
            {
                return Ok(found);
            }
        }
        let (facts, answers) = facts_beside(connection, dialect, profile, vec![exist])?;
        let site = site(facts);
        let there = answers.first().map(|answer| those_there(&names, answer));
        let there = there.unwrap_or_default();
        if let Some(found) = Self::own(connection, &site, options, &there)? {
            return Ok(found);
        }
        let history = History::among(connection, &site, options, &there)?;
        Ok(Self {
            rows: history.rows(connection, &site)?,
            last: unfinished(last_run(connection, &site)?),
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
        let mut queries = if options.only_versions {
            vec![versions_query(site, HISTORY_TABLE)]
        } else {
            vec![
                columns_query(site, HISTORY_TABLE),
                executed_query(site, HISTORY_TABLE),
            ]
        };
        let rows_at = queries.len() - 1;
        if there.contains(&RUNS_TABLE) {
            queries.push(last_outcome_query(site));
        }
        // A table of that name may be somebody else's; what to say of it is found out by itself.
        let Ok(answers) = connection.ask(&queries)? else {
            return Ok(None);
        };
        let mut answers = answers.into_iter().map(|answer| answer.rows);
        // A query of its versions names the columns that tell the table.
        if rows_at > 0 {
            let columns = answers.next().unwrap_or_default().columns;
            if layout(&columns, &options.columns) != Some(Layout::Own) {
                return Ok(None);
            }
        }
        let Some(rows) = answers.next() else {
            return Ok(None);
        };
        // Most runs are over, and what they did is not asked for.
        let last = match answers.next() {
            Some(outcome) if !is_over(&outcome) => unfinished(last_run(connection, site)?),
            _ => None,
        };
        Ok(Some(Self {
            site: site.clone(),
            history: History::at(HISTORY_TABLE, Layout::Own, options, true),
            rows: HistoryRows::of_own(rows),
            last,
        }))
    }
}

/// The run when it is one that did not do what it was for.
fn unfinished(run: Option<RunRow>) -> Option<RunRow> {
    run.filter(|run| !run.outcome.is_over())
}
