//! Partitions: the clause that makes them, and what changes them.

use std::fmt::Write as _;

use realign_model::Ident;

use super::{Parser, Read};
use crate::lexer::TokenKind;
use crate::render::{quote_ident, string_literal};

/// How rows are spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartitionMethod {
    Range,
    RangeColumns,
    List,
    ListColumns,
    Hash,
    LinearHash,
    Key,
    LinearKey,
    SystemTime,
}

impl PartitionMethod {
    /// The words, as the catalogue has them.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Range => "RANGE",
            Self::RangeColumns => "RANGE COLUMNS",
            Self::List => "LIST",
            Self::ListColumns => "LIST COLUMNS",
            Self::Hash => "HASH",
            Self::LinearHash => "LINEAR HASH",
            Self::Key => "KEY",
            Self::LinearKey => "LINEAR KEY",
            Self::SystemTime => "SYSTEM_TIME",
        }
    }
}

/// Which rows a partition takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Bound {
    /// Nothing is said: by hash.
    Unsaid,
    /// Below these values.
    LessThan(String),
    /// All that is left of a range.
    Max,
    /// These values.
    In(String),
    /// All that is left of a list.
    Rest,
    /// Old or present rows of a system-versioned table.
    Words(&'static str),
}

/// One partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartitionDef {
    /// Its name.
    pub(crate) name: Ident,
    /// Its rows.
    pub(crate) bound: Bound,
    /// Its comment.
    pub(crate) comment: Option<String>,
    /// The names of its subpartitions, where they are given.
    pub(crate) subpartitions: Vec<Ident>,
}

/// `PARTITION BY …`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartitionBy {
    /// How.
    pub(crate) method: PartitionMethod,
    /// By what, as written.
    pub(crate) expr: String,
    /// How subpartitions are made, by what, and how many.
    pub(crate) sub: Option<(PartitionMethod, String, Option<u32>)>,
    /// The partitions.
    pub(crate) partitions: Vec<PartitionDef>,
}

/// What ALTER TABLE does to partitions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PartitionChange {
    /// New ones with their definitions.
    Add {
        /// The definitions.
        partitions: Vec<PartitionDef>,
        /// So many more, by hash.
        count: u32,
        /// One that is there already is no error.
        if_not_exists: bool,
    },
    /// These go.
    Drop {
        /// Which.
        names: Vec<Ident>,
        /// One that is not there is no error.
        if_exists: bool,
    },
    /// These become others.
    Reorganize {
        /// Which.
        names: Vec<Ident>,
        /// What they become.
        into: Vec<PartitionDef>,
    },
    /// So many less, by hash.
    Coalesce(u32),
    /// All become one table again.
    Remove,
    /// Rows and files only: TRUNCATE, REBUILD, EXCHANGE and their like.
    Nothing,
}

impl PartitionBy {
    /// True when a partition takes what is left of a list: the catalogue tells of it as of a value.
    pub(crate) fn has_rest(&self) -> bool {
        let mut partitions = self.partitions.iter();
        partitions.any(|partition| partition.bound == Bound::Rest)
    }

    /// The clause in the words of the catalogue.
    pub(crate) fn clause(&self) -> String {
        let mut text = format!("PARTITION BY {} ({})", self.method.words(), self.expr);
        if let Some((method, expr, count)) = &self.sub {
            let _ = write!(text, " SUBPARTITION BY {} ({expr})", method.words());
            if let Some(count) = count {
                let _ = write!(text, " SUBPARTITIONS {count}");
            }
        }
        let parts: Vec<String> = self.partitions.iter().map(PartitionDef::clause).collect();
        let counted = self
            .partitions
            .iter()
            .enumerate()
            .all(|(at, partition)| *partition == numbered(at));
        if counted && self.sub.is_none() {
            let _ = write!(text, " PARTITIONS {}", parts.len());
        } else if !parts.is_empty() {
            let _ = write!(text, " ({})", parts.join(", "));
        }
        text
    }
}

impl PartitionDef {
    /// The definition in the words of the catalogue.
    pub(crate) fn clause(&self) -> String {
        let mut text = format!("PARTITION {}", quote_ident(&self.name.text));
        match &self.bound {
            Bound::Unsaid => {}
            Bound::LessThan(values) => {
                let _ = write!(text, " VALUES LESS THAN ({values})");
            }
            Bound::Max => text.push_str(" VALUES LESS THAN MAXVALUE"),
            Bound::In(values) => {
                let _ = write!(text, " VALUES IN ({values})");
            }
            Bound::Rest => text.push_str(" DEFAULT"),
            Bound::Words(words) => {
                let _ = write!(text, " {words}");
            }
        }
        if let Some(comment) = &self.comment {
            let _ = write!(text, " COMMENT = {}", string_literal(comment));
        }
        if !self.subpartitions.is_empty() {
            let names: Vec<String> = self
                .subpartitions
                .iter()
                .map(|name| format!("SUBPARTITION {}", quote_ident(&name.text)))
                .collect();
            let _ = write!(text, " ({})", names.join(", "));
        }
        text
    }
}

