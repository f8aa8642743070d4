//! Objects beside tables.

use realign_model::{
    Domain, EnumType, Expr, Extension, Ident, Namespace, ObjectName, Opaque, Origin, Routine,
    RoutineKind, Sequence, Trigger, View,
};
use realign_planner::Rows;

use super::{Assembly, rows};
use crate::render::live_ident;
use crate::{defaults, types};

impl Assembly {
    pub(super) fn sequences(&mut self, answers: &[Rows]) {
        let used = self.sequences_in_defaults(answers);
        for row in rows(answers, 4) {
            let name = self.name(row.text(0), row.text(1));
            let number = |at: usize| row.text(at).parse::<i128>().unwrap_or_default();
            let table = self
                .tables
                .get(&row.int(9))
                .and_then(|at| self.out.database.tables.get(*at))
                .map(|t| t.name.clone());
            let owner = table.zip(self.column_name(row.int(9), row.int(10)));
            let data_type = types::parse(row.text(2));
            let start = number(3);
            self.out.database.sequences.push(Sequence {
                owned_by: owner.or_else(|| used.get(&name.to_string()).cloned()),
                name,
                data_type: Some(data_type),
                start,
                increment: number(4),
                min: Some(number(5)),
                max: Some(number(6)),
                cache: row.text(7).parse().ok(),
                cycle: row.flag(8),
                origin: Origin::Server,
            });
        }
    }

    /// The column whose default takes its values from a sequence, by the sequence's name: it
    /// belongs to it, even when nobody said OWNED BY.
    fn sequences_in_defaults(
        &self,
        answers: &[Rows],
    ) -> std::collections::HashMap<String, (ObjectName, Ident)> {
        let mut used = std::collections::HashMap::new();
        for row in rows(answers, 1) {
            let Some(sequence) = row.opt(7).and_then(defaults::sequence_of) else {
                continue;
            };
            let table = self
                .tables
                .get(&row.int(0))
                .and_then(|at| self.out.database.tables.get(*at));
            let column = self.column_name(row.int(0), row.int(1));
            if let Some((table, column)) = table.zip(column) {
                let name = ObjectName::new(table.name.schema.clone(), live_ident(&sequence));
                used.insert(name.to_string(), (table.name.clone(), column));
            }
        }
        used
    }

    pub(super) fn views(&mut self, answers: &[Rows]) {
        for row in rows(answers, 5) {
            let materialized = row.text(2) == "m";
            let mut options = Vec::new();
            if let Some(storage) = row.opt(4).filter(|s| !s.is_empty()) {
                options.push(format!("WITH ({storage})"));
            }
            if materialized && !row.flag(5) {
                options.push("WITH NO DATA".to_owned());
            }
            options.extend(
                row.text(6)
                    .split('\u{1f}')
                    .filter(|s| !s.is_empty())
                    .map(str::to_owned),
            );
            let view = View {
                name: self.name(row.text(0), row.text(1)),
                query: Expr::new(row.text(3).trim().trim_end_matches(';')),
                columns: Vec::new(),
                materialized,
                options,
                source_text: None,
                origin: Origin::Server,
            };
            self.out.database.views.push(view);
        }
    }

    pub(super) fn routines(&mut self, answers: &[Rows]) {
        for row in rows(answers, 6) {
            let name = self.name(row.text(1), row.text(2));
            if row.text(0) == "trigger" {
                self.out.database.triggers.push(Trigger {
                    name,
                    table: self.name(row.text(6), row.text(7)),
                    source_text: Expr::new(row.text(5)),
                    origin: Origin::Server,
                });
                continue;
            }
            self.out.database.routines.push(Routine {
                name,
                kind: match row.text(3) {
                    "p" => RoutineKind::Procedure,
                    "a" => RoutineKind::Aggregate,
                    _ => RoutineKind::Function,
                },
                signature: row.opt(4).map(str::to_owned),
                source_text: Expr::new(row.text(5)),
                origin: Origin::Server,
            });
        }
    }

    pub(super) fn types(&mut self, answers: &[Rows]) {
        for row in rows(answers, 7) {
            let name = self.name(row.text(0), row.text(1));
            match row.text(2) {
                "e" => self.out.database.enums.push(EnumType {
                    name,
                    values: row.text(6).split('\u{1f}').map(str::to_owned).collect(),
                    origin: Origin::Server,
                }),
                "d" => self.out.database.domains.push(Domain {
                    name,
                    base: types::parse(row.text(3)),
                    nullable: !row.flag(4),
                    default: row.opt(5).map(Expr::new),
                    checks: row
                        .text(7)
                        .split('\u{1f}')
                        .filter_map(|check| check.split_once('\u{1e}'))
                        .map(|(name, text)| (Some(live_ident(name)), Expr::new(text)))
                        .collect(),
                    origin: Origin::Server,
                }),
                kind => self.out.database.opaque.push(Opaque {
                    kind: if kind == "r" {
                        "range type"
                    } else {
                        "composite type"
                    }
                    .to_owned(),
                    name,
                    text: String::new(),
                    origin: Origin::Server,
                }),
            }
        }
    }

    pub(super) fn schemas(&mut self, answers: &[Rows]) {
        for row in rows(answers, 8) {
            let name = live_ident(row.text(1));
            if row.text(0) == "extension" {
                self.out.database.extensions.push(Extension {
                    name,
                    schema: row.opt(2).map(live_ident),
                    version: row.opt(3).map(str::to_owned),
                    origin: Origin::Server,
                });
            } else if row.text(1) != self.schema {
                self.out.database.namespaces.push(Namespace { name });
            }
        }
    }

    pub(super) fn others(&mut self, answers: &[Rows]) {
        for row in rows(answers, 10) {
            let table = self.name(row.text(1), row.text(2));
            self.out.database.opaque.push(Opaque {
                kind: row.text(0).to_owned(),
                name: ObjectName::new(table.schema, live_ident(row.text(3))),
                text: format!("ON {}: {}", row.text(2), row.text(4)),
                origin: Origin::Server,
            });
        }
    }
}
