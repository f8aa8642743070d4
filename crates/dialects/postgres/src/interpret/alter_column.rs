//! Changes of a column.

use realign_model::{Column, Expr, Ident, Identity, IndexTarget, ObjectName, Sequence};

use super::partition::change_options;
use super::stage::Stage;
use crate::keeping::{self, Said};
use crate::parse::{Cursor, Reading, SequenceText};
use crate::render::catalog_name;

impl Stage {
    /// What follows the column in `ALTER COLUMN`.
    pub(super) fn alter_column(
        &mut self,
        cursor: &mut Cursor<'_>,
        table: usize,
        column: usize,
    ) -> Reading<()> {
        let name = self.db.tables[table].name.clone();
        let mut own = self.db.tables[table].columns[column].clone();
        let typed = cursor.take("type") || cursor.take_all(&["set", "data", "type"]);
        if typed {
            let data_type = cursor.data_type()?;
            own.data_type = self.resolve_type(data_type);
            change_options(&mut self.db.tables[table], |options| {
                for said in [Said::Storage, Said::Compression] {
                    keeping::forget(&mut options.clauses, &own.name, said);
                }
            });
            let collation = if cursor.take("collate") {
                let collation = cursor.collation()?;
                Some(self.resolve_collation(&collation))
            } else {
                None
            };
            own.rare.put(collation, |rare| &mut rare.collation);
            if cursor.take("using") {
                cursor.expression(&[])?;
            }
            if matches!(own.identity, Some(Identity::Identity { .. })) {
                let text = SequenceText {
                    data_type: Some(own.data_type.clone()),
                    ..SequenceText::default()
                };
                self.change_owned(table, column, &text);
            }
            if own.identity == Some(Identity::Serial) && !own.data_type.is_integer() {
                // The counter stays, as the default that it is.
                let shared = self.sequence_of(&self.db.tables[table], &own);
                own.identity = None;
                own.default = own.default.or(shared);
            }
        } else if cursor.take_all(&["set", "default"]) {
            let text = cursor.expression(&[])?.to_owned();
            self.drop_default(&name, &mut own);
            self.set_default(&name, &mut own, Expr::new(text));
        } else if cursor.take_all(&["drop", "default"]) {
            self.drop_default(&name, &mut own);
        } else if cursor.take_all(&["set", "not", "null"]) {
            own.nullable = false;
        } else if cursor.take_all(&["drop", "not", "null"]) {
            own.nullable = true;
        } else if cursor.take_all(&["set", "expression", "as"]) {
            let text = cursor.group()?;
            if let Some(generated) = &mut own.generated {
                generated.expr = Expr::new(text);
            }
        } else if cursor.take_all(&["drop", "expression"]) {
            cursor.if_exists();
            own.generated = None;
        } else if cursor.take_all(&["drop", "identity"]) {
            cursor.if_exists();
            own.identity = None;
            self.drop_owned(table, column);
        } else if cursor.take_all(&["add", "generated"]) {
            self.add_identity(cursor, &name, &mut own)?;
        } else if self.keep_column(cursor, table, &own)? {
        } else if cursor.sees_any(&["set", "restart"]) {
            while cursor.sees_any(&["set", "restart"]) {
                cursor.take("set");
                if cursor.take_all(&["generated", "always"]) {
                    own.identity = Some(Identity::Identity { always: true });
                } else if cursor.take_all(&["generated", "by", "default"]) {
                    own.identity = Some(Identity::Identity { always: false });
                } else {
                    let text = cursor.sequence_options()?;
                    self.change_owned(table, column, &text);
                }
            }
        } else {
            return Err(cursor.unknown());
        }
        self.db.tables[table].columns[column] = own;
        Ok(())
    }

