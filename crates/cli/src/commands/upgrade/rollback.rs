//! `realign upgrade rollback`: back to a release of the last upgrade.

use realign::runtime::kernel::Owner;
use realign::runtime::upgrade::{Crew as _, Outcome, State, Store, retreat, version};
use realign::runtime::{Error, ErrorKind};

use super::crew::Database;
use super::outfit::Outfit;
use super::report;
use super::run as running;
use super::tree::Tree;
use crate::args::RollbackArgs;
use crate::commands::locked;
use crate::exit::{self, Exit};
use crate::report::Out;
use crate::report::style::{STRONG, paint};
use crate::settings::Settings;

const COMMAND: &str = "upgrade rollback";

/// Goes back.
pub(super) fn run(args: &RollbackArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let stop = locked::stop()?;
    let mut outfit = Outfit::read(settings, stop)?;
    let store: Store = outfit.store.clone();
    let _held = store.hold(&Owner::this("realign upgrade rollback", &running::now()))?;
    let mut state = running::known(&store, settings)?.ok_or_else(|| {
        Error::new(ErrorKind::Failed, "there is no upgrade to go back from")
            .with_help("`realign backup list` shows the backups that there are")
    })?;
    let stay = boundary(&state, args.to.as_deref())?;
    outfit.ground.maintenance =
        super::outfit::closed(settings, state.maintenance.as_ref(), &outfit.ground)?;
    state.taken_over("realign upgrade rollback");
    let mut crew = Database::new(
        settings,
        outfit.ground.stop.clone(),
        settings.backup.folder.clone(),
        running::consent(&state),
        true,
    );
    let backup = match &state.retreat {
        // Nothing of the database is put back any more, or goes for it.
        Some(begun) if !begun.done && begun.stay == stay && begun.settled => None,
        Some(begun) if !begun.done && begun.stay == stay => begun.backup.clone(),
        _ => state.backup_of(stay)?.cloned(),
    };
    let release = state.boundary_release(stay).tag.clone();
    if let Some(made) = &backup
        && !args.into_same
    {
        let moved = crew.moved(&made.file)?;
        let mut error = Error::new(
            ErrorKind::Refused,
            format!(
                "going back to {release} puts the database back as it is in {}",
                made.file.display()
            ),
        );
        if moved.tables.is_empty() {
            error = error.with_note("no table has other rows than then");
        }
        for line in &moved.tables {
            error = error.with_note(line.clone());
        }
        return Err(error
            .with_note("nothing was changed")
            .with_help(format!(
                "what was written since is lost with it; if it may be: realign upgrade rollback{} --into-same",
                args.to.as_ref().map_or_else(String::new, |to| format!(" --to {to}"))
            ))
            .into());
    }
    out.chatter(&format!(
        "{}   back to {}",
        paint(STRONG, &super::plan::line(&state.from, &state.hops)),
        paint(STRONG, &release)
    ))?;
    running::left_behind(&state, &store, out)?;
    let mut tree = Tree::new(out, settings.output.interactive, outfit.ground.stop.clone());
    let ended = retreat(
        &mut state,
        stay,
        &outfit.ground,
        &store,
        &mut crew,
        &mut tree,
    );
    match ended {
        Ok(()) => {
            let path = report::write(&store, &state, Exit::Done.code())?;
            out.text(&format!(
                "Back at {release}. The report: {}",
                path.display()
            ))?;
            out.json(&report::document(COMMAND, &state, false, Exit::Done.code()))?;
            Ok(Exit::Done)
        }
        Err(error) => {
            let error = anyhow::Error::from(error);
            let exit = Exit::of(&error);
            if out.is_json() {
                out.json(&report::document(COMMAND, &state, false, exit.code()))?;
                return Ok(exit);
            }
            Err(error)
        }
    }
}

/// How many releases of the way stay.
fn boundary(state: &State, to: Option<&str>) -> anyhow::Result<usize> {
    if let Some(retreat) = state.retreat.as_ref().filter(|retreat| !retreat.done)
        && to.is_none()
    {
        return Ok(retreat.stay);
    }
    let Some(to) = to else {
        let reached = state.boundary();
        return match (state.outcome, reached) {
            (Outcome::Done, reached) => Ok(reached.saturating_sub(1)),
            (Outcome::RolledBack, 0) => Err(exit::usage(
                format!(
                    "{} is where the upgrade began: it is back there already",
                    state.from
                ),
                "`realign upgrade status` shows the last upgrade",
            )),
            (Outcome::RolledBack, reached) => Ok(reached - 1),
            // Only what comes after the last release is left: back is to the one before.
            (Outcome::Running | Outcome::Failed | Outcome::Stopped, reached) => {
                Ok(reached.min(state.hops.len().saturating_sub(1)))
            }
        };
    };
    let meant = version(to);
    let names: Vec<String> = (0..=state.hops.len())
        .map(|at| state.boundary_release(at).tag.clone())
        .collect();
    let found = (0..state.hops.len()).find(|at| {
        let release = state.boundary_release(*at);
        release.tag == to || Some(&release.version) == meant.as_ref()
    });
    found.filter(|at| *at <= state.boundary()).ok_or_else(|| {
        exit::usage(
            format!("the last upgrade has no boundary at `{to}` to go back to"),
            format!("it went {}", names.join(" -> ")),
        )
    })
}
