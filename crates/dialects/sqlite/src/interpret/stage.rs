//! The schema while a script is carried out: what is there, who has which name, and who speaks of
//! whom.
//!
//! A script may be long, and each of its statements speaks of one thing: that is found by its name,
//! and nobody walks through all the others. What goes leaves its place empty until the end, so
//! that the places of the others stay what they are.

use std::collections::{HashMap, HashSet};

use realign_model::{Database, Index, ObjectName, Opaque, Table, Trigger, View};

use super::wide::Wide;
use crate::dependents::names_in;
use crate::lower::fold;

/// What has a name of the list that tables, views and indexes share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// A table.
    Table(usize),
    /// A table of a module.
    Virtual(usize),
    /// A view.
    View(usize),
    /// An index of a table, at this place among its indexes.
    Index(usize, usize),
}

impl Holder {
    /// What it is called.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Table(_) | Self::Virtual(_) => "table",
            Self::View(_) => "view",
            Self::Index(..) => "index",
        }
    }
}

/// What has a text that names others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Text {
    /// A view.
    View(usize),
    /// A trigger.
    Trigger(usize),
}

/// Places that are empty.
#[derive(Debug, Default)]
struct Gone {
    tables: HashSet<usize>,
    opaque: HashSet<usize>,
    views: HashSet<usize>,
    triggers: HashSet<usize>,
    /// How many indexes went from tables that stay.
    indexes: usize,
}

/// Empty places that are not worth a walk.
const FEW_GONE: usize = 64;

/// The schema so far.
#[derive(Debug, Default)]
pub(super) struct Stage {
    /// With empty places.
    pub(super) database: Database,
    gone: Gone,
    /// The columns of tables that have many.
    pub(super) wide: Wide,
    /// Who has a folded name.
    names: HashMap<String, Holder>,
    /// Where a trigger of that folded name stands: triggers have a list of their own.
    triggers: HashMap<String, usize>,
    /// Triggers on what has that folded name, and some that are gone.
    triggers_on: HashMap<String, Vec<usize>>,
    /// Tables with a foreign key to what has that folded name, and some that had one; none until
    /// it is asked.
    referring: Option<HashMap<String, Vec<usize>>>,
    /// Texts with that folded name in them, and some that had it; none until it is asked.
    naming: Option<HashMap<String, Vec<Text>>>,
}

impl Stage {
    /// A schema that is to get about so many more tables.
    pub(super) fn new(mut database: Database, tables: usize) -> Self {
        database.tables.reserve(tables);
        let mut stage = Self {
            database,
            ..Self::default()
        };
        stage.names.reserve(tables);
        stage.number();
        stage
    }

    /// The schema once everything is carried out.
    pub(super) fn finish(mut self) -> Database {
        self.close_up();
        self.database
    }

    /// Notes who has which name.
    fn number(&mut self) {
        self.names.clear();
        self.triggers.clear();
        self.triggers_on.clear();
        self.referring = None;
        self.naming = None;
        let database = &self.database;
        for (at, table) in database.tables.iter().enumerate() {
            for (place, index) in table.indexes.iter().enumerate() {
                if !index.constraint {
                    let holder = Holder::Index(at, place);
                    self.names.insert(fold(index.name_str()), holder);
                }
            }
        }
        for (at, view) in database.views.iter().enumerate() {
            self.names
                .insert(fold(&view.name.name.text), Holder::View(at));
        }
        for (at, opaque) in database.opaque.iter().enumerate() {
            self.names
                .insert(fold(&opaque.name.name.text), Holder::Virtual(at));
        }
        for (at, table) in database.tables.iter().enumerate() {
            self.names
                .insert(fold(&table.name.name.text), Holder::Table(at));
        }
        for (at, trigger) in database.triggers.iter().enumerate() {
            self.triggers.insert(fold(&trigger.name.name.text), at);
            let on = fold(&trigger.table.name.text);
            self.triggers_on.entry(on).or_default().push(at);
        }
    }

    /// Closes the gaps.
    fn close_up(&mut self) {
        self.wide.settle_all(&mut self.database.tables);
        let gone = std::mem::take(&mut self.gone);
        without(&mut self.database.tables, &gone.tables);
        without(&mut self.database.opaque, &gone.opaque);
        without(&mut self.database.views, &gone.views);
        without(&mut self.database.triggers, &gone.triggers);
        if gone.indexes > 0 {
            for table in &mut self.database.tables {
                table.indexes.retain(|index| !index.parts.is_empty());
            }
        }
    }

