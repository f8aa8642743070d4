//! What of tables and domains calls a routine that is made anew: defaults, conditions and indexes
//! stand aside and come back.

use realign_model::{Check, Column, Domain, Ident, Index, IndexTarget, ObjectName, Table};
use realign_planner::{
    Aspect, Change, Lowering, Object, Phase, Precheck, Step, TableChange, TableItem,
};

use super::names_in;
use crate::create;
use crate::lower::step;
use crate::render::{self, beside, ident, object_name, string_literal};
use crate::risk;

/// Adds what has to happen to them around routines of these names.
pub(super) fn stand_aside(
    called: &[String],
    changes: &[Change],
    lowering: &Lowering<'_>,
    steps: &mut Vec<Step>,
) {
    if called.is_empty() {
        return;
    }
    let calls = |text: &str| {
        let words = names_in(text);
        called.iter().any(|name| words.contains(name))
    };
    for table in &lowering.is.tables {
        let goes = |c: &Change| matches!(c, Change::DropTable(gone) if gone.name == table.name);
        if changes.iter().any(goes) {
            continue;
        }
        let around = Around::of(table, changes);
        for column in &table.columns {
            around.column(column, &calls, steps);
        }
        for check in table.checks.iter().filter(|c| calls(c.expr.as_str())) {
            around.check(check, steps);
        }
        for index in table.indexes.iter().filter(|index| !index.constraint) {
            let said = index.parts.iter().any(|part| match &part.target {
                IndexTarget::Expr(expr) => calls(expr.as_str()),
                IndexTarget::Column(_) => false,
            });
            if said || index.predicate.as_ref().is_some_and(|p| calls(p.as_str())) {
                around.index(index, steps);
            }
        }
    }
    for kind in &lowering.is.domains {
        let goes = |change: &Change| matches!(change, Change::DropObject(Object::Domain(gone)) if gone.name == kind.name);
        if !changes.iter().any(goes) {
            domain(kind, &calls, steps);
        }
    }
}

/// A table, and what else changes of it.
struct Around<'a> {
    table: &'a Table,
    /// Its name by the time at which all this happens.
    name: ObjectName,
    change: Option<&'a TableChange>,
}

impl<'a> Around<'a> {
    fn of(table: &'a Table, changes: &'a [Change]) -> Self {
        let renamed = changes.iter().find_map(|change| match change {
            Change::RenameTable { from, to } if *from == table.name => Some(to.clone()),
            _ => None,
        });
        let name = renamed.unwrap_or_else(|| table.name.clone());
        let change = changes.iter().find_map(|change| match change {
            Change::AlterTable(change) if change.is.name == name => Some(&**change),
            _ => None,
        });
        Self {
            table,
            name,
            change,
        }
    }

