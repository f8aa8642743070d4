//! Where tables and sequences stand, and which types there are: what goes or gets another name
//! changes its own entry, so that a long script does not pay for all the others each time.

use std::collections::HashMap;

use realign_model::{ObjectName, Sequence, Table};

use super::stage::Stage;
use super::table::there_already;
use crate::parse::{Path, Reading, Trouble};
use crate::render::catalog_name;

impl Stage {
    pub(super) fn refresh(&mut self) {
        if self.stale {
            let index = |names: Vec<String>| -> HashMap<String, usize> {
                names
                    .into_iter()
                    .enumerate()
                    .map(|(at, key)| (key, at))
                    .collect()
            };
            self.tables = index(self.db.tables.iter().map(|t| self.key(&t.name)).collect());
            self.sequences = index(
                self.db
                    .sequences
                    .iter()
                    .map(|s| self.key(&s.name))
                    .collect(),
            );
            self.stale = false;
        }
    }

    /// Says that tables or sequences were taken away or renamed.
    pub(super) fn forget_places(&mut self) {
        self.stale = true;
        self.names = None;
        self.parents = None;
        self.referred = None;
        self.routines = None;
        self.triggers = None;
    }

    /// True when foreign keys refer to the table, or did: to most that go or get another name
    /// none does, and then nobody has to be asked.
    pub(super) fn is_referred_to(&mut self, name: &ObjectName) -> bool {
        let mut referred = self.referred.take();
        let known = referred.get_or_insert_with(|| {
            let keys = self.db.tables.iter().flat_map(|table| &table.foreign_keys);
            keys.map(|key| self.key(&key.ref_table)).collect()
        });
        let found = known.contains(&self.key(name));
        self.referred = referred;
        found
    }

    /// Remembers that a foreign key refers to the table.
    pub(super) fn note_reference(&mut self, name: &ObjectName) {
        let key = self.key(name);
        if let Some(referred) = &mut self.referred {
            referred.insert(key);
        }
    }

    /// Takes a table out: those behind it move up.
    pub(super) fn remove_table(&mut self, at: usize) {
        self.refresh();
        let table = self.db.tables.remove(at);
        self.unnote_names(&table);
        let key = self.key(&table.name);
        close_gap(&mut self.tables, &key, at);
    }

    /// Takes sequences out, likewise.
    pub(super) fn remove_sequences(&mut self, goes: impl Fn(&Sequence) -> bool) {
        self.refresh();
        let mut at = 0;
        while let Some(sequence) = self.db.sequences.get(at) {
            if !goes(sequence) {
                at += 1;
                continue;
            }
            self.remove_sequence(at);
        }
    }

    /// Takes one sequence out.
    pub(super) fn remove_sequence(&mut self, at: usize) -> Sequence {
        self.refresh();
        let sequence = self.db.sequences.remove(at);
        let key = self.key(&sequence.name);
        self.unnote_relation(&key);
        close_gap(&mut self.sequences, &key, at);
        sequence
    }

    /// Gives a sequence another name.
    pub(super) fn name_sequence(&mut self, at: usize, to: ObjectName) {
        self.refresh();
        let (old, new) = (self.key(&self.db.sequences[at].name), self.key(&to));
        self.sequences.remove(&old);
        self.sequences.insert(new.clone(), at);
        self.unnote_relation(&old);
        self.note_relation(new, None);
        self.db.sequences[at].name = to;
    }

    /// Refuses a new name that another relation has.
    pub(super) fn is_free(&mut self, name: &ObjectName, at: usize) -> Reading<()> {
        let key = self.key(name);
        if self.relation_named(name).is_none() && self.held_name(&key).is_none() {
            return Ok(());
        }
        Err(taken(name, at))
    }

    /// True when a type or a domain has that name.
    pub(super) fn type_exists(&self, name: &ObjectName) -> bool {
        self.types.contains(&self.key(name))
    }

    /// Refuses a new name that another type has.
    pub(super) fn is_free_type(&self, name: &ObjectName, at: usize) -> Reading<()> {
        if !self.type_exists(name) {
            return Ok(());
        }
        Err(taken(name, at))
    }

    /// Says that a relation is called otherwise, in the same schema.
    pub(super) fn moved_name(&mut self, from: &ObjectName, to: &ObjectName) {
        let (old, new) = (self.key(from), self.key(to));
        if !self.stale
            && let Some(at) = self.tables.remove(&old)
        {
            self.tables.insert(new.clone(), at);
        }
        self.unnote_relation(&old);
        self.note_relation(new.clone(), None);
        for known in [&mut self.parents, &mut self.referred]
            .into_iter()
            .flatten()
        {
            if known.contains(&old) {
                known.insert(new.clone());
            }
        }
        self.triggers = None;
    }

    /// Adds a table.
    pub(super) fn push_table(&mut self, table: Table) {
        self.refresh();
        let key = self.key(&table.name);
        self.tables.insert(key, self.db.tables.len());
        self.note_names(&table);
        self.db.tables.push(table);
    }

    /// Adds a sequence.
    pub(super) fn push_sequence(&mut self, sequence: Sequence) {
        self.refresh();
        let key = self.key(&sequence.name);
        self.sequences.insert(key.clone(), self.db.sequences.len());
        self.note_relation(key, None);
        self.db.sequences.push(sequence);
    }

