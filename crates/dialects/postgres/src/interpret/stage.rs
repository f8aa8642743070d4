//! The schema while a script is carried out: what is there, under which names.

use std::collections::{HashMap, HashSet};

use realign_model::{DataType, Database, Ident, ObjectName, Origin, Span, Table};
use realign_planner::{Facts, SchemaScript, ScriptStatement};

use super::Meaning;
use super::choose::Holder;
use crate::facts::{default_schema, since};
use crate::parse::{Cursor, Path, Reading, Trouble};
use crate::render::{catalog_name, live_ident};
use crate::serials::UNLOGGED_SEQUENCES;

/// What a name of a relation names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Relation {
    /// A table.
    Table(usize),
    /// A view.
    View(usize),
    /// A sequence.
    Sequence(usize),
    /// An index of a table.
    Index(usize, usize),
    /// Something that is kept as text.
    Opaque(usize),
    /// Something that no catalogue shows later on: a temporary table.
    Passing,
}

/// The place of the statement.
#[derive(Debug, Clone, Default)]
struct Place {
    path: realign_model::FileName,
    text: String,
    start: usize,
    line: u32,
    column: u32,
}

/// The schema so far.
pub(super) struct Stage {
    pub(super) db: Database,
    /// The schema of names without one, as the catalogue's reader has it.
    default: String,
    path: Vec<String>,
    pub(super) tables: HashMap<String, usize>,
    pub(super) sequences: HashMap<String, usize>,
    /// The two have to be gathered anew.
    pub(super) stale: bool,
    pub(super) names: Option<super::choose::Names>,
    passing: HashSet<String>,
    /// Of those the tables that a query made, and where: what columns they have only the server
    /// knows. They pass when they are dropped again.
    unknown: HashMap<String, Origin>,
    /// The keys of enumerated, composite and other types, and of domains.
    pub(super) types: HashSet<String>,
    /// Tables whose columns others have, or had; none until it is asked.
    pub(super) parents: Option<HashSet<String>>,
    /// Tables that foreign keys refer to, or did; none until it is asked.
    pub(super) referred: Option<HashSet<String>>,
    /// Where the routines of a name stand; none until it is asked.
    pub(super) routines: Option<HashMap<String, Vec<usize>>>,
    /// Tables and names of triggers that are there, or were; none until it is asked.
    pub(super) triggers: Option<HashSet<(ObjectName, ObjectName)>>,
    /// Definitions since a transaction began; none outside of one.
    in_transaction: Option<usize>,
    /// The server has unlogged sequences.
    pub(super) unlogged_sequences: bool,
    place: Place,
}

impl Stage {
    pub(super) fn new(db: Database, facts: &Facts) -> Self {
        let default = default_schema(facts).to_owned();
        let mut stage = Self {
            db,
            path: vec![default.clone()],
            default,
            tables: HashMap::new(),
            sequences: HashMap::new(),
            stale: true,
            names: None,
            passing: HashSet::new(),
            unknown: HashMap::new(),
            parents: None,
            referred: None,
            routines: None,
            triggers: None,
            in_transaction: None,
            unlogged_sequences: since(facts, UNLOGGED_SEQUENCES),
            place: Place::default(),
            types: HashSet::new(),
        };
        stage.gather_types();
        stage
    }

    /// The schema once everything is carried out.
    pub(super) fn finish(mut self, facts: &Facts) -> Database {
        crate::serials::settle(&mut self.db, facts);
        self.db
    }

    // Places.