    /// How the values of a column are kept; false when it is something else that stands here.
    fn keep_column(
        &mut self,
        cursor: &mut Cursor<'_>,
        table: usize,
        column: &Column,
    ) -> Reading<bool> {
        let name = &column.name;
        let table = &mut self.db.tables[table];
        let options = cursor.ahead(1).is_some_and(|t| t.is_symbol("("));
        if options && cursor.sees_any(&["set", "reset"]) {
            let set = cursor.take("set");
            if !set {
                cursor.expect("reset")?;
            }
            let options = cursor.options()?;
            change_options(table, |own| {
                for option in options {
                    let key = option.split('=').next().unwrap_or_default();
                    keeping::forget_option(&mut own.clauses, name, key);
                    if set {
                        own.clauses.push(keeping::option_clause(name, &option));
                    }
                }
                own.clauses.sort();
            });
            return Ok(true);
        }
        let (said, value) = if cursor.take_all(&["set", "statistics"]) {
            let target = if cursor.take("default") {
                -1
            } else {
                cursor.integer()?
            };
            (Said::Statistics, (target >= 0).then(|| target.to_string()))
        } else if cursor.take_all(&["set", "storage"]) {
            let word = cursor.text_name()?.to_uppercase();
            let usual = word == "DEFAULT" || keeping::usual_storage(column) == Some(&*word);
            (Said::Storage, (!usual).then_some(word))
        } else if cursor.take_all(&["set", "compression"]) {
            let word = cursor.text_name()?;
            (Said::Compression, (word != "default").then_some(word))
        } else {
            return Ok(false);
        };
        change_options(table, |own| {
            keeping::forget(&mut own.clauses, name, said);
            own.clauses
                .extend(value.map(|value| keeping::clause(name, said, &value)));
            own.clauses.sort();
        });
        Ok(true)
    }

    /// What follows `ADD GENERATED`.
    fn add_identity(
        &mut self,
        cursor: &mut Cursor<'_>,
        table: &ObjectName,
        column: &mut Column,
    ) -> Reading<()> {
        let always = cursor.take("always");
        if !always {
            cursor.expect("by")?;
            cursor.expect("default")?;
        }
        cursor.expect("as")?;
        cursor.expect("identity")?;
        let mut options = SequenceText::default();
        if cursor.take_symbol("(") {
            options = cursor.sequence_options()?;
            cursor.expect_symbol(")")?;
        }
        let name = match &options.name {
            Some(path) => self.new_name(path),
            None => self.choose_sequence(table, &column.name),
        };
        self.own_sequence(table, column, name, &options);
        column.identity = Some(Identity::Identity { always });
        column.nullable = false;
        Ok(())
    }

    /// Changes the sequence that belongs to a column.
    fn change_owned(&mut self, table: usize, column: usize, text: &SequenceText) {
        let owner = (
            self.db.tables[table].name.clone(),
            self.db.tables[table].columns[column].name.clone(),
        );
        for sequence in &mut self.db.sequences {
            if sequence.owned_by.as_ref() == Some(&owner) {
                text.apply(sequence);
            }
        }
    }

    /// Takes the sequence that belongs to a column away.
    pub(super) fn drop_owned(&mut self, table: usize, column: usize) {
        let owner = (
            self.db.tables[table].name.clone(),
            self.db.tables[table].columns[column].name.clone(),
        );
        let belongs = |s: &Sequence| s.owned_by.as_ref() == Some(&owner);
        if self.db.sequences.iter().any(belongs) {
            self.remove_sequences(|s| !s.loose && belongs(s));
            for sequence in &mut self.db.sequences {
                if sequence.owned_by.as_ref() == Some(&owner) {
                    sequence.owned_by = None;
                    sequence.loose = false;
                }
            }
        }
    }

    /// Takes a column away with all that hangs on it.
    pub(super) fn drop_column(&mut self, table: usize, column: usize, cascade: bool) {
        self.drop_owned(table, column);
        self.unnote_names_at(table);
        let own = &mut self.db.tables[table];
        let gone = own.columns.remove(column);
        let name = catalog_name(&gone.name);
        let is = |other: &Ident| catalog_name(other) == name;
        let reads = |text: &str| super::rename::mentions(text, &name);
        own.indexes.retain(|index| {
            !index.include.iter().any(is)
                && !index.predicate.as_ref().is_some_and(|p| reads(p.as_str()))
                && !index.parts.iter().any(|part| match &part.target {
                    IndexTarget::Column(column) => is(column),
                    IndexTarget::Expr(expr) => reads(expr.as_str()),
                })
        });
        if own
            .primary_key
            .as_deref()
            .is_some_and(|key| key.columns().any(is))
        {
            own.primary_key = None;
        }
        own.foreign_keys.retain(|key| !key.columns.iter().any(is));
        own.checks.retain(|check| !reads(check.expr.as_str()));
        own.opaque
            .retain(|line| !line.starts_with("CONSTRAINT ") || !reads(line));
        change_options(own, |options| {
            keeping::forget_column(&mut options.clauses, &gone.name);
        });
        let owner = own.name.clone();
        if cascade {
            for other in &mut self.db.tables {
                other
                    .foreign_keys
                    .retain(|key| key.ref_table != owner || !key.ref_columns.iter().any(is));
            }
            self.names = None;
            self.drop_readers(&owner, Some(&name));
        }
        self.note_names_at(table);
    }
}
