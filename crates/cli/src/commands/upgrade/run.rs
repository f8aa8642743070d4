//! `realign upgrade run` and `resume`.

use std::fmt::Write as _;

use realign::runtime::kernel::Owner;
use realign::runtime::upgrade::{
    Answers, Moment, State, Status, Stopped, Store, Turn, Work, drive, entries,
};
use realign::runtime::{Consent, Error, ErrorKind, Stop};

use super::crew::Database;
use super::outfit::Outfit;
use super::plan::{self, Way, in_the_way};
use super::report;
use super::tree::Tree;
use crate::args::{Allow, Mend, ResumeArgs, UpgradeRunArgs};
use crate::commands::locked;
use crate::commands::schema::context;
use crate::exit::Exit;
use crate::report::Out;
use crate::report::style::{STRONG, count, paint};
use crate::settings::Settings;

/// How long a fetch may take.
const FETCH: std::time::Duration = std::time::Duration::from_mins(15);

/// Goes the whole way.
pub(super) fn run(args: &UpgradeRunArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let stop = locked::stop()?;
    let outfit = Outfit::read(settings, stop.clone())?;
    let now = now();
    let store = outfit.store.clone();
    if store.folder().starts_with(outfit.ground.root()) {
        return Err(super::obstacles::inside(&outfit).into());
    }
    let _held = store.hold(&Owner::this("realign upgrade run", &now))?;
    if let Some(state) = store.last()?.filter(State::is_unfinished) {
        return Err(unfinished(&state).into());
    }
    fetch(&outfit, settings, &stop, out)?;
    let outfit = Outfit::read(settings, stop)?;
    let mut way = Way::look(outfit, &args.way, settings)?;
    if way.hops.is_empty() {
        out.text(&format!(
            "{} is {}: there is no newer release to go to.",
            way.stand.current, way.stand.place
        ))?;
        return Ok(Exit::Done);
    }
    if !way.obstacles.is_empty() {
        return refuse(&way, out);
    }
    let git = &way.outfit.ground.git;
    let mut state = State::new(
        id(&store),
        git.root().to_owned(),
        way.outfit.recipe.name.clone(),
        way.stand.current.clone(),
        git.head()?,
    );
    state.begun.clone_from(&now);
    state.maintenance.clone_from(&way.outfit.recipe.maintenance);
    state.configuration.clone_from(&settings.upgrade.text);
    state.hops = std::mem::take(&mut way.hops);
    state.entries = std::mem::take(&mut way.entries);
    state.was_down = way
        .outfit
        .ground
        .maintenance
        .as_ref()
        .and_then(realign::runtime::maintenance::Maintenance::is_on)
        .unwrap_or(false);
    state.allowed = args.way.allow.iter().map(|kind| word(*kind)).collect();
    state.no_quarantine = args.way.no_quarantine;
    state.acknowledged = acknowledged(&args.ack, args.ack_all);
    let title = format!(
        "{}   {}",
        paint(STRONG, &plan::line(&state.from, &state.hops)),
        count(state.hops.len(), "release")
    );
    go(
        &mut state,
        &way.outfit,
        settings,
        out,
        &title,
        None,
        "upgrade run",
    )
}

/// Goes on where it stopped.
pub(super) fn resume(args: &ResumeArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let stop = locked::stop()?;
    let mut outfit = Outfit::read(settings, stop)?;
    let store = outfit.store.clone();
    let _held = store.hold(&Owner::this("realign upgrade resume", &now()))?;
    let mut state = known(&store, settings)?.ok_or_else(|| {
        Error::new(ErrorKind::Failed, "there is no upgrade to go on with")
            .with_help("`realign upgrade plan` shows where one could go")
    })?;
    if let Some(retreat) = state.retreat.as_ref().filter(|retreat| !retreat.done) {
        return Err(Error::new(
            ErrorKind::Failed,
            format!(
                "the upgrade is on its way back to {}",
                state.boundary_release(retreat.stay)
            ),
        )
        .with_help("go on with that: realign upgrade rollback --into-same")
        .into());
    }
    if !state.is_unfinished() {
        out.text(&format!(
            "The upgrade from {} to {} is {}: there is nothing to go on with.",
            state.from,
            state.target(),
            state.outcome.word()
        ))?;
        return Ok(Exit::Done);
    }
    if args.reread {
        reread(&mut state, &outfit)?;
        state.configuration.clone_from(&settings.upgrade.text);
    }
    // As it was when the upgrade began, whatever the releases brought along since.
    outfit.ground.maintenance =
        super::outfit::closed(settings, state.maintenance.as_ref(), &outfit.ground)?;
    for kind in &args.allow {
        let kind = word(*kind);
        if !state.allowed.contains(&kind) {
            state.allowed.push(kind);
        }
    }
    state.no_quarantine |= args.no_quarantine;
    state
        .acknowledged
        .extend(acknowledged(&args.ack, args.ack_all));
    let title = format!(
        "{}   going on at {}",
        paint(STRONG, &plan::line(&state.from, &state.hops)),
        state.next().map_or("its end", |entry| entry.key.as_str())
    );
    go(
        &mut state,
        &outfit,
        settings,
        out,
        &title,
        args.mend,
        "upgrade resume",
    )
}