    /// The same when many places are empty: then all are numbered anew.
    fn close_up_if_many(&mut self) {
        let (gone, database) = (&self.gone, &self.database);
        let empty = gone.tables.len() + gone.views.len() + gone.triggers.len() + gone.opaque.len();
        let all = database.tables.len()
            + database.views.len()
            + database.triggers.len()
            + database.opaque.len();
        if empty > FEW_GONE && empty > all / 2 {
            self.close_up();
            self.number();
        }
    }

    /// Who has that name.
    pub(super) fn holder(&self, name: &str) -> Option<Holder> {
        self.names.get(&fold(name)).copied()
    }

    /// Where the table of that name stands.
    pub(super) fn table_at(&self, name: &str) -> Option<usize> {
        match self.holder(name)? {
            Holder::Table(at) => Some(at),
            Holder::Virtual(_) | Holder::View(_) | Holder::Index(..) => None,
        }
    }

    /// True when a trigger has that name.
    pub(super) fn has_trigger(&self, name: &str) -> bool {
        self.triggers.contains_key(&fold(name))
    }

    /// A table's or view's name as it was declared.
    pub(super) fn spelled(&self, name: &str) -> String {
        let known = match self.holder(name) {
            Some(Holder::Table(at)) => self.database.tables.get(at).map(|t| &t.name),
            Some(Holder::View(at)) => self.database.views.get(at).map(|v| &v.name),
            Some(Holder::Virtual(_) | Holder::Index(..)) | None => None,
        };
        known.map_or(name, |known| &known.name.text).to_owned()
    }

    // What is made.

    pub(super) fn push_table(&mut self, table: Table) {
        let at = self.database.tables.len();
        let name = fold(&table.name.name.text);
        self.names.insert(name, Holder::Table(at));
        self.database.tables.push(table);
        self.note_keys(at, 0);
    }

    /// Notes to whom the foreign keys of a table refer, from one of them on.
    pub(super) fn note_keys(&mut self, at: usize, from: usize) {
        let (Some(referring), Some(table)) =
            (self.referring.as_mut(), self.database.tables.get(at))
        else {
            return;
        };
        for key in table.foreign_keys.iter().skip(from) {
            let target = fold(&key.ref_table.name.text);
            note(referring.entry(target).or_default(), at);
        }
    }

    pub(super) fn push_view(&mut self, view: View) {
        let at = self.database.views.len();
        let name = fold(&view.name.name.text);
        self.names.insert(name, Holder::View(at));
        if let Some(naming) = &mut self.naming {
            note_words(naming, &view.query.text, Text::View(at));
        }
        self.database.views.push(view);
    }

    pub(super) fn push_opaque(&mut self, opaque: Opaque) {
        let at = self.database.opaque.len();
        let name = fold(&opaque.name.name.text);
        self.names.insert(name, Holder::Virtual(at));
        self.database.opaque.push(opaque);
    }

    pub(super) fn push_index(&mut self, at: usize, index: Index) {
        if let Some(table) = self.database.tables.get_mut(at) {
            let holder = Holder::Index(at, table.indexes.len());
            self.names.insert(fold(index.name_str()), holder);
            table.indexes.push(index);
        }
    }

    pub(super) fn push_trigger(&mut self, trigger: Trigger) {
        let at = self.database.triggers.len();
        self.triggers.insert(fold(&trigger.name.name.text), at);
        let on = fold(&trigger.table.name.text);
        self.triggers_on.entry(on).or_default().push(at);
        if let Some(naming) = &mut self.naming {
            note_words(naming, &trigger.source_text.text, Text::Trigger(at));
        }
        self.database.triggers.push(trigger);
    }

    // What goes.

    /// Takes away what has that folded name, and whatever goes with it; false when nothing has.
    pub(super) fn remove(&mut self, kind: &str, folded: &str) -> bool {
        if kind == "TRIGGER" {
            let Some(at) = self.triggers.get(folded).copied() else {
                return false;
            };
            self.remove_trigger(at);
            self.close_up_if_many();
            return true;
        }
        match (kind, self.names.get(folded).copied()) {
            ("TABLE", Some(Holder::Table(at))) => {
                let empty = Table::new(ObjectName::bare(""));
                let gone = self
                    .database
                    .tables
                    .get_mut(at)
                    .map(|table| std::mem::replace(table, empty));
                let indexes = gone.iter().flat_map(|table| &table.indexes);
                for index in indexes.filter(|index| !index.constraint) {
                    self.names.remove(&fold(index.name_str()));
                }
                self.wide.forget(at);
                self.gone.tables.insert(at);
            }
            ("TABLE", Some(Holder::Virtual(at))) => {
                if let Some(opaque) = self.database.opaque.get_mut(at) {
                    opaque.text = String::new();
                }
                self.gone.opaque.insert(at);
            }
            ("VIEW", Some(Holder::View(at))) => {
                if let Some(view) = self.database.views.get_mut(at) {
                    view.query.text = String::new();
                    view.source_text = None;
                }
                self.gone.views.insert(at);
            }
            ("INDEX", Some(Holder::Index(at, place))) => {
                let table = self.database.tables.get_mut(at);
                if let Some(index) = table.and_then(|table| table.indexes.get_mut(place)) {
                    *index = Index::over(None, [], false);
                    self.gone.indexes += 1;
                }
                self.names.remove(folded);
                return true;
            }
            _ => return false,
        }
        self.names.remove(folded);
        for at in self.triggers_on.remove(folded).unwrap_or_default() {
            self.remove_trigger(at);
        }
        self.close_up_if_many();
        true
    }

