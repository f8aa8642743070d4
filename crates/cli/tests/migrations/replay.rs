//! The replay of a scenario on one engine.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use realign_testkit::Live;

use crate::compare;
use crate::differences::{self, Facet, Then};
use crate::generated;
use crate::scenario::{self, Scenario, Step};
use crate::world::{Engine, Ran, World};

/// Replays the scenario; every difference has to be one that is declared, and every declared one
/// has to be there.
pub(crate) fn replay<D: Live>(engine: &Engine, make: impl Fn() -> D) {
    let Some(root) = scenario::root() else {
        println!("no corpus: the recorded runs are not replayed");
        return;
    };
    let scenario = Scenario::read(&root);
    let mut world = World::new(engine, &scenario, &root, make());
    let (mut agreeing, mut differing) = (0, 0);
    let mut rows: BTreeSet<&str> = BTreeSet::new();
    let mut failures = String::new();
    let mut seen = BTreeSet::new();
    for step in scenario.steps() {
        if step
            .engines
            .as_ref()
            .is_some_and(|only| !only.iter().any(|e| e == engine.name))
        {
            continue;
        }
        seen.insert(step.id.clone());
        if step.reset {
            world.database = make();
        }
        match world.step(&step) {
            Verdict::Agrees => agreeing += 1,
            Verdict::Differs(row) => {
                differing += 1;
                rows.extend(row);
            }
            Verdict::Wrong(text) => {
                let _ = writeln!(failures, "{:03}-{}\n{text}", step.number, step.id);
            }
        }
    }
    for (_, id) in differences::steps().filter(|(on, _)| *on == engine.name) {
        assert!(seen.contains(id), "no step {id} on {}", engine.name);
    }
    let count = seen.len();
    println!(
        "{}: {count} steps, {agreeing} agree, {differing} differ on purpose by {} rows: {}",
        engine.name,
        rows.len(),
        rows.iter().copied().collect::<Vec<_>>().join(", ")
    );
    assert!(failures.is_empty(), "{}\n{failures}", engine.name);
    assert_eq!(count, agreeing + differing);
}

enum Verdict {
    Agrees,
    Differs(&'static [&'static str]),
    Wrong(String),
}

impl<D: Live> World<'_, D> {
    fn step(&mut self, step: &Step) -> Verdict {
        self.arrange(step);
        let ran = self.run(&step.words, step.stdin.as_deref());
        let declared = differences::of(&step.id, self.engine.name);
        let facets = self.facets(step, &ran, true);
        let Some(difference) = declared else {
            if facets.is_empty() {
                return Verdict::Agrees;
            }
            return Verdict::Wrong(told(&facets, &ran));
        };
        let found: BTreeSet<Facet> = facets.iter().map(|(facet, _)| *facet).collect();
        let expected: BTreeSet<Facet> = difference.facets.iter().copied().collect();
        if found != expected {
            return Verdict::Wrong(format!(
                "    declared to differ in {expected:?} by {:?}, differs in {found:?}\n{}",
                difference.rows,
                told(&facets, &ran)
            ));
        }
        match self.then(step, difference.then) {
            Some(wrong) => Verdict::Wrong(wrong),
            None => Verdict::Differs(difference.rows),
        }
    }

    /// What leads to the recorded state in our way, or keeps the two side by side.
    fn then(&mut self, step: &Step, then: Then) -> Option<String> {
        match then {
            Then::Nothing => None,
            Then::Quietly(line) => {
                let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
                let ran = self.run(&words, None);
                self.before = self.now();
                (ran.code != 0)
                    .then(|| format!("    then `{line}` ended with {}\n{}", ran.code, ran.err))
            }
            Then::Instead(line) => {
                let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
                let ran = self.run(&words, None);
                let facets = self.facets(step, &ran, false);
                (!facets.is_empty())
                    .then(|| format!("    instead `{line}`\n{}", told(&facets, &ran)))
            }
        }
    }

    /// What differs from the recording of a step. `advance` takes the recorded state over.
    fn facets(&mut self, step: &Step, ran: &Ran, advance: bool) -> Vec<(Facet, String)> {
        let folder = self.recording(step);
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let mut found = Vec::new();
        let code: i32 = read("exit.txt")
            .and_then(|text| text.trim().parse().ok())
            .expect("an exit code");
        if ran.code != code {
            found.push((
                Facet::Exit,
                format!("        ours {}, theirs {code}", ran.code),
            ));
        }
        let here = self.folder.path().display().to_string();
        let ours = compare::ours(&ran.out, &here, &self.database_name());
        let theirs = compare::theirs(&read("stdout.txt").unwrap_or_default());
        if ours != theirs {
            found.push((Facet::Out, compare::first_difference(&ours, &theirs)));
        }
        let recorded_before = self.recorded.clone();
        if advance {
            self.recorded.recorded(
                read("history.sql").as_deref(),
                read("tables.txt").as_deref(),
            );
        }
        let now = self.now();
        // A difference that stood before and that neither side has touched is not this step's.
        let inherited = advance && now == self.before && self.recorded == recorded_before;
        if !inherited {
            if !now.same_rows(&self.recorded) {
                found.push((
                    Facet::History,
                    format!(
                        "        ours   {:?} {:?}\n        theirs {:?} {:?}",
                        now.history, now.rows, self.recorded.history, self.recorded.rows
                    ),
                ));
            }
            if now.tables != self.recorded.tables {
                found.push((
                    Facet::Tables,
                    format!(
                        "        ours   {:?}\n        theirs {:?}",
                        now.tables, self.recorded.tables
                    ),
                ));
            }
        }
        self.before = now;
        if advance {
            self.files_of(&folder, &here, &mut found);
        }
        found
    }

    /// Files that were written, and migrations that were generated.
    fn files_of(&self, recording: &Path, here: &str, found: &mut Vec<(Facet, String)>) {
        for entry in fs::read_dir(recording).expect("a recording").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let text = fs::read_to_string(entry.path()).expect("text");
            if let Some(file) = name.strip_prefix("written-") {
                let stem = file.split("YYYY").next().unwrap_or_default();
                let ours = self
                    .written(stem)
                    .map(|text| compare::ours(&text, here, &self.database_name()));
                if ours.as_deref().map(str::trim_end) != Some(compare::theirs(&text).trim_end()) {
                    let ours = ours.unwrap_or_default();
                    found.push((Facet::File, compare::first_difference(&ours, &text)));
                }
            } else if name.starts_with("generated-") {
                let ours = generated::ours(self.folder.path());
                let theirs = generated::theirs(&text);
                if ours.as_ref() != Some(&theirs) {
                    found.push((
                        Facet::Generated,
                        format!("        ours   {ours:?}\n        theirs {theirs:?}"),
                    ));
                }
            }
        }
    }
}

fn told(facets: &[(Facet, String)], ran: &Ran) -> String {
    let mut text = String::new();
    for (facet, what) in facets {
        let _ = writeln!(text, "    {facet:?}\n{what}");
    }
    if !ran.err.is_empty() {
        let _ = writeln!(
            text,
            "    stderr: {}",
            ran.err.lines().take(4).collect::<Vec<_>>().join(" / ")
        );
    }
    text
}
