//! ALTER TABLE, and the items of CREATE TABLE, on one table.
//!
//! A server looks at a whole statement at once: what goes is gone before what comes, whatever
//! their order. So the clauses are carried out in passes.

mod constraints;
mod drops;
mod options;
mod reach;

use realign_model::{DataType, Ident, ObjectName, Origin, PrimaryKey, Table};

pub(super) use reach::is_whole;

use super::session::Session;
use super::table::{VERSIONED, WITH_PERIODS};
use super::wide::Wide;
use super::{Misfit, column, keys, partitions};
use crate::assemble;
use crate::parse::{Action, ColumnDef, Position};

/// A table under change.
pub(super) struct Draft<'r> {
    pub(super) table: Table,
    session: &'r Session,
    /// Character set and collation of the database, and whether a file declares them.
    defaults: Defaults,
    /// Columns that said BINARY.
    binary: Vec<Ident>,
    /// Columns that got another name: the old one and the new one.
    renamed: Vec<(Ident, Ident)>,
    /// What is known of the table already.
    pub(super) known: Known,
    /// The new name of the table.
    pub(super) rename_to: Option<ObjectName>,
    /// System versioning was turned on.
    versioned: bool,
    /// The columns of periods that were added.
    bounds: Vec<Ident>,
}

/// What is known of a table that a statement changes.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// It is there already, and every column of it is as the server has it.
    pub(super) settled: bool,
    /// It is there already.
    pub(super) present: bool,
    /// Where its columns stand, if they are many.
    pub(super) wide: Wide,
}

/// What a table gets that names neither character set nor collation.
#[derive(Debug, Clone, Default)]
pub(super) struct Defaults {
    pub(super) charset: Option<String>,
    pub(super) collation: Option<String>,
    /// A file declares it: it is no guess.
    pub(super) declared: bool,
}

type Steps = [(Action, Origin)];

impl<'r> Draft<'r> {
    pub(super) fn new(
        table: Table,
        session: &'r Session,
        defaults: Defaults,
        known: Known,
    ) -> Self {
        Self {
            table,
            session,
            defaults,
            binary: Vec::new(),
            renamed: Vec::new(),
            known,
            rename_to: None,
            versioned: false,
            bounds: Vec::new(),
        }
    }

    /// Columns that got another name.
    pub(super) fn take_renamed(&mut self) -> Vec<(Ident, Ident)> {
        std::mem::take(&mut self.renamed)
    }

    /// Carries the clauses out.
    pub(super) fn apply(&mut self, steps: &Steps) -> Result<(), Misfit> {
        self.drops(steps)?;
        self.changes(steps)?;
        self.additions(steps)?;
        self.periods(steps);
        self.options(steps);
        self.timestamps(steps);
        self.constraints(steps)?;
        for (action, _) in steps {
            match action {
                Action::PartitionBy(by) => {
                    self.table.partitioning = Some(partitions::made(by));
                }
                Action::ChangePartitions(change) => {
                    partitions::change(&mut self.table, change, self.session)?;
                }
                Action::RenameTo(name) => self.rename_to = Some(name.clone()),
                Action::Versioning(on) => self.versioned = *on,
                _ => {}
            }
        }
        self.settle(steps);
        Ok(())
    }

