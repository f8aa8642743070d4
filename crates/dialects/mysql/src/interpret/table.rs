//! Whole tables: made, altered, renamed, dropped.

use realign_model::{DatabaseOptions, Ident, IndexTarget, ObjectName, Opaque, Origin, Table};

use super::alter::{Defaults, Draft, Known, is_whole};
use super::charset::{charset_name, collation_name, usual_collation};
use super::wide::LastWide;
use super::{Done, Misfit, Origins, Run, Sort};
use crate::expr;
use crate::facts::is_mariadb;
use crate::parse::{Action, AlterTable, CreateTable, Placed, TableOption};
use crate::render::create_table;

/// What a system-versioned table is called among the opaque objects.
pub(crate) const VERSIONED: &str = "system-versioned table";

/// What a table with periods of the application's own is called among them.
pub(crate) const WITH_PERIODS: &str = "table with periods";

/// True for a table that is only shown, by the statements that make it.
pub(crate) fn is_shown_table(kind: &str) -> bool {
    kind == VERSIONED || kind == WITH_PERIODS
}

impl Run<'_> {
    /// What tables get that say nothing about their character set.
    fn defaults(&self) -> Defaults {
        let options = &self.database.options;
        let setting = |name: &str| {
            Some(self.session.facts.setting(name).to_owned()).filter(|text| !text.is_empty())
        };
        Defaults {
            charset: options
                .charset
                .clone()
                .or_else(|| setting("character_set_database")),
            collation: options
                .collation
                .clone()
                .or_else(|| setting("collation_database")),
            declared: self.database_declared,
        }
    }

    /// CREATE DATABASE and ALTER DATABASE of the database that the schema stands for.
    pub(super) fn set_defaults(&mut self, name: Option<&str>, options: Vec<TableOption>) {
        if let Some(name) = name
            && self.has_home_other_than(name)
        {
            return;
        }
        let facts = &self.session.facts;
        let mut made = DatabaseOptions::default();
        for option in options {
            match option {
                TableOption::Charset(Some(charset)) => {
                    let charset = charset_name(&charset);
                    if made.collation.is_none() {
                        made.collation = Some(usual_collation(&charset, facts));
                    }
                    made.charset = Some(charset);
                }
                TableOption::Collation(Some(collation)) => {
                    let collation = collation_name(&collation, made.charset.as_deref());
                    made.charset = Some(crate::assemble::charset_of(&collation));
                    made.collation = Some(collation);
                }
                TableOption::Charset(None)
                | TableOption::Collation(None)
                | TableOption::Engine(_)
                | TableOption::Comment(_)
                | TableOption::RowFormat(_)
                | TableOption::AutoIncrement(_)
                | TableOption::SystemVersioning
                | TableOption::Other(..)
                | TableOption::NotKept => {}
            }
        }
        if made.collation.is_some() {
            self.database.options = made;
            self.database_declared = true;
        }
    }

    fn has_home_other_than(&self, name: &str) -> bool {
        self.session.has_home() && !self.session.is_home(name)
    }

    /// DROP DATABASE: of the one that the schema stands for, everything goes.
    pub(super) fn drop_database(&mut self, name: &str) {
        if self.session.has_home() && self.session.is_home(name) {
            self.database = realign_model::Database::default();
            self.at.clear();
            self.settled.clear();
            self.wide = LastWide::default();
            self.referring = None;
            self.with_triggers.clear();
        }
    }

    pub(super) fn find_table(&self, name: &ObjectName) -> Option<usize> {
        self.at.get(&self.key(name)).copied()
    }

    pub(super) fn find_opaque(&self, name: &ObjectName) -> Option<usize> {
        let opaque = self.database.opaque.iter();
        self.find(Sort::Opaque, name, opaque.map(|other| &other.name))
    }

    /// True when a table, a view or something opaque has that name.
    pub(super) fn is_taken(&self, name: &ObjectName) -> bool {
        // What is neither has its name in the same form.
        let key = self.key(name);
        let may_be = |sort| self.names.place(sort, &key).is_some();
        self.at.contains_key(&key)
            || (may_be(Sort::View) && self.find_view(name).is_some())
            || (may_be(Sort::Opaque) && self.find_opaque(name).is_some())
    }

    pub(super) fn create_table(&mut self, create: CreateTable, origins: &Origins<'_>) -> Done {
        let name = self.session.resolve(create.name);
        if self.is_taken(&name) {
            if create.if_not_exists {
                return Ok(());
            }
            if !create.or_replace || self.find_view(&name).is_some() {
                return Err(Misfit::new(format!("{name} is there already")));
            }
            self.remove_table(&name);
        }
        let origin = self.origin(origins, 0);
        if let Some(like) = create.like {
            return self.create_like(name, like, origin);
        }
        if create.from_query {
            self.remark_query(&name, origins);
        }
        let steps = self.placed(create.actions, origins);
        let mut table = Table::new(name);
        table.origin = origin;
        let mut draft = Draft::new(table, &self.session, self.defaults(), Known::default());
        draft.apply(&steps)?;
        let shown = draft.shown_as();
        let shown = shown.map(|kind| (kind, origins.plain.text.trim().to_owned()));
        self.put(draft.table, shown);
        Ok(())
    }

    /// The columns of CREATE TABLE … SELECT are the server's to tell.
    fn remark_query(&mut self, name: &ObjectName, origins: &Origins<'_>) {
        let origin = self.origin(origins, 0);
        self.out.diagnostics.push(
            realign_planner::Diagnostic::warning(
                realign_planner::schema_script::NOT_UNDERSTOOD,
                format!("the columns that table {name} gets from its query are not known"),
            )
            .with_help("declare the columns in CREATE TABLE, or compare with a scratch database")
            .at(origin),
        );
    }

    fn create_like(&mut self, name: ObjectName, like: ObjectName, origin: Origin) -> Done {
        let like = self.session.resolve(like);
        let Some(at) = self.find_table(&like) else {
            return Err(Misfit::new(format!("there is no table {like}")));
        };
        let mut table = self.database.tables[at].clone();
        table.name = name;
        table.origin = origin;
        // Foreign keys and the counter stay behind; names of checks follow the table on MySQL.
        table.foreign_keys.clear();
        if let realign_model::TableOptions::MySql(options) = &mut table.options {
            options.auto_increment = None;
        }
        rename_numbered(&mut table, &like);
        if !is_mariadb(&self.session.facts) {
            // Names of checks are unique in the whole database: all get new ones.
            let own = table.name.name.text.clone();
            for (at, check) in table.checks.iter_mut().enumerate() {
                check.name = Some(Ident::new(format!("{own}_chk_{}", at + 1)));
            }
        }
        self.put(table, None);
        Ok(())
    }

    /// Clauses with the places in the file that they come from.
    fn placed(&mut self, actions: Vec<Placed>, origins: &Origins<'_>) -> Vec<(Action, Origin)> {
        actions
            .into_iter()
            .map(|placed| {
                let origin = self.origin(origins, placed.at);
                (placed.action, origin)
            })
            .collect()
    }

    /// Adds a table, or what stands for one that is opaque: the statements that make it.
    fn put(&mut self, mut table: Table, shown: Option<(&str, String)>) {
        if let Some((kind, text)) = shown.filter(|_| !self.sees_all) {
            self.note(Sort::Opaque, &table.name, self.database.opaque.len());
            self.database.opaque.push(Opaque {
                kind: kind.to_owned(),
                name: table.name,
                table: None,
                text,
                origin: table.origin,
            });
            return;
        }
        self.point_at_primary_keys(&mut table);
        table.foreign_keys.shrink_to_fit();
        table.checks.shrink_to_fit();
        let key = self.key(&table.name);
        let at = self.database.tables.len();
        self.at.insert(key, at);
        self.database.tables.push(table);
        self.note_references(at);
    }

    /// A foreign key that names no columns means the primary key.
    fn point_at_primary_keys(&self, table: &mut Table) {
        let own_name = &table.name;
        let own = table.primary_key.as_deref();
        for key in &mut table.foreign_keys {
            if !key.ref_columns.is_empty() {
                continue;
            }
            let primary = if self.key(&key.ref_table) == self.key(own_name) {
                own
            } else {
                self.find_table(&key.ref_table)
                    .and_then(|at| self.database.tables[at].primary_key.as_deref())
            };
            key.ref_columns =
                primary.map_or_else(Vec::new, |primary| primary.columns().cloned().collect());
        }
    }

    pub(super) fn alter_table(&mut self, alter: AlterTable, origins: &Origins<'_>) -> Done {
        let name = self.session.resolve(alter.name);
        let Some(at) = self.find_table(&name) else {
            return if let Some(at) = self.find_opaque(&name) {
                let text = &mut self.database.opaque[at].text;
                text.push_str(";\n");
                text.push_str(origins.plain.text.trim());
                Ok(())
            } else if alter.if_exists {
                Ok(())
            } else if self.find_view(&name).is_some() {
                self.alter_view_as_table(&name, alter.actions)
            } else {
                Err(Misfit::new(format!("there is no table {name}")))
            };
        };
        let steps = self.placed(alter.actions, origins);
        let defaults = self.defaults();
        let known = Known {
            present: true,
            settled: self.settled.contains(&at),
            wide: self.wide.take_of(at),
        };
        let place = &mut self.database.tables[at];
        let whole = is_whole(&steps);
        let table = if whole {
            std::mem::replace(place, Table::new(name.clone()))
        } else {
            place.clone()
        };
        let mut draft = Draft::new(table, &self.session, defaults, known);
        if let Err(misfit) = draft.apply(&steps) {
            if whole {
                self.database.tables[at] = draft.table;
            }
            return Err(misfit);
        }
        let renamed = draft.take_renamed();
        let shown = draft.shown_as().filter(|_| !self.sees_all);
        let wide = draft.known.wide;
        let (mut table, to) = (draft.table, draft.rename_to);
        if let Some(kind) = shown {
            let before = create_table(&self.database.tables[at], &self.session.facts);
            self.remove_table(&name);
            let text = format!("{before};\n{}", origins.plain.text.trim());
            self.put(table, Some((kind, text)));
            return Ok(());
        }
        self.point_at_primary_keys(&mut table);
        self.database.tables[at] = table;
        self.settled.insert(at);
        self.wide.put_back(at, wide);
        self.note_references(at);
        self.follow_columns(&name, &renamed);
        match to {
            Some(to) => self.rename_table(name, to),
            None => Ok(()),
        }
    }

    /// `ALTER TABLE v RENAME TO w` renames a view as well.
    fn alter_view_as_table(&mut self, name: &ObjectName, actions: Vec<Placed>) -> Done {
        match actions
            .into_iter()
            .map(|placed| placed.action)
            .collect::<Vec<_>>()
            .as_slice()
        {
            [Action::RenameTo(to)] => self.rename_table(name.clone(), to.clone()),
            _ => Err(Misfit::new(format!("{name} is a view"))),
        }
    }
}