    fn remove_trigger(&mut self, at: usize) {
        if let Some(trigger) = self.database.triggers.get_mut(at)
            && self.gone.triggers.insert(at)
        {
            trigger.source_text.text = String::new();
            self.triggers.remove(&fold(&trigger.name.name.text));
        }
    }

    // What gets another name.

    /// Gives a table's name, or a table of a module's, to another one.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        if let Some(holder) = self.names.remove(&fold(from)) {
            self.names.insert(fold(to), holder);
        }
    }

    /// The tables that may have a foreign key to that name.
    pub(super) fn referring_to(&mut self, name: &str) -> Vec<usize> {
        if self.referring.is_none() {
            self.referring = Some(HashMap::new());
            for at in 0..self.database.tables.len() {
                self.note_keys(at, 0);
            }
        }
        let referring = self.referring.as_ref();
        let found = referring.and_then(|all| all.get(&fold(name)));
        found.cloned().unwrap_or_default()
    }

    /// Those who referred to a name refer to another from now on.
    pub(super) fn refer_to(&mut self, from: &str, to: &str) {
        if let Some(referring) = &mut self.referring {
            let moved = referring.remove(&fold(from)).unwrap_or_default();
            referring.entry(fold(to)).or_default().extend(moved);
        }
    }

    /// The triggers that are on what has that name.
    pub(super) fn triggers_on(&self, name: &str) -> Vec<usize> {
        let all = self.triggers_on.get(&fold(name)).into_iter().flatten();
        let held = all.filter(|at| !self.gone.triggers.contains(at));
        held.copied().collect()
    }

    /// The triggers of a name are on another from now on.
    pub(super) fn move_triggers(&mut self, from: &str, to: &str) {
        let moved = self.triggers_on(from);
        self.triggers_on.remove(&fold(from));
        if !moved.is_empty() {
            self.triggers_on.insert(fold(to), moved);
        }
    }

    /// The texts that may have all of these names in them.
    pub(super) fn naming_all(&mut self, names: &[&str]) -> Vec<Text> {
        let naming = self.naming.get_or_insert_with(|| {
            let mut naming = HashMap::new();
            for (at, view) in self.database.views.iter().enumerate() {
                note_words(&mut naming, &view.query.text, Text::View(at));
            }
            for (at, trigger) in self.database.triggers.iter().enumerate() {
                note_words(&mut naming, &trigger.source_text.text, Text::Trigger(at));
            }
            naming
        });
        let lists = names.iter().map(|name| naming.get(&fold(name)));
        let lists: Option<Vec<&Vec<Text>>> = lists.collect();
        let shortest = lists.and_then(|lists| lists.into_iter().min_by_key(|list| list.len()));
        shortest.cloned().unwrap_or_default()
    }

    /// A text has a name in it from now on.
    pub(super) fn names_now(&mut self, text: Text, name: &str) {
        if let Some(naming) = &mut self.naming {
            note(naming.entry(fold(name)).or_default(), text);
        }
    }

    /// No text has that name in it any more.
    pub(super) fn unnamed(&mut self, name: &str) {
        if let Some(naming) = &mut self.naming {
            naming.remove(&fold(name));
        }
    }
}

/// Adds what is not the last already.
fn note<T: PartialEq>(list: &mut Vec<T>, found: T) {
    if list.last() != Some(&found) {
        list.push(found);
    }
}

fn note_words(naming: &mut HashMap<String, Vec<Text>>, sql: &str, text: Text) {
    for name in names_in(sql) {
        note(naming.entry(name).or_default(), text);
    }
}

/// A list without what stands at these places.
fn without<T>(list: &mut Vec<T>, gone: &HashSet<usize>) {
    if !gone.is_empty() {
        let mut at = 0;
        list.retain(|_| {
            at += 1;
            !gone.contains(&(at - 1))
        });
    }
}
