//! Types, schemas and extensions.

use realign_model::{DataType, EnumType, Extension, Ident, Namespace, ObjectName, Opaque};

use super::alter::behaviour;
use super::stage::{Stage, missing};
use super::table::there_already;
use crate::parse::{Cursor, Path, Reading, Trouble};
use crate::render::{catalog_name, ident, live_ident, live_object};
use crate::types;

impl Stage {
    /// What follows `CREATE TYPE`.
    pub(super) fn create_type(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let path = cursor.path()?;
        let name = self.new_name(&path);
        if self.type_exists(&name) {
            return Err(there_already(&path));
        }
        self.touched();
        let origin = self.origin_at(path.at);
        if cursor.take_all(&["as", "enum"]) {
            cursor.expect_symbol("(")?;
            let mut values = Vec::new();
            if !cursor.sees_symbol(")") {
                values.push(cursor.string()?);
                while cursor.take_symbol(",") {
                    values.push(cursor.string()?);
                }
            }
            cursor.expect_symbol(")")?;
            cursor.expect_end()?;
            self.types.insert(self.key(&name));
            self.db.enums.push(EnumType {
                name,
                values,
                origin,
            });
            return Ok(());
        }
        let (kind, text) = if cursor.take_all(&["as", "range"]) {
            let mut options = cursor.options()?;
            let usual = multirange_of(&catalog_name(&name.name));
            options.retain_mut(|option| {
                let Some(written) = option.strip_prefix("multirange_type_name=") else {
                    return true;
                };
                let Ok(path) = Cursor::new(written).path() else {
                    return true;
                };
                let full = match path.schema {
                    Some(_) => self.new_name(&path),
                    None => Self::beside(&name, &path.name),
                };
                let unusual = path.name != usual;
                *option = format!("multirange_type_name={}", live_object(&full));
                unusual
            });
            ("range type", range_text(&name, &options))
        } else if cursor.take("as") {
            cursor.expect_symbol("(")?;
            let mut attributes = Vec::new();
            while !cursor.sees_symbol(")") {
                let attribute = cursor.ident()?;
                let data_type = cursor.data_type()?;
                let data_type = self.resolve_type(data_type);
                let collation = if cursor.take("collate") {
                    let collation = cursor.collation()?;
                    Some(self.resolve_collation(&collation))
                } else {
                    None
                };
                attributes.push((attribute, data_type, collation));
                if !cursor.take_symbol(",") {
                    break;
                }
            }
            cursor.expect_symbol(")")?;
            ("composite type", composite_text(&name, &attributes))
        } else if cursor.sees_symbol("(") {
            cursor.skip_group()?;
            ("base type", String::new())
        } else {
            ("base type", String::new())
        };
        cursor.expect_end()?;
        self.types.insert(self.key(&name));
        self.db.opaque.push(Opaque {
            kind: kind.to_owned(),
            name,
            table: None,
            text,
            origin,
        });
        Ok(())
    }

    /// `RENAME TO` and `SET SCHEMA` of a type or a domain; false when neither follows.
    pub(super) fn type_moved(
        &mut self,
        cursor: &mut Cursor<'_>,
        name: &ObjectName,
    ) -> Reading<bool> {
        let at = cursor.place();
        let to = if cursor.take_all(&["rename", "to"]) {
            Self::beside(name, &cursor.text_name()?)
        } else if cursor.take_all(&["set", "schema"]) {
            let schema = cursor.text_name()?;
            self.new_name(&Path {
                schema: Some(schema),
                name: catalog_name(&name.name),
                at: 0,
            })
        } else {
            return Ok(false);
        };
        self.is_free_type(&to, at)?;
        self.rename_type(name, &to);
        Ok(true)
    }

    /// What follows `ALTER TYPE`.
    pub(super) fn alter_type(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let path = cursor.path()?;
        let names = self.candidates(&path);
        let Some(name) = names.into_iter().find(|name| self.type_exists(name)) else {
            return Err(missing("type", &path));
        };
        if cursor.take_all(&["owner", "to"]) {
            return Ok(());
        }
        self.touched();
        if self.type_moved(cursor, &name)? {
            return cursor.expect_end();
        }
        let found = (0..self.db.enums.len()).find(|at| self.same(&self.db.enums[*at].name, &name));
        let Some(at) = found else {
            return self.alter_composite(cursor, &name);
        };
        let place = cursor.place();
        let values = &mut self.db.enums[at].values;
        if cursor.take_all(&["add", "value"]) {
            let may_exist = cursor.if_not_exists();
            let value = cursor.string()?;
            if values.contains(&value) {
                return if may_exist {
                    Ok(())
                } else {
                    Err(Trouble::DoesNotFit {
                        at: place,
                        what: format!("{name} has the value '{value}' already"),
                    })
                };
            }
            let mut to = values.len();
            let before = cursor.take("before");
            if before || cursor.take("after") {
                let other = cursor.string()?;
                let Some(found) = values.iter().position(|v| *v == other) else {
                    return Err(no_value(place, &name, &other));
                };
                to = found + usize::from(!before);
            }
            values.insert(to, value);
        } else if cursor.take_all(&["rename", "value"]) {
            let old = cursor.string()?;
            cursor.expect("to")?;
            let new = cursor.string()?;
            match values.iter_mut().find(|v| **v == old) {
                Some(value) => *value = new,
                None => return Err(no_value(place, &name, &old)),
            }
        } else {
            return Err(cursor.unknown());
        }
        cursor.expect_end()
    }

