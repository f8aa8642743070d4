//! How many rows each table has, and a digest over them that does not depend on their order.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A row on its way into a [`Count`].
#[derive(Debug, Clone, Default)]
pub struct RowHash(Sha256);

impl RowHash {
    /// Takes more of the row's bytes.
    pub fn put(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }
}

/// The rows of one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct Count {
    /// How many.
    pub rows: u64,
    /// The sum of their hashes: equal rows in another order have the same.
    sum: [u64; 4],
}

/// As a manifest has it.
#[derive(Serialize, Deserialize)]
struct Written {
    rows: u64,
    digest: String,
}

impl Count {
    /// Adds a row.
    pub fn add(&mut self, row: RowHash) {
        self.rows += 1;
        let hash = row.0.finalize();
        for (sum, part) in self.sum.iter_mut().zip(hash.chunks_exact(8)) {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(part);
            *sum = sum.wrapping_add(u64::from_le_bytes(bytes));
        }
    }

    /// The digest as text.
    pub fn digest(&self) -> String {
        self.sum.iter().fold(String::new(), |mut text, part| {
            // Writing into a String cannot fail.
            let _ = write!(text, "{part:016x}");
            text
        })
    }
}

impl From<Written> for Count {
    fn from(written: Written) -> Self {
        let mut sum = [0; 4];
        for (at, part) in sum.iter_mut().enumerate() {
            let digits = written.digest.get(at * 16..at * 16 + 16);
            *part = digits
                .and_then(|digits| u64::from_str_radix(digits, 16).ok())
                .unwrap_or_default();
        }
        Self {
            rows: written.rows,
            sum,
        }
    }
}

impl From<Count> for Written {
    fn from(count: Count) -> Self {
        Self {
            rows: count.rows,
            digest: count.digest(),
        }
    }
}

/// The rows of all tables, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tally(pub BTreeMap<String, Count>);

impl Tally {
    /// A table, which is then there even without rows.
    pub fn table(&mut self, name: &str) -> &mut Count {
        self.0.entry(name.to_owned()).or_default()
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        self.0.values().map(|count| count.rows).sum()
    }

    /// The same without the digests, where two programs write rows in different words.
    pub fn counted(&self) -> BTreeMap<&str, u64> {
        self.0
            .iter()
            .map(|(name, count)| (name.as_str(), count.rows))
            .filter(|(_, rows)| *rows > 0)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[&str]) -> Count {
        let mut count = Count::default();
        for row in rows {
            let mut hash = RowHash::default();
            hash.put(row.as_bytes());
            count.add(hash);
        }
        count
    }

    #[test]
    fn the_order_of_rows_does_not_count_and_everything_else_does() {
        assert_eq!(of(&["a", "b", "b"]), of(&["b", "a", "b"]));
        assert_ne!(of(&["a", "b"]), of(&["a", "b", "b"]));
        assert_ne!(of(&["a", "a"]), of(&["b", "b"]));
        // A sum, where an exclusive or would forget a pair of equal rows.
        assert_ne!(of(&["a", "a"]).digest(), of(&[]).digest());
    }

    #[test]
    fn it_survives_its_own_writing() {
        let mut tally = Tally::default();
        *tally.table("cust") = of(&["a", "b"]);
        tally.table("empty");
        let text = serde_json::to_string(&tally).unwrap();
        assert_eq!(serde_json::from_str::<Tally>(&text).unwrap(), tally);
    }
}
