//! Objects beside tables.

use realign_model::{
    Comment, Domain, EnumType, Expr, Extension, Ident, Namespace, ObjectName, Opaque, Origin,
    Routine, RoutineKind, Sequence, Trigger, View,
};
use realign_planner::Rows;

use super::{Assembly, rows};
use crate::catalog::at;
use crate::interpret::{composite_text, range_text};
use crate::opaque::{Policy, cast_text, collation_text, configuration_text, operator_text};
use crate::parse::{Cursor, RoutineText, types_of};
use crate::render::{ident, live_ident, live_object};
use crate::{serials, types};

impl Assembly {
    pub(super) fn sequences(&mut self, answers: &[Rows]) {
        let used = self.sequences_in_defaults();
        for row in rows(answers, at::SEQUENCES) {
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
                loose: owner.is_none() && used.contains_key(&name.to_string()),
                owned_by: owner.or_else(|| used.get(&name.to_string()).cloned()),
                name,
                data_type: Some(data_type),
                start,
                increment: number(4),
                min: Some(number(5)),
                max: Some(number(6)),
                cache: row.text(7).parse().ok(),
                cycle: row.flag(8),
                unlogged: row.text(12) == "u",
                origin: Origin::Server,
            });
        }
    }

    /// The column whose default takes its values from a sequence, by the sequence's name: it
    /// belongs to it, even when nobody said OWNED BY.
    fn sequences_in_defaults(&self) -> std::collections::HashMap<String, (ObjectName, Ident)> {
        let mut used = std::collections::HashMap::new();
        for table in &self.out.database.tables {
            for column in &table.columns {
                let default = column.default.as_ref();
                if let Some(name) = default.and_then(|d| serials::named_in(d.as_str())) {
                    let name = ObjectName::new(
                        name.schema.filter(|schema| schema.text != self.schema),
                        name.name,
                    );
                    used.insert(name.to_string(), (table.name.clone(), column.name.clone()));
                }
            }
        }
        used
    }

    pub(super) fn views(&mut self, answers: &[Rows]) {
        for row in rows(answers, at::VIEWS) {
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
                settings: realign_model::SessionSettings::new(),
                origin: Origin::Server,
            };
            self.out.database.views.push(view);
        }
    }

    pub(super) fn routines(&mut self, answers: &[Rows]) {
        for row in rows(answers, at::ROUTINES) {
            let name = self.name(row.text(1), row.text(2));
            if row.text(0) == "trigger" {
                self.out.database.triggers.push(Trigger {
                    name,
                    table: self.name(row.text(6), row.text(7)),
                    source_text: Expr::new(row.text(5)),
                    settings: realign_model::SessionSettings::new(),
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
                signature: Some(
                    RoutineText::read(row.text(5))
                        .map_or_else(|| row.text(4).to_owned(), |text| text.signature()),
                ),
                source_text: Expr::new(row.text(5)),
                settings: realign_model::SessionSettings::new(),
                legacy: row
                    .opt(8)
                    .map(|lines| lines.split('\u{1f}').map(str::to_owned).collect())
                    .unwrap_or_default(),
                origin: Origin::Server,
            });
        }
    }

    pub(super) fn types(&mut self, answers: &[Rows]) {
        for row in rows(answers, at::TYPES) {
            let name = self.name(row.text(0), row.text(1));
            match row.text(2) {
                "e" => self.out.database.enums.push(EnumType {
                    name,
                    values: row.text(6).split('\u{1f}').map(str::to_owned).collect(),
                    origin: Origin::Server,
                }),
                "d" => {
                    let (mut checks, mut unproven) = (Vec::new(), Vec::new());
                    for check in row.text(7).split('\u{1f}') {
                        let mut parts = check.split('\u{1e}');
                        let (Some(name), Some(text)) = (parts.next(), parts.next()) else {
                            continue;
                        };
                        if parts.next() == Some("0") {
                            unproven.push(live_ident(name));
                        }
                        checks.push((Some(live_ident(name)), Expr::new(text)));
                    }
                    let collation = row.opt(8).map(|_| row.int(8));
                    self.out.database.domains.push(Domain {
                        name,
                        base: types::parse(row.text(3)),
                        collation: collation
                            .and_then(|oid| self.names.collations.get(&oid).cloned()),
                        nullable: !row.flag(4),
                        default: row.opt(5).map(Expr::new),
                        checks,
                        unproven,
                        origin: Origin::Server,
                    });
                }
                "r" => {
                    let options: Vec<String> =
                        row.text(3).split('\u{1f}').map(str::to_owned).collect();
                    let text = range_text(&name, &options);
                    self.opaque("range type", name, text);
                }
                _ => {
                    let attributes: Vec<_> = row
                        .text(3)
                        .split('\u{1f}')
                        .filter_map(|attribute| {
                            let mut parts = attribute.split('\u{1e}');
                            let (name, data_type) = (parts.next()?, parts.next()?);
                            let collation = parts.next().and_then(|oid| oid.parse().ok());
                            let collation = collation
                                .and_then(|oid: i64| self.names.collations.get(&oid).cloned());
                            Some((live_ident(name), types::parse(data_type), collation))
                        })
                        .collect();
                    let text = composite_text(&name, &attributes);
                    self.opaque("composite type", name, text);
                }
            }
        }
    }

    pub(super) fn schemas(&mut self, answers: &[Rows]) {
        for row in rows(answers, at::SCHEMAS) {
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

    fn opaque(&mut self, kind: &str, name: ObjectName, text: String) {
        self.out.database.opaque.push(Opaque {
            kind: kind.to_owned(),
            name,
            table: None,
            text,
            origin: Origin::Server,
        });
    }

    pub(super) fn others(&mut self, answers: &[Rows]) {
        for row in rows(answers, at::OTHERS) {
            let (kind, text) = (row.text(0), row.text(4));
            let schema = row.opt(1).unwrap_or(&self.schema);
            let table = self.name(schema, row.text(2));
            let own = match kind {
                "operator" => operator_name(row.text(3)),
                "cast" => cast_name(row.text(3)),
                _ => row.text(3).to_owned(),
            };
            let name = ObjectName::new(table.schema.clone(), live_ident(&own));
            let parts: Vec<&str> = text.split('\u{1f}').collect();
            let text = match kind {
                "switch" => {
                    let line = format!("TRIGGER {} is {text}", name.name);
                    let tables = self.out.database.tables.iter_mut();
                    for table in tables.filter(|t| t.name == table) {
                        table.opaque.push(line.clone());
                    }
                    continue;
                }
                "policy" => policy(&name, &table, &parts),
                "collation" => collation_text(
                    &parts
                        .iter()
                        .filter_map(|part| part.split_once('='))
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .collect(),
                ),
                "text search configuration" => {
                    let maps = parts
                        .iter()
                        .skip(1)
                        .filter_map(|line| line.split_once('\u{1e}'))
                        .map(|(token, list)| (token.to_owned(), list.to_owned()))
                        .collect();
                    configuration_text(parts.first().copied().unwrap_or_default(), &maps)
                }
                "operator" => operator_text(text),
                "cast" => cast_text(text),
                _ => text.to_owned(),
            };
            self.opaque(kind, name, text);
            if matches!(kind, "policy" | "rule")
                && let Some(own) = self.out.database.opaque.last_mut()
            {
                own.table = Some(table);
            }
        }
    }

    /// Comments of objects that have no place for one of their own.
    pub(super) fn comments(&mut self, answers: &[Rows]) {
        for row in rows(answers, at::COMMENTS).filter(|row| !row.text(0).is_empty()) {
            let names: Vec<&str> = row.text(1).split('\u{1f}').collect();
            let arguments: Vec<&str> = row
                .text(2)
                .split('\u{1f}')
                .filter(|a| !a.is_empty())
                .collect();
            if let Some(on) = self.commented(row.text(0), &names, &arguments) {
                self.out.database.comments.push(Comment {
                    on,
                    text: row.text(3).to_owned(),
                    origin: Origin::Server,
                });
            }
        }
    }

    /// An object in the words of COMMENT ON.
    fn commented(&self, kind: &str, names: &[&str], arguments: &[&str]) -> Option<String> {
        let full = |schema: &str, name: &str| live_object(&self.name(schema, name));
        let own = |name: &str| ident(&live_ident(name));
        let word = kind.to_uppercase();
        Some(match (kind, names) {
            ("function" | "procedure" | "aggregate", [schema, name]) => {
                let types: Vec<_> = arguments.iter().map(|a| types::parse(a)).collect();
                format!("{word} {}({})", full(schema, name), types_of(&types))
            }
            ("trigger" | "policy" | "rule", [schema, table, name]) => {
                format!("{word} {} ON {}", own(name), full(schema, table))
            }
            ("table constraint", [schema, table, name]) => {
                format!("CONSTRAINT {} ON {}", own(name), full(schema, table))
            }
            ("domain constraint", [domain]) => {
                let path = Cursor::new(domain).path().ok()?;
                let schema = path.schema.as_deref().unwrap_or(&self.schema);
                let name = arguments.first()?;
                format!(
                    "CONSTRAINT {} ON DOMAIN {}",
                    own(name),
                    full(schema, &path.name)
                )
            }
            ("type", [name]) => {
                let path = Cursor::new(name).path().ok()?;
                let schema = path.schema.as_deref().unwrap_or(&self.schema);
                let name = self.name(schema, &path.name);
                let is_domain = self.out.database.domains.iter().any(|d| d.name == name);
                let word = if is_domain { "DOMAIN" } else { "TYPE" };
                format!("{word} {}", live_object(&name))
            }
            (kind, [schema, relation, column]) if kind.ends_with("column") => {
                format!("COLUMN {}.{}", full(schema, relation), own(column))
            }
            ("schema", [name]) => format!("SCHEMA {}", own(name)),
            (_, [schema, name]) => format!("{word} {}", full(schema, name)),
            _ => return None,
        })
    }
}

/// An operator's name with the types on both its sides, each in its one spelling.
fn operator_name(text: &str) -> String {
    let Some((sign, sides)) = text
        .split_once(" (")
        .and_then(|(sign, sides)| Some((sign, sides.strip_suffix(')')?)))
    else {
        return text.to_owned();
    };
    let sides: Vec<String> = sides
        .split(", ")
        .map(|side| match side {
            "none" => side.to_owned(),
            side => type_name(side),
        })
        .collect();
    format!("{sign} ({})", sides.join(", "))
}

/// A cast by its types, likewise.
fn cast_name(text: &str) -> String {
    let sides: Vec<String> = text.split(" AS ").map(type_name).collect();
    sides.join(" AS ")
}

fn type_name(text: &str) -> String {
    types::render(&types::parse(text)).to_lowercase()
}

/// A policy from its parts.
fn policy(name: &ObjectName, table: &ObjectName, parts: &[&str]) -> String {
    let part = |at: usize| parts.get(at).copied().unwrap_or_default();
    let text = |at: usize| (!part(at).is_empty()).then(|| part(at).to_owned());
    Policy {
        name: ident(&name.name),
        table: live_object(table),
        restrictive: part(0) == "0",
        command: part(1).to_owned(),
        roles: part(2).split(", ").map(str::to_owned).collect(),
        using: text(3),
        check: text(4),
    }
    .text()
}