    /// Changes of a composite type's attributes.
    fn alter_composite(&mut self, cursor: &mut Cursor<'_>, name: &ObjectName) -> Reading<()> {
        let found = (self.db.opaque.iter())
            .position(|o| o.kind == "composite type" && self.same(&o.name, name));
        let Some(at) = found else {
            return Err(cursor.unknown());
        };
        let Some(mut attributes) = attributes_of(&self.db.opaque[at].text) else {
            return Err(cursor.unknown());
        };
        loop {
            let place = cursor.place();
            if cursor.take_all(&["rename", "attribute"]) {
                let old = cursor.ident()?;
                cursor.expect("to")?;
                let new = cursor.ident()?;
                let own = attribute(&mut attributes, &old, place)?;
                own.0 = new;
            } else if cursor.take_all(&["add", "attribute"]) {
                let own = cursor.ident()?;
                let data_type = cursor.data_type()?;
                attributes.push((own, self.resolve_type(data_type), None));
            } else if cursor.take_all(&["drop", "attribute"]) {
                let may_miss = cursor.if_exists();
                let own = cursor.ident()?;
                let before = attributes.len();
                attributes.retain(|a| a.0 != own);
                if attributes.len() == before && !may_miss {
                    attribute(&mut attributes, &own, place)?;
                }
            } else if cursor.take_all(&["alter", "attribute"]) {
                let own = cursor.ident()?;
                cursor.take_all(&["set", "data"]);
                cursor.expect("type")?;
                let data_type = cursor.data_type()?;
                let data_type = self.resolve_type(data_type);
                attribute(&mut attributes, &own, place)?.1 = data_type;
            } else {
                return Err(cursor.unknown());
            }
            behaviour(cursor);
            if !cursor.take_symbol(",") {
                break;
            }
        }
        self.db.opaque[at].text = composite_text(name, &attributes);
        cursor.expect_end()
    }

    /// Another name of a type, for all columns that have it.
    pub(super) fn rename_type(&mut self, from: &ObjectName, to: &ObjectName) {
        let (old, new) = (live_object(from), live_object(to));
        let wanted = self.key(from);
        let mut db = std::mem::take(&mut self.db);
        let names = db
            .enums
            .iter_mut()
            .map(|e| &mut e.name)
            .chain(db.domains.iter_mut().map(|d| &mut d.name))
            .chain(
                db.opaque
                    .iter_mut()
                    .filter(|o| o.kind.ends_with(" type"))
                    .map(|o| &mut o.name),
            );
        for name in names {
            if self.key(name) == wanted {
                *name = to.clone();
            }
        }
        let columns = db.tables.iter_mut().flat_map(|t| t.columns.iter_mut());
        for column in columns {
            swap_type(&mut column.data_type, &old, &new);
        }
        for domain in &mut db.domains {
            swap_type(&mut domain.base, &old, &new);
        }
        self.db = db;
        self.types.remove(&wanted);
        self.types.insert(self.key(to));
    }

    /// What follows `CREATE SCHEMA`.
    pub(super) fn create_schema(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let may_exist = cursor.if_not_exists();
        let place = cursor.place();
        let name = if cursor.take("authorization") {
            cursor.text_name()?
        } else {
            let name = cursor.text_name()?;
            if cursor.take("authorization") {
                cursor.text_name()?;
            }
            name
        };
        // Objects within the statement are an old form that nobody writes.
        cursor.expect_end()?;
        let path = Path {
            schema: Some(name.clone()),
            name: "x".to_owned(),
            at: place,
        };
        let usual = self.key(&self.new_name(&path)) == "x";
        let present = usual
            || self
                .db
                .namespaces
                .iter()
                .any(|n| catalog_name(&n.name) == name);
        if present {
            return if may_exist || usual {
                Ok(())
            } else {
                Err(Trouble::DoesNotFit {
                    at: place,
                    what: format!("the schema {name} is there already"),
                })
            };
        }
        self.touched();
        self.db.namespaces.push(Namespace {
            name: live_ident(&name),
        });
        Ok(())
    }