/// Gives columns their new names in everything that a table says of them.
pub(super) fn rename_columns(table: &mut Table, renamed: &[(Ident, Ident)]) {
    if renamed.is_empty() {
        return;
    }
    for part in table
        .indexes
        .iter_mut()
        .flat_map(|index| &mut index.parts)
        .chain(table.primary_key.iter_mut().flat_map(|key| &mut key.parts))
    {
        match &mut part.target {
            IndexTarget::Column(name) => rename_one(name, renamed),
            IndexTarget::Expr(text) => *text = rename_in(text, renamed),
        }
    }
    let own = table.name.clone();
    for key in &mut table.foreign_keys {
        rename_all(&mut key.columns, renamed);
        if key.ref_table == own {
            rename_all(&mut key.ref_columns, renamed);
        }
    }
    for check in &mut table.checks {
        check.expr = rename_in(&check.expr, renamed);
        if let Some(name) = &mut check.column {
            rename_one(name, renamed);
        }
    }
    for generated in table
        .columns
        .iter_mut()
        .filter_map(|column| column.rare.said_mut()?.generated.as_mut())
    {
        generated.expr = rename_in(&generated.expr, renamed);
    }
    if let Some(rare) = table.rare.said_mut()
        && let Some(partitioning) = &mut rare.partitioning
    {
        partitioning.clause = rename_in(&partitioning.clause, renamed);
    }
}