fn go(
    state: &mut State,
    outfit: &Outfit,
    settings: &Settings,
    out: Out,
    title: &str,
    mend: Option<Mend>,
    command: &'static str,
) -> anyhow::Result<Exit> {
    state.taken_over(&format!("realign {command}"));
    out.chatter(title)?;
    left_behind(state, &outfit.store, out)?;
    let answers = Answers {
        settle: settings.settle,
        acknowledged: state.acknowledged.clone(),
        acknowledge_all: state.acknowledged.iter().any(|key| key == "*"),
    };
    let store = &outfit.store;
    let mut crew = Database::new(
        settings,
        outfit.ground.stop.clone(),
        settings.backup.folder.clone(),
        consent(state),
        outfit.ground.maintenance.is_some() && is_closed(state),
    );
    let mut tree = Tree::new(out, settings.output.interactive, outfit.ground.stop.clone());
    let mended = match mend {
        Some(mend) => super::mend::mend(mend, state, settings, &mut crew, &mut tree),
        None => Ok(()),
    };
    let ended = match mended {
        Ok(()) => drive(state, &outfit.ground, store, &mut crew, &mut tree, &answers),
        Err(error) => Err(Stopped::from(error)),
    };
    match ended {
        Ok(()) => {
            let path = report::write(store, state, Exit::Done.code())?;
            out.text(&format!(
                "{} is reached. The report: {}",
                state.target(),
                path.display()
            ))?;
            out.json(&report::document(command, state, false, Exit::Done.code()))?;
            Ok(Exit::Done)
        }
        Err(stopped) => {
            let error = anyhow::Error::from(stopped.explained(state));
            let exit = Exit::of(&error);
            // What stopped it matters more than its report.
            let _ = report::write(store, state, exit.code());
            if out.is_json() {
                out.json(&report::document(command, state, false, exit.code()))?;
                return Ok(exit);
            }
            Err(error)
        }
    }
}

/// Ends what a killed run has left at work, and tells of it.
pub(super) fn left_behind(state: &State, store: &Store, out: Out) -> anyhow::Result<()> {
    for ended in store.end_left_behind(state)? {
        out.notice(&format!(
            "The run before was killed, and {ended} of it was still at work: it has been ended"
        ))?;
    }
    Ok(())
}

fn refuse(way: &Way, out: Out) -> anyhow::Result<Exit> {
    let first = anyhow::Error::from(Error::new(way.obstacles[0].kind, String::new()));
    let exit = if way.obstacles.len() == 1 {
        Exit::of(&first)
    } else {
        Exit::Failed
    };
    out.text(&in_the_way(way))?;
    out.json(&plan::document(way, exit))?;
    Ok(exit)
}

/// The last upgrade: from the folder of the journal, else from the database's own copy.
pub(super) fn known(store: &Store, settings: &Settings) -> anyhow::Result<Option<State>> {
    if let Some(state) = store.last()? {
        return Ok(Some(state));
    }
    let target = settings.target()?;
    if realign::engine(&target)?.is_absent(&target) {
        return Ok(None);
    }
    let mut live = context::Live::configured(settings)?;
    let facts = live.facts(settings)?;
    let site = live.site(&facts);
    Ok(realign::runtime::upgrade::copy(
        &mut live.connection,
        &site,
    )?)
}