    fn items(&self) -> impl Iterator<Item = &'a TableItem> {
        self.change.into_iter().flat_map(|change| &change.items)
    }

    /// A column by the name that it has by then.
    fn spelled(&self, column: &'a Ident) -> &'a Ident {
        let renamed = self.items().find_map(|item| match item {
            TableItem::RenameColumn { from, to } if from == column => Some(to),
            _ => None,
        });
        renamed.unwrap_or(column)
    }

    fn column(&self, column: &'a Column, calls: &dyn Fn(&str) -> bool, steps: &mut Vec<Step>) {
        let name = self.spelled(&column.name);
        if let Some(generated) = &column.generated {
            if calls(generated.expr.as_str()) {
                self.refuse(name, steps);
            }
            return;
        }
        let Some(default) = column.default.as_ref().filter(|d| calls(d.as_str())) else {
            return;
        };
        let own = format!(
            "ALTER TABLE {} ALTER COLUMN {}",
            object_name(&self.name),
            ident(name)
        );
        let back = format!("{own} SET DEFAULT {default}");
        let settled = self.items().any(|item| match item {
            TableItem::DropColumn(gone) => gone.name == *name,
            TableItem::ModifyColumn {
                is, differences, ..
            } => is.name == *name && differences.iter().any(|d| d.aspect == Aspect::Default),
            _ => false,
        });
        let back = (!settled).then_some(back).into_iter().collect();
        self.aside(format!("{own} DROP DEFAULT"), back, steps);
    }

    /// The engine can't take the expression of a column away and give it back.
    fn refuse(&self, column: &Ident, steps: &mut [Step]) {
        let own = format!("{}.{column}", self.name);
        let drops = |step: &&mut Step| {
            let first = step.statements.first();
            step.phase == Phase::DropDependents
                && first.is_some_and(|s| s.sql.starts_with("DROP FUNCTION "))
        };
        if let Some(step) = steps.iter_mut().find(drops) {
            step.prechecks.push(Precheck {
                code: "R222".to_owned(),
                message: format!("{own} is computed by a function that has to be made anew"),
                count_text: "{n} column".to_owned(),
                count_sql: "SELECT 1".to_owned(),
                sample_sql: format!("SELECT {} AS \"column\"", string_literal(&own)),
                help: "drop the column, change the function, and add the column again, each by a migration"
                    .to_owned(),
                lossy: false,
                refused_with: Vec::new(),
                origin: step.origin.clone(),
            });
        }
    }

    fn check(&self, check: &Check, steps: &mut Vec<Step>) {
        let Some(name) = &check.name else {
            return;
        };
        let own = format!("ALTER TABLE {}", object_name(&self.name));
        let unproven = if create::is_unchecked(self.table, Some(name), "CHECK") {
            " NOT VALID"
        } else {
            ""
        };
        let back = format!("{own} ADD {}{unproven}", render::check(self.table, check));
        let away = format!("{own} DROP CONSTRAINT {}", ident(name));
        if let Some(made) = self.aside(away, vec![back], steps)
            && unproven.is_empty()
        {
            risk::CHECKS_ROWS.on(made);
        }
    }

    fn index(&self, index: &Index, steps: &mut Vec<Step>) {
        let Some(name) = &index.name else {
            return;
        };
        let away = format!("DROP INDEX {}", beside(&self.name, name));
        let back = create::make_index(&self.name, index);
        if let Some(made) = self.aside(away, back, steps) {
            risk::BUILDS_INDEX.on(made);
        }
    }

    /// Takes something away and brings it back, unless the plan takes it away by itself: then that
    /// only happens earlier. Gives the step that brings it back.
    fn aside<'s>(
        &self,
        away: String,
        back: Vec<String>,
        steps: &'s mut Vec<Step>,
    ) -> Option<&'s mut Step> {
        let own = |step: &&mut Step| step.statements.first().is_some_and(|s| s.sql == away);
        if let Some(step) = steps.iter_mut().find(own) {
            step.phase = Phase::DropDependents;
            return None;
        }
        put_aside(self.name.to_string(), away, back, steps)
    }
}

/// The two steps, the second of which is given.
fn put_aside(
    object: String,
    away: String,
    back: Vec<String>,
    steps: &mut Vec<Step>,
) -> Option<&mut Step> {
    let mut gone = step(Phase::DropDependents, object.clone(), away);
    gone.undo.clone_from(&back);
    steps.push(gone);
    let mut statements = back.into_iter();
    let mut made = step(Phase::CreateDependents, object, statements.next()?);
    made.statements
        .extend(statements.map(realign_planner::Statement::new));
    steps.push(super::around::again(made));
    steps.last_mut()
}

fn domain(domain: &Domain, calls: &dyn Fn(&str) -> bool, steps: &mut Vec<Step>) {
    let own = format!("ALTER DOMAIN {}", object_name(&domain.name));
    let object = format!("domain {}", domain.name);
    if let Some(default) = domain.default.as_ref().filter(|d| calls(d.as_str())) {
        let away = format!("{own} DROP DEFAULT");
        let start = format!("{own} SET DEFAULT ");
        let set = |step: &Step| step.statements.iter().any(|s| s.sql.starts_with(&start));
        let settled = done_already(&away, steps) || steps.iter().any(set);
        let back = (!settled).then(|| format!("{start}{default}"));
        put_aside(object.clone(), away, back.into_iter().collect(), steps);
    }
    let clauses = create::domain_checks(domain);
    for ((name, check), clause) in domain.checks.iter().zip(clauses) {
        if let Some(name) = name.as_ref().filter(|_| calls(check.as_str())) {
            let unproven = if domain.unproven.contains(name) {
                " NOT VALID"
            } else {
                ""
            };
            let away = format!("{own} DROP CONSTRAINT {}", ident(name));
            let settled = done_already(&away, steps);
            let back = (!settled).then(|| format!("{own} ADD {clause}{unproven}"));
            put_aside(object.clone(), away, back.into_iter().collect(), steps);
        }
    }
}

/// Takes a statement out of the steps, since it happens earlier; false when none has it.
fn done_already(sql: &str, steps: &mut Vec<Step>) -> bool {
    let count = |steps: &[Step]| {
        steps
            .iter()
            .map(|step| step.statements.len())
            .sum::<usize>()
    };
    let before = count(steps);
    for step in steps.iter_mut() {
        step.statements.retain(|statement| statement.sql != sql);
    }
    let after = count(steps);
    steps.retain(|step| !step.statements.is_empty());
    after < before
}