    /// Notes which types there are.
    pub(super) fn gather_types(&mut self) {
        let db = &self.db;
        let enums = db.enums.iter().map(|e| &e.name);
        let domains = db.domains.iter().map(|d| &d.name);
        let others = db.opaque.iter().filter(|o| o.kind.ends_with(" type"));
        let names = enums.chain(domains).chain(others.map(|o| &o.name));
        self.types = names.map(|name| self.key(name)).collect();
    }
}

fn taken(name: &ObjectName, at: usize) -> Trouble {
    there_already(&Path {
        schema: None,
        name: catalog_name(&name.name),
        at,
    })
}

/// Takes a place out of those that are known; all behind it move up.
fn close_gap(places: &mut HashMap<String, usize>, key: &str, gap: usize) {
    if places.get(key) == Some(&gap) {
        places.remove(key);
    }
    for at in places.values_mut().filter(|at| **at > gap) {
        *at -= 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use realign_model::Database;
    use realign_planner::{Interpret as _, SchemaScript};

    use crate::POSTGRES;
    use crate::facts::offline;

    /// Statements about few names, so that many meet what others left.
    const STATEMENTS: &[&str] = &[
        "CREATE TABLE t# (id serial PRIMARY KEY, a int UNIQUE, b int CHECK (b > 0));",
        "CREATE TABLE t# (id int, a int REFERENCES t@ (id), k e#);",
        "CREATE TABLE y# (id int PRIMARY KEY, a e@, b int) PARTITION BY RANGE (id);",
        "CREATE TABLE p# PARTITION OF y@ FOR VALUES FROM (1) TO (2);",
        "ALTER TABLE y# ATTACH PARTITION t@ FOR VALUES FROM (3) TO (4);",
        "DROP TABLE y#;",
        "DROP TABLE t#;",
        "DROP TABLE t# CASCADE;",
        "ALTER TABLE t# RENAME TO t@;",
        "ALTER TABLE t# RENAME TO x#;",
        "ALTER TABLE x# RENAME TO t#;",
        "ALTER TABLE t# SET SCHEMA s;",
        "ALTER TABLE s.t# SET SCHEMA public;",
        "CREATE SCHEMA s;",
        "ALTER SCHEMA s RENAME TO s2;",
        "CREATE INDEX ON t# (a);",
        "CREATE INDEX i# ON t@ (b);",
        "DROP INDEX i#;",
        "DROP INDEX t#_a_idx;",
        "ALTER INDEX i# RENAME TO i@;",
        "ALTER TABLE i# RENAME TO j#;",
        "ALTER TABLE t# ADD CONSTRAINT c# FOREIGN KEY (a) REFERENCES t@ (id);",
        "ALTER TABLE t# ADD CONSTRAINT c@ CHECK (a > 1);",
        "ALTER TABLE t# ADD FOREIGN KEY (a) REFERENCES t@ (id);",
        "ALTER TABLE t# ADD CHECK (a > 2);",
        "ALTER TABLE t# ADD UNIQUE (b);",
        "ALTER TABLE t# DROP CONSTRAINT c#;",
        "ALTER TABLE t# DROP CONSTRAINT t#_pkey CASCADE;",
        "ALTER TABLE t# DROP CONSTRAINT t#_a_fkey;",
        "ALTER TABLE t# DROP CONSTRAINT t#_a_key;",
        "ALTER TABLE t# RENAME CONSTRAINT c# TO c@;",
        "ALTER TABLE t# ADD c serial;",
        "ALTER TABLE t# DROP COLUMN a CASCADE;",
        "ALTER TABLE t# DROP COLUMN id;",
        "CREATE SEQUENCE q#;",
        "DROP SEQUENCE q#;",
        "ALTER SEQUENCE q# RENAME TO q@;",
        "CREATE TYPE e# AS ENUM ('a');",
        "CREATE TYPE e# AS (n int, o e@);",
        "CREATE DOMAIN e# AS int;",
        "DROP TYPE e#;",
        "DROP TYPE e# CASCADE;",
        "ALTER TYPE e# RENAME TO e@;",
        "CREATE VIEW v# AS SELECT a FROM t@;",
        "CREATE MATERIALIZED VIEW v# AS SELECT id FROM t#;",
        "CREATE INDEX ON v# (id);",
        "DROP VIEW v#;",
        "DROP MATERIALIZED VIEW v#;",
        "ALTER VIEW v# RENAME TO v@;",
    ];

    fn made(onto: Database, text: &str) -> Database {
        let facts = offline("postgresql-15").expect("known");
        let script = SchemaScript {
            path: "schema.sql",
            text,
        };
        let mut made = POSTGRES.interpret(&script, onto, &facts).database;
        made.forget_origins();
        made
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn a_script_at_once_makes_what_its_statements_make_one_by_one(
            chosen in prop::collection::vec((0..STATEMENTS.len(), 0..3_u8, 0..3_u8), 1..60),
        ) {
            let texts: Vec<String> = chosen
                .iter()
                .map(|(at, own, other)| {
                    let text = STATEMENTS[*at].replace('#', &own.to_string());
                    text.replace('@', &other.to_string())
                })
                .collect();
            let mut apart = Database::default();
            for text in &texts {
                apart = made(apart, text);
            }
            prop_assert_eq!(made(Database::default(), &texts.join("\n")), apart, "{:#?}", texts);
        }
    }
}
