//! What differs, as a closed vocabulary.

use crate::{Diagnostic, Object};
use realign_model::{
    Check, Column, ForeignKey, Ident, Index, ObjectName, Origin, PrimaryKey, Sequence, Table,
    Trigger, View,
};
use serde::{Deserialize, Serialize};

/// In what two things of the same name differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// Is there at all.
    Existence,
    /// Its name.
    Name,
    /// Type, length and precision included.
    Type,
    /// NULL allowed.
    Nullability,
    /// Default value.
    Default,
    /// Values from the engine.
    Identity,
    /// Generated expression.
    Generated,
    /// `ON UPDATE` of a column.
    OnUpdate,
    /// Character set or collation.
    Collation,
    /// Comment.
    Comment,
    /// Doctrine's type mark in a comment.
    TypeMark,
    /// Visibility.
    Visibility,
    /// Columns, order, directions and prefix lengths of a key or index.
    Columns,
    /// Uniqueness.
    Uniqueness,
    /// Index kind or method.
    Kind,
    /// Predicate of an index.
    Predicate,
    /// Target of a foreign key.
    Target,
    /// Actions of a foreign key.
    Actions,
    /// Deferrability of a constraint.
    Deferrability,
    /// Expression of a check.
    Expression,
    /// Storage engine.
    Engine,
    /// Another option of a table.
    Options,
    /// Partitions.
    Partitioning,
    /// Body of a view, trigger or routine.
    Body,
    /// Something that Realign shows but does not understand.
    Opaque,
}

/// One aspect in which two things differ, both sides as SQL for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AspectDifference {
    /// Which.
    pub aspect: Aspect,
    /// As declared.
    pub declared: Side,
    /// As found.
    pub database: Side,
}

/// One side of a difference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// As written, or as the server prints it.
    pub written: String,
    /// As compared.
    pub normalised: String,
}

impl Side {
    /// A side whose normal form is what was written.
    pub fn plain(text: impl Into<String>) -> Self {
        let written = text.into();
        Self {
            normalised: written.clone(),
            written,
        }
    }

    /// A side with both forms.
    pub fn new(written: impl Into<String>, normalised: impl Into<String>) -> Self {
        Self {
            written: written.into(),
            normalised: normalised.into(),
        }
    }
}

/// What a finding weighs in `validate`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Not in sync.
    Differs,
    /// There, not declared, harmless.
    Note,
    /// Only texts of expressions differ and no engine was asked.
    CannotTell,
}

/// One line of `validate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The object: `vlan.number`, `bgpsessiondata`, `cust index idx_a`.
    pub object: String,
    /// What it weighs.
    pub weight: Weight,
    /// In what it differs.
    pub aspect: Aspect,
    /// As declared; none when it is not.
    pub declared: Option<Side>,
    /// As found; none when it is missing.
    pub database: Option<Side>,
    /// One sentence without full stop.
    pub reason: String,
    /// Where it was declared.
    #[serde(default, skip_serializing_if = "Origin::is_none")]
    pub origin: Origin,
}

/// A change inside a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TableItem {
    /// A column is missing.
    AddColumn(Column),
    /// A column goes.
    DropColumn(Column),
    /// A column gets another name, in [`crate::Phase::Rename`], before anything else: both
    /// tables of the [`TableChange`], and its other items, already use the new name.
    RenameColumn {
        /// Present name.
        from: Ident,
        /// New name.
        to: Ident,
    },
    /// A column changes.
    ModifyColumn {
        /// As it is.
        is: Column,
        /// As it shall be.
        wish: Column,
        /// In what.
        differences: Vec<AspectDifference>,
    },
    /// An index is missing.
    AddIndex(Index),
    /// An index goes.
    DropIndex(Index),
    /// An index gets another name, nothing else.
    RenameIndex {
        /// As it is.
        is: Index,
        /// As it shall be.
        wish: Index,
    },
    /// An index changes.
    ReplaceIndex {
        /// As it is.
        is: Index,
        /// As it shall be.
        wish: Index,
    },
    /// The primary key is missing, goes, or changes.
    SetPrimaryKey {
        /// As it is.
        is: Option<PrimaryKey>,
        /// As it shall be.
        wish: Option<PrimaryKey>,
    },
    /// A foreign key is missing.
    AddForeignKey(ForeignKey),
    /// A foreign key goes.
    DropForeignKey(ForeignKey),
    /// A foreign key changes, or gets another name.
    ReplaceForeignKey {
        /// As it is.
        is: ForeignKey,
        /// As it shall be.
        wish: ForeignKey,
    },
    /// A check is missing.
    AddCheck(Check),
    /// A check goes.
    DropCheck(Check),
    /// A check changes.
    ReplaceCheck {
        /// As it is.
        is: Check,
        /// As it shall be.
        wish: Check,
    },
    /// The table's own options or comment change: what is printed comes from the
    /// target table, the differences say what to print.
    SetOptions(Vec<AspectDifference>),
}

/// Everything that changes in one table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableChange {
    /// As it is.
    pub is: Table,
    /// As it will be: what is declared, together with all that is left alone.
    pub target: Table,
    /// The single changes, in declared order.
    pub items: Vec<TableItem>,
}

/// A change of a schema.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// A table is missing.
    CreateTable(Table),
    /// A table goes.
    DropTable(Table),
    /// A table gets another name, in [`crate::Phase::Rename`], before anything else: all
    /// other changes already use the new name.
    RenameTable {
        /// Present name.
        from: ObjectName,
        /// New name.
        to: ObjectName,
    },
    /// A table changes.
    AlterTable(Box<TableChange>),
    /// A sequence is missing.
    CreateSequence(Sequence),
    /// A sequence goes.
    DropSequence(Sequence),
    /// A sequence changes.
    AlterSequence {
        /// As it is.
        is: Sequence,
        /// As it shall be.
        wish: Sequence,
    },
    /// A view is missing.
    CreateView(View),
    /// A view goes.
    DropView(View),
    /// A view changes.
    ReplaceView {
        /// As it is.
        is: View,
        /// As it shall be.
        wish: View,
    },
    /// A trigger is missing.
    CreateTrigger(Trigger),
    /// A trigger goes.
    DropTrigger(Trigger),
    /// A trigger changes.
    ReplaceTrigger {
        /// As it is.
        is: Trigger,
        /// As it shall be.
        wish: Trigger,
    },
    /// Any other object is missing.
    CreateObject(Object),
    /// Any other object goes.
    DropObject(Object),
    /// Any other object changes: in place where the engine can, else it is made anew.
    ReplaceObject {
        /// As it is.
        is: Object,
        /// As it shall be, of the same kind.
        wish: Object,
    },
}

/// What differs between two databases.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diff {
    /// What has to change, in declared order.
    pub changes: Vec<Change>,
    /// What a person is told, differences and notes alike.
    pub findings: Vec<Finding>,
    /// Declarations that contradict the database so that nothing can be planned:
    /// a declared rename of which both names are there.
    pub errors: Vec<Diagnostic>,
}

impl Diff {
    /// True when nothing has to change.
    pub fn in_sync(&self) -> bool {
        self.changes.is_empty() && !self.findings.iter().any(|f| f.weight == Weight::Differs)
    }

    /// The findings of one weight.
    pub fn of(&self, weight: Weight) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |f| f.weight == weight)
    }
}
