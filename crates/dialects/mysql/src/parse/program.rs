//! Statements about views, triggers, routines, events and sequences as plain data.

use realign_model::{Ident, ObjectName};

/// CREATE VIEW.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreateView {
    /// Its name.
    pub(crate) name: ObjectName,
    /// `OR REPLACE`, or ALTER VIEW.
    pub(crate) or_replace: bool,
    /// `IF NOT EXISTS`.
    pub(crate) if_not_exists: bool,
    /// ALTER VIEW: the view has to be there.
    pub(crate) alters: bool,
    /// `ALGORITHM=…`, `DEFINER=…`, `SQL SECURITY …`, in this order.
    pub(crate) options: Vec<String>,
    /// Names of its columns.
    pub(crate) columns: Vec<Ident>,
    /// The query.
    pub(crate) query: String,
    /// `CASCADED` or `LOCAL`.
    pub(crate) check_option: Option<&'static str>,
}

/// CREATE TRIGGER.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreateTrigger {
    /// Its name.
    pub(crate) name: ObjectName,
    /// `OR REPLACE`.
    pub(crate) or_replace: bool,
    /// `IF NOT EXISTS`.
    pub(crate) if_not_exists: bool,
    /// The account behind DEFINER, as written.
    pub(crate) definer: Option<String>,
    /// `BEFORE` or `AFTER`.
    pub(crate) timing: &'static str,
    /// `INSERT`, `UPDATE` or `DELETE`.
    pub(crate) event: &'static str,
    /// The table.
    pub(crate) table: ObjectName,
    /// `FOLLOWS` (true) or `PRECEDES` another.
    pub(crate) order: Option<(bool, Ident)>,
    /// What it does.
    pub(crate) body: String,
}

/// CREATE FUNCTION, CREATE PROCEDURE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreateRoutine {
    /// A function, not a procedure.
    pub(crate) function: bool,
    /// Its name.
    pub(crate) name: ObjectName,
    /// `OR REPLACE`.
    pub(crate) or_replace: bool,
    /// `IF NOT EXISTS`.
    pub(crate) if_not_exists: bool,
    /// The account behind DEFINER, as written.
    pub(crate) definer: Option<String>,
    /// Parameters as written: mode, name, type.
    pub(crate) parameters: Vec<Parameter>,
    /// The type of a function, as written.
    pub(crate) returns: Option<String>,
    /// What it says of itself.
    pub(crate) characteristics: Characteristics,
    /// What it does.
    pub(crate) body: String,
}

/// A parameter of a routine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Parameter {
    /// `IN`, `OUT` or `INOUT`; none is not said.
    pub(crate) mode: Option<&'static str>,
    /// Its name.
    pub(crate) name: Ident,
    /// Its type as written.
    pub(crate) data_type: String,
}

/// What a routine says of itself. None is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Characteristics {
    /// `DETERMINISTIC`.
    pub(crate) deterministic: Option<bool>,
    /// `CONTAINS SQL` and its like.
    pub(crate) data_access: Option<&'static str>,
    /// `SQL SECURITY`.
    pub(crate) security: Option<&'static str>,
    /// Comment.
    pub(crate) comment: Option<String>,
}

/// ALTER FUNCTION, ALTER PROCEDURE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlterRoutine {
    /// A function, not a procedure.
    pub(crate) function: bool,
    /// Its name.
    pub(crate) name: ObjectName,
    /// What changes.
    pub(crate) characteristics: Characteristics,
}

/// When an event happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Schedule {
    /// Once.
    At(String),
    /// Again and again.
    Every {
        /// How many units.
        interval: String,
        /// The unit.
        unit: String,
        /// Not before.
        starts: Option<String>,
        /// Not after.
        ends: Option<String>,
    },
}

/// What an event says. None is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct EventClauses {
    /// The account behind DEFINER, as written.
    pub(crate) definer: Option<String>,
    /// When.
    pub(crate) schedule: Option<Schedule>,
    /// Kept when it is over.
    pub(crate) preserve: Option<bool>,
    /// `ENABLE`, `DISABLE` or `DISABLE ON SLAVE`.
    pub(crate) status: Option<&'static str>,
    /// Comment.
    pub(crate) comment: Option<String>,
    /// What it does.
    pub(crate) body: Option<String>,
}

/// CREATE EVENT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreateEvent {
    /// Its name.
    pub(crate) name: ObjectName,
    /// `OR REPLACE`.
    pub(crate) or_replace: bool,
    /// `IF NOT EXISTS`.
    pub(crate) if_not_exists: bool,
    /// What it says.
    pub(crate) clauses: EventClauses,
}

/// ALTER EVENT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AlterEvent {
    /// Its name.
    pub(crate) name: ObjectName,
    /// Its new name.
    pub(crate) rename_to: Option<ObjectName>,
    /// What changes.
    pub(crate) clauses: EventClauses,
}

/// CREATE SEQUENCE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CreateSequence {
    /// Its name.
    pub(crate) name: ObjectName,
    /// `OR REPLACE`.
    pub(crate) or_replace: bool,
    /// `IF NOT EXISTS`.
    pub(crate) if_not_exists: bool,
    /// What it says.
    pub(crate) clauses: SequenceClauses,
}

/// A bound of a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// `NO MINVALUE`, `NO MAXVALUE`.
    No,
    /// A number.
    At(i128),
}

impl Limit {
    /// The number, if there is one.
    pub(crate) fn number(self) -> Option<i128> {
        match self {
            Self::No => None,
            Self::At(number) => Some(number),
        }
    }
}

/// What a sequence says. None is not said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SequenceClauses {
    /// `START WITH`.
    pub(crate) start: Option<i128>,
    /// `INCREMENT BY`.
    pub(crate) increment: Option<i128>,
    /// `MINVALUE`.
    pub(crate) min: Option<Limit>,
    /// `MAXVALUE`.
    pub(crate) max: Option<Limit>,
    /// `CACHE`.
    pub(crate) cache: Option<u64>,
    /// `CYCLE`.
    pub(crate) cycle: Option<bool>,
}
