//! Indexes of foreign keys that a longer one stands in for.

use realign_model::{Index, IndexKind, IndexPart, Table};

use super::Walk;
use crate::{Aspect, Finding, NameKind, Side, Weight};

impl Walk<'_> {
    /// A missing index that was only declared because of a foreign key, where that key is there
    /// and a longer index begins with its columns: told, and not asked for. With `complete` it is.
    pub(super) fn is_backed_otherwise(&mut self, index: &Index, is: &Table, wish: &Table) -> bool {
        let Some(longer) = self.stand_in(index, is, wish) else {
            return false;
        };
        let declared = self.dialect.describe_index(index, self.facts);
        self.find(Finding {
            object: format!("{} index {}", wish.name, index.name_str()),
            weight: Weight::Note,
            aspect: Aspect::Existence,
            declared: Some(Side::plain(declared)),
            database: None,
            reason: format!("index is missing, and {longer} serves its foreign key as well"),
            origin: index.origin.clone(),
        });
        true
    }

    /// What begins with the columns of this index, and stays.
    fn stand_in(&self, index: &Index, is: &Table, wish: &Table) -> Option<String> {
        let plain = |index: &Index| index.kind == IndexKind::Plain && index.predicate.is_none();
        let of_a_key = is.foreign_keys.iter().any(|key| {
            key.columns.len() == index.parts.len()
                && key
                    .columns
                    .iter()
                    .zip(index.columns())
                    .all(|(a, b)| self.fold_column(a.as_str()) == self.fold_column(b.as_str()))
        });
        if self.policy.complete || index.unique || !plain(index) || !of_a_key {
            return None;
        }
        let stays = |live: &Index| {
            let name = self.fold(NameKind::Index, live.name_str());
            let declared = wish
                .indexes
                .iter()
                .find(|other| self.fold(NameKind::Index, other.name_str()) == name);
            match declared {
                Some(declared) => plain(declared) && self.begins(&declared.parts, &index.parts),
                // A unique one that nobody declared goes.
                None => !live.unique,
            }
        };
        let longer = is
            .indexes
            .iter()
            .find(|live| plain(live) && self.begins(&live.parts, &index.parts) && stays(live));
        if let Some(longer) = longer {
            return Some(longer.name_str().to_owned());
        }
        let (live, declared) = (is.primary_key.as_deref()?, wish.primary_key.as_deref()?);
        let both = [live, declared];
        both.iter()
            .all(|key| self.begins(&key.parts, &index.parts))
            .then(|| "the primary key".to_owned())
    }

    /// True when the longer parts begin with the shorter ones, whole columns each.
    fn begins(&self, longer: &[IndexPart], shorter: &[IndexPart]) -> bool {
        longer.len() > shorter.len()
            && longer.iter().zip(shorter).all(|(a, b)| {
                let (Some(a_column), Some(b_column)) = (a.as_column(), b.as_column()) else {
                    return false;
                };
                a.prefix.is_none()
                    && b.prefix.is_none()
                    && self.fold_column(a_column.as_str()) == self.fold_column(b_column.as_str())
            })
    }

    fn fold_column(&self, name: &str) -> String {
        self.fold(NameKind::Column, name)
    }
}