/// Steps that are not behind, as the recipe says them now.
fn reread(state: &mut State, outfit: &Outfit) -> anyhow::Result<()> {
    let mut now = entries(&outfit.recipe, &state.from, &state.hops, &outfit.ground.git)?;
    for entry in &mut now {
        let before = state.entries.iter().find(|known| known.key == entry.key);
        if let Some(before) = before {
            let step = entry.step.clone();
            entry.clone_from(before);
            if before.status != Status::Done {
                entry.step = step;
            }
        }
    }
    state.entries = now;
    state.maintenance.clone_from(&outfit.recipe.maintenance);
    Ok(())
}

/// The refusal to begin while another is unfinished.
pub(super) fn unfinished(state: &State) -> Error {
    let error = Error::new(
        ErrorKind::Failed,
        format!(
            "the upgrade from {} to {} of {} UTC did not come to its end",
            state.from,
            state.target(),
            state.begun
        ),
    );
    let error = match state.next() {
        Some(entry) => error.with_note(format!("it stands at {}", entry.key)),
        None => error,
    };
    let mut help = "the ways on, in this order:".to_owned();
    for rung in realign::runtime::upgrade::ladder(state) {
        // Writing into a String cannot fail.
        let _ = write!(help, "\n  {:<42}  {}", rung.command, rung.what);
    }
    error.with_help(help)
}

fn fetch(outfit: &Outfit, settings: &Settings, stop: &Stop, out: Out) -> anyhow::Result<()> {
    let git = &outfit.ground.git;
    let wanted = settings.upgrade.fetch;
    if wanted == Some(false) {
        return Ok(());
    }
    let remotes = git.remotes()?;
    let remote = remotes
        .iter()
        .find(|name| *name == "origin")
        .or_else(|| remotes.first());
    let Some(remote) = remote else {
        return match wanted {
            Some(true) => Err(Error::new(
                ErrorKind::Usage,
                format!("{} has no remote to fetch from", git.root().display()),
            )
            .with_help("`git remote add origin URL`, or [upgrade] fetch = false")
            .into()),
            _ => Ok(()),
        };
    };
    out.notice(&format!("Fetching from {remote}"))?;
    match git.fetch(remote, Some(FETCH), stop, &mut |_, _| {}) {
        Ok(_) => Ok(()),
        Err(error) if matches!(error.kind, ErrorKind::Stopped(_)) || wanted == Some(true) => {
            Err(error.into())
        }
        Err(error) => {
            // What is there already may be all that is needed.
            let why = error.notes.last().cloned().unwrap_or(error.message);
            out.notice(&format!(
                "warning: {remote} can't be fetched from ({why}); going on with the tags that are there"
            ))
        }
    }
}

/// When it began, and one more where that is taken already.
fn id(store: &Store) -> String {
    let first = stamp();
    let taken = |id: &str| {
        store.folder().join("logs").join(id).exists()
            || store
                .last()
                .ok()
                .flatten()
                .is_some_and(|state| state.id == id)
    };
    if !taken(&first) {
        return first;
    }
    (2..1000)
        .map(|number| format!("{first}-{number}"))
        .find(|id| !taken(id))
        .unwrap_or(first)
}

fn stamp() -> String {
    now().replace(['-', ':'], "").replace(' ', "-")
}

pub(super) fn now() -> String {
    realign::runtime::upgrade::now()
}

fn acknowledged(keys: &[String], all: bool) -> Vec<String> {
    let mut keys = keys.to_vec();
    if all {
        keys.push("*".to_owned());
    }
    keys
}

pub(super) fn word(kind: Allow) -> String {
    match kind {
        Allow::Locking => "locking",
        Allow::Rewriting => "rewriting",
        Allow::Breaking => "breaking",
        Allow::Destructive => "destructive",
    }
    .to_owned()
}

/// What was agreed to by name, when it began and since.
pub(super) fn consent(state: &State) -> Consent {
    let allowed: Vec<Allow> = [
        Allow::Locking,
        Allow::Rewriting,
        Allow::Breaking,
        Allow::Destructive,
    ]
    .into_iter()
    .filter(|kind| state.allowed.contains(&word(*kind)))
    .collect();
    context::consent(&allowed, state.no_quarantine)
}

/// True when visitors are kept out from the start.
pub(super) fn is_closed(state: &State) -> bool {
    state.entries.iter().any(|entry| {
        matches!(entry.step.work, Work::Maintenance { turn: Turn::On })
            && entry.step.common.at != Moment::End
    })
}

/// Where the reports of an upgrade lie.
pub(super) fn report_path(store: &Store, state: &State) -> std::path::PathBuf {
    let name = format!("{}.md", state.id);
    store.folder().join("reports").join(name)
}
