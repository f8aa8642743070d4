//! From what differs to what would be sent.

use std::collections::{BTreeMap, HashSet};

use realign_model::{Database, Fingerprint};

use crate::impossible::{impossible, impossible_anew};
use crate::pairs::{unpaired, unpaired_anew};
use crate::uses;
use crate::{
    Change, Dialect, Diff, Facts, Lowering, NameKind, Namespacing, PLAN_FORMAT, Phase, Plan,
    Policy, Step, TableItem, TableSize, name_collisions,
};

/// Orders the steps of a diff into a plan.
///
/// Steps are sorted by their phase and keep the dialect's order within one. A removal
/// waits until everything new is there, unless it holds a name that something new needs.
pub fn plan(
    diff: &Diff,
    is: &Database,
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
    sizes: &BTreeMap<String, TableSize>,
    policy: &Policy,
) -> Plan {
    let mut plan = printed_changes(diff, is, wish, dialect, facts, sizes);
    plan.before = Fingerprint::of(is);
    plan.after = wish.clone();
    plan.policy = policy.clone();
    plan.refusals = name_collisions(wish, dialect, facts);
    plan.refusals
        .extend(impossible(&diff.changes, (is, wish), dialect, facts));
    plan.refusals
        .extend(unpaired(&diff.changes, (is, wish), dialect, facts));
    plan.refusals.extend(diff.errors.iter().cloned());
    plan
}

/// The same where the statements are only printed: the plan holds neither the schemas nor a word
/// on what the engine would refuse.
pub fn printed_changes(
    diff: &Diff,
    is: &Database,
    wish: &Database,
    dialect: &dyn Dialect,
    facts: &Facts,
    sizes: &BTreeMap<String, TableSize>,
) -> Plan {
    let lowering = Lowering {
        is,
        wish,
        facts,
        sizes,
    };
    let mut steps = dialect.lower(&diff.changes, &lowering);
    drop_first_what_is_in_the_way(&mut steps, &diff.changes, dialect, facts);
    steps.sort_by_key(|step| step.phase);
    uses::order(&mut steps, is, wish, dialect, facts);
    enclose(steps, dialect, facts)
}

/// The plan that makes a declared schema in an empty database.
pub fn create_plan(wish: &Database, dialect: &dyn Dialect, facts: &Facts) -> Plan {
    let mut plan = printed_plan(wish, dialect, facts);
    plan.after = wish.clone();
    plan.refusals = name_collisions(wish, dialect, facts);
    plan.refusals.extend(impossible_anew(wish, dialect, facts));
    plan.refusals.extend(unpaired_anew(wish, dialect, facts));
    plan
}

/// The same for a schema that is only printed: the plan holds its statements, and neither a copy
/// of the schema nor a word on what the engine would refuse.
pub fn printed_plan(wish: &Database, dialect: &dyn Dialect, facts: &Facts) -> Plan {
    let mut steps = dialect.create(wish, facts);
    uses::order(&mut steps, &Database::default(), wish, dialect, facts);
    enclose(steps, dialect, facts)
}

/// The plan that removes these objects of a live database.
pub fn drop_plan(objects: &Database, is: &Database, dialect: &dyn Dialect, facts: &Facts) -> Plan {
    let mut steps = dialect.drop(objects, facts);
    uses::order(&mut steps, is, &Database::default(), dialect, facts);
    let mut plan = enclose(steps, dialect, facts);
    plan.before = Fingerprint::of(is);
    plan
}

/// Puts the session's statements around steps; nothing around nothing.
fn enclose(steps: Vec<Step>, dialect: &dyn Dialect, facts: &Facts) -> Plan {
    let envelope = if steps.is_empty() {
        crate::Envelope::default()
    } else {
        dialect.envelope(&steps, facts)
    };
    Plan {
        format: PLAN_FORMAT,
        facts: facts.clone(),
        before: Fingerprint::of(&Database::default()),
        after: Database::default(),
        policy: Policy::default(),
        opening: envelope.opening,
        steps,
        closing: envelope.closing,
        abort: envelope.abort,
        atomic: envelope.atomic,
        refusals: Vec::new(),
    }
}

/// Brings the removal of a table forward when one of its names is needed by something new.
fn drop_first_what_is_in_the_way(
    steps: &mut [Step],
    changes: &[Change],
    dialect: &dyn Dialect,
    facts: &Facts,
) {
    let compare = dialect.compare();
    let index_wide = compare.index_names(facts) != Namespacing::Table;
    let key_wide = compare.foreign_key_names(facts) != Namespacing::Table;
    let mut needed: HashSet<String> = HashSet::new();
    let mut need_index = |name: &str| {
        if index_wide && !name.is_empty() {
            needed.insert(format!("i{}", compare.fold(NameKind::Index, name, facts)));
        }
    };
    // What a view is to be called.
    let mut needed_tables: HashSet<String> = HashSet::new();
    let mut needed_keys: HashSet<String> = HashSet::new();
    let mut need_key = |name: &str| {
        if key_wide && !name.is_empty() {
            needed_keys.insert(format!(
                "k{}",
                compare.fold(NameKind::Constraint, name, facts)
            ));
        }
    };
    for change in changes {
        match change {
            Change::CreateTable(table) => {
                table.indexes.iter().for_each(|i| need_index(i.name_str()));
                table
                    .foreign_keys
                    .iter()
                    .for_each(|k| need_key(k.name_str()));
            }
            Change::AlterTable(change) => {
                for item in &change.items {
                    match item {
                        TableItem::AddIndex(index) => need_index(index.name_str()),
                        TableItem::RenameIndex { wish, .. }
                        | TableItem::ReplaceIndex { wish, .. } => {
                            need_index(wish.name_str());
                        }
                        TableItem::AddForeignKey(key) => need_key(key.name_str()),
                        TableItem::ReplaceForeignKey { wish, .. } => need_key(wish.name_str()),
                        _ => {}
                    }
                }
            }
            Change::CreateView(view) => {
                let name = view.name.to_string();
                needed_tables.insert(compare.fold(NameKind::Table, &name, facts));
            }
            _ => {}
        }
    }
    let in_the_way: HashSet<String> = changes
        .iter()
        .filter_map(|change| match change {
            Change::DropTable(table)
                if needed_tables.contains(&compare.fold(
                    NameKind::Table,
                    &table.name.to_string(),
                    facts,
                )) || table.indexes.iter().any(|i| {
                    needed.contains(&format!(
                        "i{}",
                        compare.fold(NameKind::Index, i.name_str(), facts)
                    ))
                }) || table.foreign_keys.iter().any(|k| {
                    needed_keys.contains(&format!(
                        "k{}",
                        compare.fold(NameKind::Constraint, k.name_str(), facts)
                    ))
                }) =>
            {
                Some(table.name.to_string())
            }
            _ => None,
        })
        .collect();
    for step in steps.iter_mut() {
        if step.phase == Phase::Drop && in_the_way.contains(&step.object) {
            step.phase = Phase::DropFirst;
        }
    }
}