    /// Says which statement is next.
    pub(super) fn stand_at(&mut self, script: &SchemaScript<'_>, statement: &ScriptStatement) {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        if *self.place.path != *script.path {
            self.place.path = script.path.into();
        }
        self.place.text.clear();
        self.place.text.push_str(&statement.sql);
        self.place.start = statement.span.start;
        self.place.line = number(statement.line);
        self.place.column = number(statement.column);
    }

    /// A place within the statement.
    pub(super) fn origin_at(&self, at: usize) -> Origin {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let text = &self.place.text;
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        let lines = before.matches('\n').count();
        let column = match before.rfind('\n') {
            Some(end) => number(before[end + 1..].chars().count() + 1),
            None => self.place.column + number(before.chars().count()),
        };
        let rest = &text[at..];
        let length = rest
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')'))
            .unwrap_or(rest.len())
            // At least one character, and none behind the end.
            .max(rest.chars().next().map_or(0, char::len_utf8));
        Origin::File {
            path: self.place.path.clone(),
            line: self.place.line + number(lines),
            column,
            span: Span::new(self.place.start + at, self.place.start + at + length),
        }
    }

    /// The place of the statement itself.
    pub(super) fn origin(&self) -> Origin {
        self.origin_at(0)
    }

    // The search path and transactions.

    /// `SET` and `RESET`.
    pub(super) fn set(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let reset = cursor.sees("reset");
        cursor.skip();
        if !cursor.take("session") {
            cursor.take("local");
        }
        if !cursor.take("search_path") {
            return Ok(());
        }
        if reset {
            self.path = vec![self.default.clone()];
            return Ok(());
        }
        if !cursor.take("to") {
            cursor.expect_symbol("=")?;
        }
        if cursor.take("default") {
            self.path = vec![self.default.clone()];
            return Ok(());
        }
        let mut schemas = Vec::new();
        loop {
            schemas.push(match cursor.string() {
                Ok(text) => text,
                Err(_) => cursor.text_name()?,
            });
            if !cursor.take_symbol(",") {
                break;
            }
        }
        self.path = schemas;
        self.path.retain(|s| !s.is_empty() && s != "$user");
        Ok(())
    }

    /// Sets the search path from its text.
    pub(super) fn search(&mut self, text: &str) {
        self.path = text
            .split(',')
            .map(|part| part.trim().trim_matches('"').to_owned())
            .filter(|part| !part.is_empty() && part != "$user")
            .collect();
    }

    pub(super) fn begin(&mut self) {
        self.in_transaction = Some(0);
    }

    pub(super) fn commit(&mut self) {
        self.in_transaction = None;
    }

    /// What was defined in the transaction can't be taken back here.
    pub(super) fn roll_back(&mut self) -> Reading<Meaning> {
        match self.in_transaction.take() {
            Some(changes) if changes > 0 => Err(Trouble::DoesNotFit {
                at: 0,
                what: format!(
                    "the script takes back {changes} definitions, which can't be followed"
                ),
            }),
            _ => Ok(Meaning::Nothing),
        }
    }

    /// Counts a definition.
    pub(super) fn touched(&mut self) {
        if let Some(changes) = &mut self.in_transaction {
            *changes += 1;
        }
    }

    // Names.

    /// Where names without a schema are searched, and made in the first.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &str> {
        self.path
            .iter()
            .map(String::as_str)
            .filter(|s| *s != "pg_catalog")
    }

    fn named(&self, schema: &str, name: &str) -> ObjectName {
        ObjectName::new(
            (schema != self.default).then(|| live_ident(schema)),
            live_ident(name),
        )
    }

    /// The full name of something that is made here.
    pub(super) fn new_name(&self, path: &Path) -> ObjectName {
        let schema = path
            .schema
            .as_deref()
            .or_else(|| self.schemas().next())
            .unwrap_or(&self.default);
        self.named(schema, &path.name)
    }

    /// The same in the schema of something else.
    pub(super) fn beside(owner: &ObjectName, name: &str) -> ObjectName {
        ObjectName::new(owner.schema.clone(), live_ident(name))
    }

    /// Every full name that a written one can mean, the likeliest first.
    pub(super) fn candidates(&self, path: &Path) -> Vec<ObjectName> {
        match &path.schema {
            Some(schema) => vec![self.named(schema, &path.name)],
            None => self.schemas().map(|s| self.named(s, &path.name)).collect(),
        }
    }

    /// A name in the form that all its spellings share.
    pub(super) fn key(&self, name: &ObjectName) -> String {
        match &name.schema {
            Some(schema) if catalog_name(schema) != self.default => {
                format!("{}.{}", catalog_name(schema), catalog_name(&name.name))
            }
            _ => catalog_name(&name.name),
        }
    }

    /// True when two names name one object.
    pub(super) fn same(&self, a: &ObjectName, b: &ObjectName) -> bool {
        self.key(a) == self.key(b)
    }

    /// Remembers a name of something that the catalogue does not show afterwards.
    pub(super) fn push_passing(&mut self, path: &Path) {
        self.passing.insert(path.name.clone());
    }

    /// A relation by one of its full names.
    pub(super) fn relation_named(&mut self, name: &ObjectName) -> Option<Relation> {
        self.refresh();
        let key = self.key(name);
        if let Some(at) = self.tables.get(&key) {
            return Some(Relation::Table(*at));
        }
        if let Some(at) = self.sequences.get(&key) {
            return Some(Relation::Sequence(*at));
        }
        let is_relation = |kind: &str| kind.ends_with("table");
        if let Some(at) =
            (self.db.opaque.iter()).position(|o| is_relation(&o.kind) && self.key(&o.name) == key)
        {
            return Some(Relation::Opaque(at));
        }
        // Most names that are looked up are new ones.
        let holder = self.held_name(&key)?;
        let text = name.name.text.as_str();
        let is = |own: &Option<Ident>| own.as_ref().is_some_and(|n| catalog_name(n) == text);
        if let Holder::Of(table) = holder
            && let Some(table) = self.tables.get(&*table).copied()
        {
            let indexes = self.db.tables[table].indexes.iter();
            let found = indexes.enumerate().find(|(_, index)| is(&index.name));
            if let Some((index, _)) = found {
                return Some(Relation::Index(table, index));
            }
        }
        let mut views = self.db.views.iter();
        if let Some(at) = views.position(|v| v.name.name.text == text && self.key(&v.name) == key) {
            return Some(Relation::View(at));
        }
        self.db.tables.iter().enumerate().find_map(|(table, t)| {
            let found = t
                .indexes
                .iter()
                .position(|index| index.name.as_ref().is_some_and(|n| catalog_name(n) == text))?;
            (self.key(&Self::beside(&t.name, text)) == key).then_some(Relation::Index(table, found))
        })
    }

    /// What a written name names.
    pub(super) fn relation(&mut self, path: &Path) -> Option<Relation> {
        let temporary = path
            .schema
            .as_ref()
            .is_none_or(|schema| schema.starts_with("pg_temp"));
        if temporary && self.passing.contains(&path.name) {
            return Some(Relation::Passing);
        }
        self.candidates(path)
            .into_iter()
            .find_map(|name| self.relation_named(&name))
    }

    /// Takes a temporary name away.
    pub(super) fn drop_passing(&mut self, path: &Path) {
        self.passing.remove(&path.name);
        self.unknown.remove(&path.name);
    }

    /// Remembers a table whose columns come from a query.
    pub(super) fn push_unknown(&mut self, path: &Path) {
        self.push_passing(path);
        let origin = self.origin_at(path.at);
        self.unknown.insert(path.name.clone(), origin);
    }

    /// Gives one of those names up for another.
    pub(super) fn rename_passing(&mut self, path: &Path, to: String) {
        self.passing.remove(&path.name);
        self.passing.insert(to.clone());
        if let Some(origin) = self.unknown.remove(&path.name) {
            self.unknown.insert(to, origin);
        }
    }

    /// The tables made from queries that are still there.
    pub(super) fn unknown(&mut self) -> Vec<(String, Origin)> {
        let mut left: Vec<_> = self.unknown.drain().collect();
        left.sort_by(|(a, _), (b, _)| a.cmp(b));
        left
    }

    /// The table of a written name; none when it passes, or is missing and may be.
    pub(super) fn table(&mut self, path: &Path, if_exists: bool) -> Reading<Option<usize>> {
        match self.relation(path) {
            Some(Relation::Table(at)) => Ok(Some(at)),
            Some(Relation::Passing) => Ok(None),
            None if if_exists => Ok(None),
            None => Err(missing("table", path)),
            Some(_) => Err(Trouble::DoesNotFit {
                at: path.at,
                what: format!("{} is no table", path.render()),
            }),
        }
    }

    /// A type with the schema in which a type of that name is.
    pub(super) fn resolve_type(&self, data_type: DataType) -> DataType {
        match data_type {
            DataType::Array(inner) => DataType::Array(Box::new(self.resolve_type(*inner))),
            DataType::Native(text) => DataType::Native(self.resolve_type_name(&text)),
            other => other,
        }
    }

    fn resolve_type_name(&self, text: &str) -> String {
        let mut cursor = Cursor::new(text);
        let Ok(path) = cursor.path() else {
            return text.to_owned();
        };
        if !cursor.is_done() {
            return text.to_owned();
        }
        if path.schema.is_some() {
            let name = self.new_name(&path);
            return shown(&name);
        }
        for name in self.candidates(&path) {
            let key = self.key(&name);
            if self.types.contains(&key) || self.tables.contains_key(&key) {
                return shown(&name);
            }
        }
        text.to_owned()
    }
}

/// A name of a type as the server prints it.
fn shown(name: &ObjectName) -> String {
    crate::render::live_object(name)
}

/// Something is not there.
pub(super) fn missing(kind: &str, path: &Path) -> Trouble {
    Trouble::DoesNotFit {
        at: path.at,
        what: format!("there is no {kind} {}", path.render()),
    }
}

/// A column of a table.
pub(super) fn column_of(table: &Table, name: &Ident) -> Option<usize> {
    let wanted = catalog_name(name);
    table
        .columns
        .iter()
        .position(|column| catalog_name(&column.name) == wanted)
}