fn rename_one(name: &mut Ident, renamed: &[(Ident, Ident)]) {
    if let Some((_, to)) = renamed
        .iter()
        .find(|(from, _)| from.text.eq_ignore_ascii_case(&name.text))
    {
        *name = to.clone();
    }
}

pub(super) fn rename_all(names: &mut [Ident], renamed: &[(Ident, Ident)]) {
    for name in names {
        rename_one(name, renamed);
    }
}

fn rename_in(text: &realign_model::Expr, renamed: &[(Ident, Ident)]) -> realign_model::Expr {
    renamed.iter().fold(text.clone(), |text, (from, to)| {
        expr::renamed(&text, &from.text, &to.text)
    })
}

/// Names that a server made of the table's own follow it: `t_ibfk_1`, `t_chk_1`.
pub(super) fn rename_numbered(table: &mut Table, from: &ObjectName) {
    let (old, new) = (from.name.text.clone(), table.name.name.text.clone());
    let follow = |name: &mut Option<Ident>, word: &str| {
        let number = name.as_ref().and_then(|name| {
            let rest = name.text.strip_prefix(&old)?.strip_prefix(word)?;
            rest.parse::<u32>().ok()
        });
        if let Some(number) = number {
            *name = Some(Ident::new(format!("{new}{word}{number}")));
        }
    };
    for key in &mut table.foreign_keys {
        follow(&mut key.name, "_ibfk_");
    }
    for check in &mut table.checks {
        follow(&mut check.name, "_chk_");
    }
}