    /// What the table is called among the opaque objects, when the statement makes it one.
    pub(super) fn shown_as(&self) -> Option<&'static str> {
        if self.versioned {
            Some(VERSIONED)
        } else {
            (!self.bounds.is_empty()).then_some(WITH_PERIODS)
        }
    }

    fn periods(&mut self, steps: &Steps) {
        for (action, _) in steps {
            match action {
                Action::Period { name, columns } => {
                    let columns: Vec<&str> = columns.iter().map(Ident::as_str).collect();
                    let text = format!("{} ({})", keys::period(name), columns.join(", "));
                    self.table.opaque.push(text);
                    self.bounds
                        .extend(columns.iter().map(|name| Ident::new(*name)));
                }
                Action::DropPeriod(name) => {
                    let start = keys::period(name);
                    self.table.opaque.retain(|text| !text.starts_with(&start));
                }
                _ => {}
            }
        }
        // Between its begin and its end nothing is NULL.
        for name in std::mem::take(&mut self.bounds) {
            if let Some(at) = self.place(&name) {
                self.table.columns[at].nullable = false;
            }
            self.bounds.push(name);
        }
    }

    fn misfit<T>(&self, what: &str, name: &Ident) -> Result<T, Misfit> {
        Err(Misfit::new(format!(
            "table {} has no {what} {name}",
            self.table.name
        )))
    }

    fn place(&self, name: &Ident) -> Option<usize> {
        self.known.wide.find(&self.table, &name.text)
    }

    fn changes(&mut self, steps: &Steps) -> Result<(), Misfit> {
        // Looked up before any gets its new name: two columns may swap theirs.
        let mut found: Vec<Option<usize>> = Vec::with_capacity(steps.len());
        for (action, _) in steps {
            let (name, if_exists) = match action {
                Action::ChangeColumn {
                    from, if_exists, ..
                }
                | Action::RenameColumn {
                    from, if_exists, ..
                } => (from, *if_exists),
                Action::AlterDefault {
                    name, if_exists, ..
                } => (name, *if_exists),
                Action::AlterColumnVisibility { name, .. } => (name, false),
                _ => {
                    found.push(None);
                    continue;
                }
            };
            let at = self.place(name);
            if at.is_none() && !if_exists {
                return self.misfit("column", name);
            }
            found.push(at);
        }
        for ((action, origin), at) in steps.iter().zip(found) {
            match (action, at) {
                (Action::ChangeColumn { from, column, .. }, Some(at)) => {
                    self.change_column(at, from, column, origin);
                }
                (Action::RenameColumn { from, to, .. }, Some(at)) => {
                    self.known.wide.forget();
                    self.table.columns[at].name = to.clone();
                    self.renamed.push((from.clone(), to.clone()));
                }
                (Action::AlterDefault { default, .. }, Some(at)) => {
                    self.table.columns[at].default = default
                        .clone()
                        .filter(|value| !value.text.eq_ignore_ascii_case("NULL"));
                }
                (Action::AlterColumnVisibility { invisible, .. }, Some(at)) => {
                    self.table.columns[at].invisible = *invisible;
                }
                _ => self.change_key(action)?,
            }
        }
        super::table::rename_columns(&mut self.table, &self.renamed);
        Ok(())
    }

    fn change_column(&mut self, at: usize, from: &Ident, to: &ColumnDef, origin: &Origin) {
        let definition = &to.definition;
        let made = column::column(definition, origin, self.session);
        // The checks in a column's definition come and go with its text.
        self.table.checks.retain(|check| {
            !check
                .column
                .as_ref()
                .is_some_and(|name| name.text.eq_ignore_ascii_case(&from.text))
        });
        if definition.binary {
            self.binary.push(made.name.clone());
        }
        if made.name.text != from.text {
            self.known.wide.forget();
            self.renamed.push((from.clone(), made.name.clone()));
        }
        self.table
            .checks
            .extend(column::json_check(&made, self.session));
        self.table.columns[at] = made;
    }

    fn change_key(&mut self, action: &Action) -> Result<(), Misfit> {
        match action {
            Action::RenameIndex {
                from,
                to,
                if_exists,
            } => {
                let index = self
                    .table
                    .indexes
                    .iter_mut()
                    .find(|index| index.name_str().eq_ignore_ascii_case(&from.text));
                match index {
                    Some(index) => index.name = Some(to.clone()),
                    None if *if_exists => {}
                    None => return self.misfit("index", from),
                }
            }
            Action::AlterIndexVisibility {
                name,
                invisible,
                if_exists,
            } => {
                let index = self
                    .table
                    .indexes
                    .iter_mut()
                    .find(|index| index.name_str().eq_ignore_ascii_case(&name.text));
                match index {
                    Some(index) => index.invisible = *invisible,
                    None if *if_exists => {}
                    None => return self.misfit("index", name),
                }
            }
            Action::EnforceCheck { name, enforced } => {
                let check = self
                    .table
                    .checks
                    .iter_mut()
                    .find(|check| check.name_str().eq_ignore_ascii_case(&name.text));
                match check {
                    Some(check) => check.enforced = *enforced,
                    None => return self.misfit("check", name),
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn additions(&mut self, steps: &Steps) -> Result<(), Misfit> {
        let added = steps
            .iter()
            .filter(|(action, _)| matches!(action, Action::AddColumn { .. }))
            .count();
        self.known.wide.note(&self.table, added);
        if !self.known.present {
            self.table.columns.reserve_exact(added);
        }
        for (action, origin) in steps {
            match action {
                Action::AddColumn {
                    column: added,
                    if_not_exists,
                    position,
                } => {
                    let definition = &added.definition;
                    let made = column::column(definition, origin, self.session);
                    if self.place(&made.name).is_some() {
                        if *if_not_exists {
                            continue;
                        }
                        return Err(Misfit::new(format!(
                            "table {} has a column {} already",
                            self.table.name, made.name
                        )));
                    }
                    if let Position::After(name) = position
                        && self.place(name).is_none()
                    {
                        return self.misfit("column", name);
                    }
                    if definition.binary {
                        self.binary.push(made.name.clone());
                    }
                    for other in &definition.others {
                        let text = format!("column {}: {other}", made.name);
                        self.table.opaque.push(text);
                    }
                    self.table
                        .checks
                        .extend(column::json_check(&made, self.session));
                    self.known.wide.push(&mut self.table, made);
                    let last = self.table.columns.len() - 1;
                    self.move_column(last, position)?;
                }
                Action::ChangeColumn {
                    column: changed,
                    position,
                    ..
                } => {
                    if let Some(at) = self.place(&changed.definition.column.name) {
                        self.move_column(at, position)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn move_column(&mut self, at: usize, position: &Position) -> Result<(), Misfit> {
        if *position == Position::Unsaid {
            return Ok(());
        }
        self.known.wide.forget();
        let column = self.table.columns.remove(at);
        let to = match position {
            Position::Unsaid => at,
            Position::First => 0,
            Position::After(name) => match self.place(name) {
                Some(before) => before + 1,
                None => return self.misfit("column", name),
            },
        };
        self.table.columns.insert(to, column);
        Ok(())
    }

    fn timestamps(&mut self, steps: &Steps) {
        if self.session.explicit_timestamps() {
            return;
        }
        let mut definitions = Vec::new();
        for (action, _) in steps {
            if let Action::AddColumn { column, .. } | Action::ChangeColumn { column, .. } = action
                && matches!(
                    column.definition.column.data_type,
                    DataType::Timestamp { .. }
                )
            {
                definitions.push(&column.definition);
            }
        }
        let pairs = self.table.columns.iter_mut().filter_map(|column| {
            let definition = definitions
                .iter()
                .find(|definition| definition.column.name.text == column.name.text)?;
            Some((column, *definition))
        });
        column::old_timestamps(pairs, self.session);
    }

    fn settle(&mut self, steps: &Steps) {
        let Table {
            primary_key,
            columns,
            ..
        } = &mut self.table;
        for name in primary_key
            .as_deref()
            .into_iter()
            .flat_map(PrimaryKey::columns)
        {
            let own = columns
                .iter_mut()
                .find(|column| column.name.text.eq_ignore_ascii_case(&name.text));
            if let Some(column) = own {
                column.nullable = false;
            }
        }
        let first = if self.known.settled {
            reach::first_unsettled(&self.table, steps)
        } else {
            0
        };
        column::settle_collations(&mut self.table, first, &self.binary, self.session);
        assemble::settle(&mut self.table, first, &self.session.facts);
    }
}