impl Parser<'_> {
    /// `PARTITION BY …` as a whole.
    pub(crate) fn partition_by(&mut self) -> Read<PartitionBy> {
        self.word("PARTITION")?;
        self.word("BY")?;
        let (method, expr) = self.partition_method()?;
        let count = self.count("PARTITIONS")?;
        let sub = if self.cursor.eat_words(&["SUBPARTITION", "BY"]) {
            let (method, expr) = self.partition_method()?;
            Some((method, expr, self.count("SUBPARTITIONS")?))
        } else {
            None
        };
        let count = match count {
            None => self.count("PARTITIONS")?,
            said => said,
        };
        let mut partitions = Vec::new();
        if self.cursor.at_symbol("(") {
            partitions = self.partition_list()?;
        } else {
            let wanted = count.unwrap_or(1).min(MOST_PARTITIONS);
            partitions.extend((0..wanted).map(|at| numbered(at as usize)));
        }
        Ok(PartitionBy {
            method,
            expr,
            sub,
            partitions,
        })
    }

    fn partition_method(&mut self) -> Read<(PartitionMethod, String)> {
        let linear = self.cursor.eat_word("LINEAR");
        let mut method = if self.cursor.eat_word("HASH") {
            if linear {
                PartitionMethod::LinearHash
            } else {
                PartitionMethod::Hash
            }
        } else if self.cursor.eat_word("KEY") {
            if self.cursor.eat_word("ALGORITHM") {
                self.cursor.eat_symbol("=");
                self.cursor.take();
            }
            if linear {
                PartitionMethod::LinearKey
            } else {
                PartitionMethod::Key
            }
        } else if self.cursor.eat_word("RANGE") {
            PartitionMethod::Range
        } else if self.cursor.eat_word("LIST") {
            PartitionMethod::List
        } else if self.cursor.eat_word("SYSTEM_TIME") {
            let mark = self.cursor.mark();
            while self.cursor.peek().is_some_and(|(_, text)| text != "(")
                && !self.cursor.at_word("PARTITIONS")
            {
                self.cursor.take();
            }
            return Ok((
                PartitionMethod::SystemTime,
                self.cursor.text_since(mark).to_owned(),
            ));
        } else {
            return self.fail("a way to partition");
        };
        if self.cursor.eat_word("COLUMNS") {
            method = match method {
                PartitionMethod::Range => PartitionMethod::RangeColumns,
                _ => PartitionMethod::ListColumns,
            };
        }
        Ok((method, self.group()?.to_owned()))
    }

    fn count(&mut self, word: &str) -> Read<Option<u32>> {
        if !self.cursor.eat_word(word) {
            return Ok(None);
        }
        self.number().map(Some)
    }

    fn number(&mut self) -> Read<u32> {
        let number = match self.cursor.peek() {
            Some((TokenKind::Number, text)) => text.parse().ok(),
            _ => None,
        };
        let Some(number) = number else {
            return self.fail("a number");
        };
        self.cursor.take();
        Ok(number)
    }

    /// Definitions in parentheses.
    fn partition_list(&mut self) -> Read<Vec<PartitionDef>> {
        self.symbol("(")?;
        let mut partitions = Vec::new();
        loop {
            partitions.push(self.partition()?);
            if !self.cursor.eat_symbol(",") {
                break;
            }
        }
        self.symbol(")")?;
        Ok(partitions)
    }

    fn partition(&mut self) -> Read<PartitionDef> {
        self.word("PARTITION")?;
        let mut partition = PartitionDef {
            name: self.ident()?,
            bound: Bound::Unsaid,
            comment: None,
            subpartitions: Vec::new(),
        };
        if self.cursor.eat_word("VALUES") {
            partition.bound = if self.cursor.eat_words(&["LESS", "THAN"]) {
                if self.cursor.eat_word("MAXVALUE") {
                    Bound::Max
                } else {
                    let values = self.group()?;
                    if values.eq_ignore_ascii_case("MAXVALUE") {
                        Bound::Max
                    } else {
                        Bound::LessThan(values.to_owned())
                    }
                }
            } else {
                self.word("IN")?;
                Bound::In(self.group()?.to_owned())
            };
        } else if self.cursor.eat_word("DEFAULT") {
            partition.bound = Bound::Rest;
        } else if self.cursor.eat_word("CURRENT") {
            partition.bound = Bound::Words("CURRENT");
        } else if self.cursor.eat_word("HISTORY") {
            partition.bound = Bound::Words("HISTORY");
        }
        self.partition_options(&mut partition.comment)?;
        if self.cursor.eat_symbol("(") {
            loop {
                self.word("SUBPARTITION")?;
                partition.subpartitions.push(self.ident()?);
                self.partition_options(&mut None)?;
                if !self.cursor.eat_symbol(",") {
                    break;
                }
            }
            self.symbol(")")?;
        }
        Ok(partition)
    }

    /// Where a partition lies, and its comment.
    fn partition_options(&mut self, comment: &mut Option<String>) -> Read<()> {
        loop {
            if self.cursor.eat_word("COMMENT") {
                self.cursor.eat_symbol("=");
                *comment = Some(self.string()?);
            } else if self.cursor.eat_words(&["STORAGE", "ENGINE"])
                || self.cursor.eat_words(&["DATA", "DIRECTORY"])
                || self.cursor.eat_words(&["INDEX", "DIRECTORY"])
                || self.cursor.eat_any(&[
                    "ENGINE",
                    "MAX_ROWS",
                    "MIN_ROWS",
                    "TABLESPACE",
                    "NODEGROUP",
                ])
            {
                self.cursor.eat_symbol("=");
                if self.cursor.take().is_none() {
                    return self.fail("a value");
                }
            } else {
                return Ok(());
            }
        }
    }

    /// Behind ADD.
    pub(super) fn add_partition(&mut self) -> Read<PartitionChange> {
        self.word("PARTITION")?;
        let if_not_exists = self.if_not_exists();
        self.cursor.eat_any(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
        let (mut partitions, mut count) = (Vec::new(), 0);
        if self.cursor.eat_word("PARTITIONS") {
            count = self.number()?;
        } else {
            partitions = self.partition_list()?;
        }
        Ok(PartitionChange::Add {
            partitions,
            count,
            if_not_exists,
        })
    }

    /// What changes partitions, from its first word on; none when that is another one.
    pub(super) fn partition_change(&mut self) -> Read<Option<PartitionChange>> {
        const ROWS_ONLY: &[&str] = &[
            "TRUNCATE", "REBUILD", "OPTIMIZE", "ANALYZE", "CHECK", "REPAIR", "EXCHANGE", "DISCARD",
            "IMPORT",
        ];
        let mark = self.cursor.mark();
        let Some(word) = self.cursor.peek_word().map(str::to_ascii_uppercase) else {
            return Ok(None);
        };
        if word == "REMOVE" {
            self.cursor.take();
            self.word("PARTITIONING")?;
            return Ok(Some(PartitionChange::Remove));
        }
        self.cursor.take();
        if !self.cursor.eat_word("PARTITION") {
            self.cursor.back_to(mark);
            return Ok(None);
        }
        match word.as_str() {
            "DROP" => {
                let if_exists = self.if_exists();
                Ok(Some(PartitionChange::Drop {
                    names: self.partition_names()?,
                    if_exists,
                }))
            }
            "REORGANIZE" => {
                self.cursor.eat_any(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
                let names = if self.cursor.at_word("INTO") || self.cursor.is_at_end() {
                    Vec::new()
                } else {
                    self.partition_names()?
                };
                if !self.cursor.eat_word("INTO") {
                    return Ok(Some(PartitionChange::Nothing));
                }
                Ok(Some(PartitionChange::Reorganize {
                    names,
                    into: self.partition_list()?,
                }))
            }
            "COALESCE" => {
                self.cursor.eat_any(&["NO_WRITE_TO_BINLOG", "LOCAL"]);
                Ok(Some(PartitionChange::Coalesce(self.number()?)))
            }
            word if ROWS_ONLY.contains(&word) => {
                while self.cursor.peek().is_some_and(|(_, text)| text != ";") {
                    self.cursor.take();
                }
                Ok(Some(PartitionChange::Nothing))
            }
            _ => {
                self.cursor.back_to(mark);
                Ok(None)
            }
        }
    }

    fn partition_names(&mut self) -> Read<Vec<Ident>> {
        let mut names = vec![self.ident()?];
        while self.cursor.eat_symbol(",") {
            names.push(self.ident()?);
        }
        Ok(names)
    }
}

/// The servers' own limit.
pub(crate) const MOST_PARTITIONS: u32 = 8192;

/// A partition with the name that a server gives.
pub(crate) fn numbered(at: usize) -> PartitionDef {
    PartitionDef {
        name: Ident::new(format!("p{at}")),
        bound: Bound::Unsaid,
        comment: None,
        subpartitions: Vec::new(),
    }
}
