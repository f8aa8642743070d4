//! What a statement takes away.

use realign_model::Ident;

use super::{Draft, Steps};
use crate::expr;
use crate::facts::{Capability, can, is_mariadb};
use crate::interpret::Misfit;
use crate::parse::Action;

impl Draft<'_> {
    pub(super) fn drops(&mut self, steps: &Steps) -> Result<(), Misfit> {
        for (action, _) in steps {
            let (found, what, name, if_exists) = match action {
                Action::DropForeignKey { name, if_exists } => {
                    (self.drop_foreign_key(name), "foreign key", name, if_exists)
                }
                Action::DropIndex { name, if_exists } => {
                    (self.drop_index(name), "index", name, if_exists)
                }
                Action::DropColumn { name, if_exists } => {
                    (self.drop_column(name), "column", name, if_exists)
                }
                Action::DropConstraint {
                    name,
                    if_exists,
                    check_only,
                } => {
                    // A server without checks has none to drop.
                    let found = self.drop_constraint(name, *check_only)
                        || !can(&self.session.facts, Capability::Checks);
                    (found, "constraint", name, if_exists)
                }
                Action::DropPrimaryKey { if_exists } => {
                    let gone = self.table.primary_key.take();
                    if gone.is_none() && !if_exists {
                        let table = &self.table.name;
                        return Err(Misfit::new(format!("table {table} has no primary key")));
                    }
                    continue;
                }
                _ => continue,
            };
            if !found && !if_exists {
                return self.misfit(what, name);
            }
        }
        Ok(())
    }

    fn drop_constraint(&mut self, name: &Ident, check_only: bool) -> bool {
        let is_primary = name.text.eq_ignore_ascii_case("PRIMARY");
        self.drop_check(name)
            || (!check_only
                && (self.drop_foreign_key(name)
                    || (is_primary && self.table.primary_key.take().is_some())
                    || self.drop_index(name)))
    }

    fn drop_foreign_key(&mut self, name: &Ident) -> bool {
        let before = self.table.foreign_keys.len();
        self.table
            .foreign_keys
            .retain(|key| !key.name_str().eq_ignore_ascii_case(&name.text));
        self.table.foreign_keys.len() < before
    }

    fn drop_index(&mut self, name: &Ident) -> bool {
        let before = self.table.indexes.len();
        self.table
            .indexes
            .retain(|index| !index.name_str().eq_ignore_ascii_case(&name.text));
        self.table.indexes.len() < before
    }

    fn drop_check(&mut self, name: &Ident) -> bool {
        let before = self.table.checks.len();
        self.table
            .checks
            .retain(|check| !check.name_str().eq_ignore_ascii_case(&name.text));
        self.table.checks.len() < before
    }

    /// A column goes, and with it its place in every index.
    fn drop_column(&mut self, name: &Ident) -> bool {
        let Some(at) = self.place(name) else {
            return false;
        };
        let is_it = |other: &Ident| other.text.eq_ignore_ascii_case(&name.text);
        let table = &mut self.table;
        self.known.wide.forget();
        table.columns.remove(at);
        for index in &mut table.indexes {
            index
                .parts
                .retain(|part| !part.as_column().is_some_and(is_it));
        }
        table.indexes.retain(|index| !index.parts.is_empty());
        if let Some(key) = &mut table.primary_key {
            key.parts
                .retain(|part| !part.as_column().is_some_and(is_it));
            if key.parts.is_empty() {
                table.primary_key = None;
            }
        }
        table.checks.retain(|check| {
            let own = check.column.as_ref().is_some_and(is_it);
            // MySQL lets a check go that speaks of this column.
            let said = !is_mariadb(&self.session.facts) && expr::mentions(&check.expr, &name.text);
            !own && !said
        });
        true
    }
}