    /// What follows `CREATE EXTENSION`.
    pub(super) fn create_extension(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let may_exist = cursor.if_not_exists();
        let place = cursor.place();
        let name = cursor.ident()?;
        cursor.take("with");
        let mut extension = Extension {
            name,
            schema: None,
            version: None,
            origin: self.origin_at(place),
        };
        loop {
            if cursor.take("schema") {
                extension.schema = Some(cursor.ident()?);
            } else if cursor.take("version") {
                extension.version = Some(match cursor.string() {
                    Ok(text) => text,
                    Err(_) => cursor.text_name()?,
                });
            } else if !cursor.take("cascade") {
                break;
            }
        }
        cursor.expect_end()?;
        let own = catalog_name(&extension.name);
        // Every database has it.
        if own == "plpgsql" {
            return Ok(());
        }
        if self
            .db
            .extensions
            .iter()
            .any(|e| catalog_name(&e.name) == own)
        {
            return if may_exist {
                Ok(())
            } else {
                Err(Trouble::DoesNotFit {
                    at: place,
                    what: format!("the extension {own} is there already"),
                })
            };
        }
        self.touched();
        if extension.schema.is_none() {
            extension.schema = self.schemas().next().map(live_ident);
        }
        self.db.extensions.push(extension);
        Ok(())
    }

    /// What follows `ALTER EXTENSION`.
    pub(super) fn alter_extension(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let path = cursor.path()?;
        let Some(extension) = self
            .db
            .extensions
            .iter_mut()
            .find(|e| catalog_name(&e.name) == path.name)
        else {
            return Err(missing("extension", &path));
        };
        if cursor.take_all(&["set", "schema"]) {
            extension.schema = Some(cursor.ident()?);
        } else if cursor.take("update") {
            if cursor.take("to") {
                extension.version = Some(match cursor.string() {
                    Ok(text) => text,
                    Err(_) => cursor.text_name()?,
                });
            }
        } else if cursor.sees_any(&["add", "drop"]) {
            // An extension that is not installed in one piece.
            return Err(cursor.unknown());
        }
        cursor.expect_end()
    }
}

fn swap_type(data_type: &mut DataType, old: &str, new: &str) {
    match data_type {
        DataType::Array(inner) => swap_type(inner, old, new),
        DataType::Native(text) if text == old => new.clone_into(text),
        _ => {}
    }
}

fn no_value(at: usize, name: &ObjectName, value: &str) -> Trouble {
    Trouble::DoesNotFit {
        at,
        what: format!("{name} has no value '{value}'"),
    }
}

/// Name, type and collation of an attribute.
pub(crate) type Attribute = (Ident, DataType, Option<String>);

fn attribute<'a>(
    attributes: &'a mut [Attribute],
    name: &Ident,
    at: usize,
) -> Reading<&'a mut Attribute> {
    attributes
        .iter_mut()
        .find(|a| a.0 == *name)
        .ok_or_else(|| Trouble::DoesNotFit {
            at,
            what: format!("there is no attribute {name}"),
        })
}

/// A composite type as a statement that is the same however it was written.
pub(crate) fn composite_text(name: &ObjectName, attributes: &[Attribute]) -> String {
    let parts: Vec<String> = attributes
        .iter()
        .map(|(attribute, data_type, collation)| {
            let collation = collation.as_ref().map_or_else(String::new, |c| {
                format!(" COLLATE {}", crate::render::collation(c))
            });
            format!(
                "{} {}{collation}",
                ident(attribute),
                types::render(data_type)
            )
        })
        .collect();
    format!(
        "CREATE TYPE {} AS ({})",
        live_object(name),
        parts.join(", ")
    )
}

fn attributes_of(text: &str) -> Option<Vec<Attribute>> {
    let mut cursor = Cursor::new(text);
    cursor.expect("create").ok()?;
    cursor.expect("type").ok()?;
    cursor.path().ok()?;
    cursor.expect("as").ok()?;
    cursor.expect_symbol("(").ok()?;
    let mut found = Vec::new();
    while !cursor.sees_symbol(")") {
        let name = cursor.ident().ok()?;
        let data_type = cursor.data_type().ok()?;
        let collation = if cursor.take("collate") {
            Some(cursor.collation().ok()?)
        } else {
            None
        };
        found.push((name, data_type, collation));
        if !cursor.take_symbol(",") {
            break;
        }
    }
    Some(found)
}

/// What the server calls the type of many ranges when nobody says it.
fn multirange_of(range: &str) -> String {
    if range.contains("range") {
        range.replacen("range", "multirange", 1)
    } else {
        format!("{range}_multirange")
    }
}

/// A range type as a statement that is the same however it was written.
pub(crate) fn range_text(name: &ObjectName, options: &[String]) -> String {
    let mut parts: Vec<String> = options
        .iter()
        .filter_map(|option| option.split_once('='))
        .map(|(name, value)| {
            let value = if name == "subtype" {
                types::render(&types::parse(value)).to_lowercase()
            } else {
                value.to_owned()
            };
            format!("{name} = {value}")
        })
        .collect();
    parts.sort();
    format!(
        "CREATE TYPE {} AS RANGE ({})",
        live_object(name),
        parts.join(", ")
    )
}
