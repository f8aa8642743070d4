//! Domains.

use realign_model::{Domain, Expr, Ident};

use super::alter::behaviour;
use super::choose::put_together;
use super::stage::{Stage, missing};
use super::table::there_already;
use crate::parse::{Cursor, Reading, Trouble, is_null};
use crate::render::{catalog_name, live_ident};

/// Words that end the expression of a domain's default.
const CLAUSES: &[&str] = &["constraint", "not", "null", "check", "default", "collate"];

impl Stage {
    /// What follows `CREATE DOMAIN`.
    pub(super) fn create_domain(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let path = cursor.path()?;
        cursor.take("as");
        let base = cursor.data_type()?;
        let name = self.new_name(&path);
        if self.type_exists(&name) {
            return Err(there_already(&path));
        }
        self.touched();
        let mut domain = Domain {
            name,
            base: self.resolve_type(base),
            collation: None,
            nullable: true,
            default: None,
            checks: Vec::new(),
            unproven: Vec::new(),
            origin: self.origin_at(path.at),
        };
        while !cursor.is_done() {
            domain_clause(cursor, &mut domain)?;
        }
        if let Some(collation) = &mut domain.collation {
            *collation = self.resolve_collation(collation);
        }
        domain.collation = domain.collation.filter(|c| c != "default");
        self.types.insert(self.key(&domain.name));
        self.db.domains.push(domain);
        Ok(())
    }

    /// What follows `ALTER DOMAIN`.
    pub(super) fn alter_domain(&mut self, cursor: &mut Cursor<'_>) -> Reading<()> {
        let path = cursor.path()?;
        let names = self.candidates(&path);
        let found = (0..self.db.domains.len()).find(|at| {
            names
                .iter()
                .any(|n| self.same(&self.db.domains[*at].name, n))
        });
        let Some(at) = found else {
            return Err(missing("domain", &path));
        };
        if cursor.take_all(&["owner", "to"]) {
            return Ok(());
        }
        self.touched();
        let name = self.db.domains[at].name.clone();
        if self.type_moved(cursor, &name)? {
            return cursor.expect_end();
        }
        let domain = &mut self.db.domains[at];
        if cursor.take_all(&["set", "not", "null"]) {
            domain.nullable = false;
        } else if cursor.take_all(&["drop", "not", "null"]) {
            domain.nullable = true;
        } else if cursor.take_all(&["set", "default"]) {
            let text = cursor.expression(&[])?;
            domain.default = (!is_null(text)).then(|| Expr::new(text));
        } else if cursor.take_all(&["drop", "default"]) {
            domain.default = None;
        } else if cursor.take("add") {
            let before = domain.checks.len();
            domain_clause(cursor, domain)?;
            if cursor.timing().not_valid {
                let added = domain.checks.iter().skip(before);
                domain
                    .unproven
                    .extend(added.filter_map(|(name, _)| name.clone()));
            }
        } else if cursor.take_all(&["drop", "constraint"]) {
            let may_miss = cursor.if_exists();
            let place = cursor.place();
            let own = cursor.ident()?;
            let before = domain.checks.len();
            domain
                .checks
                .retain(|(name, _)| name.as_ref() != Some(&own));
            domain.unproven.retain(|name| *name != own);
            behaviour(cursor);
            if domain.checks.len() == before && !may_miss {
                return Err(Trouble::DoesNotFit {
                    at: place,
                    what: format!("{name} has no constraint {own}"),
                });
            }
        } else if cursor.take_all(&["rename", "constraint"]) {
            let old = cursor.ident()?;
            cursor.expect("to")?;
            let new = cursor.ident()?;
            for (name, _) in &mut domain.checks {
                if name.as_ref() == Some(&old) {
                    *name = Some(new.clone());
                }
            }
            for name in domain.unproven.iter_mut().filter(|name| **name == old) {
                *name = new.clone();
            }
        } else if cursor.take_all(&["validate", "constraint"]) {
            let proven = cursor.ident()?;
            domain.unproven.retain(|name| *name != proven);
        } else {
            return Err(cursor.unknown());
        }
        cursor.expect_end()
    }
}

fn domain_clause(cursor: &mut Cursor<'_>, domain: &mut Domain) -> Reading<()> {
    let name = if cursor.take("constraint") {
        Some(cursor.ident()?)
    } else {
        None
    };
    if cursor.take_all(&["not", "null"]) {
        domain.nullable = false;
    } else if cursor.take("null") {
        domain.nullable = true;
    } else if cursor.take("default") {
        let text = cursor.expression(CLAUSES)?;
        domain.default = (!is_null(text)).then(|| Expr::new(text));
    } else if cursor.take("collate") {
        domain.collation = Some(cursor.collation()?);
    } else if cursor.take("check") {
        let text = cursor.group()?;
        let name = name.unwrap_or_else(|| free_check(domain));
        domain.checks.push((Some(name), Expr::new(text)));
    } else {
        return Err(cursor.unknown());
    }
    Ok(())
}

/// The name that an unnamed check of a domain gets.
fn free_check(domain: &Domain) -> Ident {
    let own = catalog_name(&domain.name.name);
    let mut number = 0_u32;
    loop {
        let label = match number {
            0 => "check".to_owned(),
            n => format!("check{n}"),
        };
        let name = live_ident(&put_together(&own, None, &label));
        let taken = |other: &Option<Ident>| other.as_ref() == Some(&name);
        if !domain.checks.iter().any(|(other, _)| taken(other)) {
            return name;
        }
        number += 1;
    }
}
