//! Keys and checks that a statement adds.

use realign_model::{Check, Ident, IndexPart, Origin};

use super::{Draft, Steps};
use crate::facts::{Capability, can, is_mariadb};
use crate::interpret::{Misfit, column, keys};
use crate::parse::{Action, CheckDef, ColumnDef, KeyDef, KeyKind};

impl Draft<'_> {
    /// Keys and checks, those in the definitions of columns among them.
    pub(super) fn constraints(&mut self, steps: &Steps) -> Result<(), Misfit> {
        let mut pending: Vec<(KeyDef, Origin)> = Vec::new();
        for (action, origin) in steps {
            match action {
                Action::AddColumn { column, .. } | Action::ChangeColumn { column, .. } => {
                    self.of_column(column, origin, &mut pending);
                }
                Action::AddKey(key) => pending.push(((**key).clone(), origin.clone())),
                Action::AddCheck(check) => self.add_check(check, None, origin)?,
                _ => {}
            }
        }
        keys::add(&mut self.table, pending, self.session)?;
        self.let_history_in();
        Ok(())
    }

    /// A versioned table keeps former rows beside the present one: MariaDB puts the end of their
    /// time, where that is a column of the table's own, into each key that allows one row only.
    fn let_history_in(&mut self) {
        let Some(end) = keys::row_end(&self.table) else {
            return;
        };
        let key = self.table.primary_key.iter_mut().map(|key| &mut key.parts);
        let indexes = self.table.indexes.iter_mut();
        let unique = indexes
            .filter(|index| index.unique)
            .map(|index| &mut index.parts);
        for parts in key.chain(unique) {
            let mut columns = parts.iter().filter_map(IndexPart::as_column);
            if !columns.any(|column| column.text.eq_ignore_ascii_case(&end.text)) {
                parts.push(IndexPart::column(end.clone()));
            }
        }
    }

    fn of_column(&mut self, added: &ColumnDef, origin: &Origin, keys: &mut Vec<(KeyDef, Origin)>) {
        let definition = &added.definition;
        let name = &definition.column.name;
        let mut push = |kind: KeyKind| {
            let mut key = KeyDef::new(kind);
            key.parts = vec![IndexPart::column(name.clone())];
            keys.push((key, origin.clone()));
        };
        if definition.primary {
            push(KeyKind::Primary);
        }
        if definition.unique {
            push(KeyKind::Unique);
        }
        if let Some(references) = &definition.references {
            // MySQL read these and forgot them until version 9.
            let facts = &self.session.facts;
            if is_mariadb(facts) || facts.version.at_least(9, 0, 0) {
                push(KeyKind::Foreign(references.clone()));
            }
        }
        for check in column::checks(definition, self.session) {
            let of = is_mariadb(&self.session.facts).then_some(name);
            // A name that is taken is told when the server is asked.
            let _ = self.add_check(&check, of, origin);
        }
    }

    fn add_check(
        &mut self,
        check: &CheckDef,
        column: Option<&Ident>,
        origin: &Origin,
    ) -> Result<(), Misfit> {
        if !can(&self.session.facts, Capability::Checks) {
            return Ok(());
        }
        if let Some(name) = check.name.as_ref().filter(|_| column.is_none())
            && self
                .table
                .checks
                .iter()
                .any(|other| other.name_str().eq_ignore_ascii_case(&name.text))
        {
            if check.if_not_exists {
                return Ok(());
            }
            return Err(Misfit::new(format!(
                "table {} has a check {name} already",
                self.table.name
            )));
        }
        let name = match (column, &check.name) {
            (Some(_), _) => None,
            (None, Some(name)) => Some(name.clone()),
            (None, None) => Some(Ident::new(self.check_name())),
        };
        self.table.checks.push(Check {
            name,
            expr: check.expr.clone(),
            column: column.cloned(),
            enforced: check.enforced,
            origin: origin.clone(),
        });
        Ok(())
    }

    /// The name of a check that has none: the first free number on MariaDB, one more than the
    /// highest on MySQL.
    fn check_name(&self) -> String {
        let taken = |name: &str| {
            self.table
                .checks
                .iter()
                .any(|check| check.name_str().eq_ignore_ascii_case(name))
        };
        if is_mariadb(&self.session.facts) {
            let free = (1..=self.table.checks.len() + 1)
                .map(|n| format!("CONSTRAINT_{n}"))
                .find(|name| !taken(name));
            return free.unwrap_or_default();
        }
        let prefix = format!("{}_chk_", self.table.name.name.text);
        let highest = self
            .table
            .checks
            .iter()
            .filter_map(|check| check.name_str().strip_prefix(&prefix)?.parse::<u32>().ok())
            .max();
        format!("{prefix}{}", highest.unwrap_or(0).saturating_add(1))
    }
}
