//! Foreign keys as associations.

use std::collections::HashSet;

use realign_model::{ForeignKey, Ident, RefAction, Table};

use super::words::{escaped, quoted};
use super::{Writer, lost, same};

impl Writer<'_> {
    /// The foreign keys that an association can be, with the class that each leads to; the
    /// others are told.
    pub(super) fn links<'t>(&mut self, table: &'t Table) -> Vec<(&'t ForeignKey, String)> {
        let mut links = Vec::new();
        let mut taken: HashSet<String> = HashSet::new();
        for key in &table.foreign_keys {
            let target = self
                .database
                .tables
                .iter()
                .find(|target| same(&target.name.name, &key.ref_table.name));
            let to_key = target.is_some_and(|target| {
                target.primary_key.as_deref().is_some_and(|primary| {
                    let columns: Vec<&Ident> = primary.columns().collect();
                    columns.len() == key.columns.len()
                        && (key.ref_columns.is_empty()
                            || columns
                                .iter()
                                .zip(&key.ref_columns)
                                .all(|(a, b)| same(a, b)))
                })
            });
            let is_free = key
                .columns
                .iter()
                .all(|column| !taken.contains(&column.text.to_lowercase()));
            // An association that is an id has one column.
            let is_id = key.columns.iter().any(|column| {
                let primary = table.primary_key.as_deref();
                primary.is_some_and(|primary| primary.columns().any(|part| same(part, column)))
            });
            let is_able = key.columns.len() == 1 || !is_id;
            let class = target
                .and_then(|target| self.classes.get(&target.name.to_string()))
                .cloned();
            let columns: Vec<&str> = key.columns.iter().map(Ident::as_str).collect();
            let said = format!(
                "the foreign key ({}) to {}",
                columns.join(", "),
                key.ref_table
            );
            match class {
                Some(class) if to_key && is_free && is_able => {
                    if let Some(lost) = lost::of_key(key) {
                        self.remark(2, &format!("{said} is more than a mapping can say: {lost}"));
                    }
                    taken.extend(key.columns.iter().map(|column| column.text.to_lowercase()));
                    links.push((key, class));
                }
                _ => {
                    self.remark(2, &format!("{said} is none that a mapping can declare"));
                }
            }
        }
        links
    }

    /// A foreign key as an association.
    pub(super) fn association(
        &mut self,
        table: &Table,
        key: &ForeignKey,
        target: &str,
        field: &str,
    ) {
        self.line(
            2,
            &format!(
                "<many-to-one field=\"{field}\" target-entity=\"App\\Entity\\{}\">",
                escaped(target)
            ),
        );
        let referred = self
            .database
            .tables
            .iter()
            .find(|target| same(&target.name.name, &key.ref_table.name))
            .and_then(|target| target.primary_key.as_deref())
            .map(|primary| primary.columns().cloned().collect::<Vec<Ident>>())
            .unwrap_or_default();
        let several = key.columns.len() > 1;
        let depth = if several { 4 } else { 3 };
        if several {
            self.line(3, "<join-columns>");
        }
        for (column, referred) in key.columns.iter().zip(&referred) {
            let nullable = table
                .columns
                .iter()
                .any(|own| same(&own.name, column) && own.nullable);
            let on_delete = match key.on_delete {
                Some(
                    action @ (RefAction::Cascade
                    | RefAction::SetNull
                    | RefAction::Restrict
                    | RefAction::SetDefault),
                ) => {
                    format!(" on-delete=\"{}\"", action.sql())
                }
                Some(RefAction::NoAction) | None => String::new(),
            };
            let line = format!(
                "<join-column name=\"{}\" referenced-column-name=\"{}\" nullable=\"{nullable}\"{on_delete}/>",
                escaped(&quoted(column)),
                escaped(&quoted(referred))
            );
            self.line(depth, &line);
        }
        if several {
            self.line(3, "</join-columns>");
        }
        self.line(2, "</many-to-one>");
    }
}
