//! Objects that are no table, view, trigger or sequence.

use realign_model::{
    Column, DataType, Database, Domain, EnumType, Event, Extension, Ident, ObjectName, Opaque,
    Origin, Routine, RoutineKind, Sequence,
};
use serde::{Deserialize, Serialize};

use crate::{Aspect, AspectDifference, Dialect, Facts, Side};

/// One object beside tables, views, triggers and sequences. What it is and how it is told apart
/// is shared; whether two say the same, and the SQL, is the dialect's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Object {
    /// A function, procedure or aggregate.
    Routine(Routine),
    /// A scheduled event.
    Event(Event),
    /// An enumerated type.
    Enum(EnumType),
    /// A domain.
    Domain(Domain),
    /// An extension.
    Extension(Extension),
    /// Something that is shown and not understood.
    Opaque(Opaque),
}

impl Object {
    /// Every such object of a database: types and extensions, which others are made of, first.
    pub fn all(database: &Database) -> Vec<Self> {
        let of = |made: Vec<Self>| made.into_iter();
        let extensions = database.extensions.iter().cloned().map(Self::Extension);
        let enums = database.enums.iter().cloned().map(Self::Enum);
        let domains = database.domains.iter().cloned().map(Self::Domain);
        let routines = database.routines.iter().cloned().map(Self::Routine);
        let events = database.events.iter().cloned().map(Self::Event);
        let opaque = database.opaque.iter().cloned().map(Self::Opaque);
        of(extensions.collect())
            .chain(enums)
            .chain(domains)
            .chain(routines)
            .chain(events)
            .chain(opaque)
            .collect()
    }

    /// Puts it among the objects of a database.
    pub fn put_into(self, database: &mut Database) {
        match self {
            Self::Routine(routine) => database.routines.push(routine),
            Self::Event(event) => database.events.push(event),
            Self::Enum(kind) => database.enums.push(kind),
            Self::Domain(domain) => database.domains.push(domain),
            Self::Extension(extension) => database.extensions.push(extension),
            Self::Opaque(opaque) => database.opaque.push(opaque),
        }
    }

    /// What a person calls its kind.
    pub fn word(&self) -> &str {
        match self {
            Self::Routine(routine) => match routine.kind {
                RoutineKind::Function => "function",
                RoutineKind::Procedure => "procedure",
                RoutineKind::Aggregate => "aggregate",
            },
            Self::Event(_) => "event",
            Self::Enum(_) => "type",
            Self::Domain(_) => "domain",
            Self::Extension(_) => "extension",
            Self::Opaque(opaque) => &opaque.kind,
        }
    }

    /// Its name.
    pub fn name(&self) -> ObjectName {
        match self {
            Self::Routine(routine) => routine.name.clone(),
            Self::Event(event) => event.name.clone(),
            Self::Enum(kind) => kind.name.clone(),
            Self::Domain(domain) => domain.name.clone(),
            // An extension is of the whole database, whatever schema its objects are in.
            Self::Extension(extension) => ObjectName::new(None, extension.name.clone()),
            Self::Opaque(opaque) => opaque.name.clone(),
        }
    }

    /// Its name and, where that alone does not tell it apart, its arguments or its table.
    pub fn title(&self) -> String {
        match self {
            Self::Routine(Routine {
                signature: Some(signature),
                name,
                ..
            }) => format!("{name}({signature})"),
            Self::Opaque(Opaque {
                table: Some(table),
                name,
                ..
            }) => format!("{} on {table}", name.name),
            other => other.name().to_string(),
        }
    }

    /// The text that a person is shown of it, types in the words of the engine.
    pub fn text(&self, dialect: &dyn Dialect, facts: &Facts) -> String {
        match self {
            Self::Routine(routine) => routine.source_text.text.clone(),
            Self::Event(event) => event.source_text.text.clone(),
            Self::Enum(kind) => format!("'{}'", kind.values.join("', '")),
            Self::Domain(domain) => {
                let checks = domain.checks.iter().map(|(_, check)| check.text.as_str());
                let mut parts = vec![type_text(&domain.base, dialect, facts)];
                parts.extend(
                    domain
                        .collation
                        .iter()
                        .map(|name| format!("COLLATE {name}")),
                );
                parts.extend((!domain.nullable).then(|| "NOT NULL".to_owned()));
                parts.extend(domain.default.iter().map(|d| format!("DEFAULT {d}")));
                parts.extend(checks.map(|check| format!("CHECK ({check})")));
                let unproven = domain.unproven.iter();
                parts.extend(unproven.map(|name| format!("{name} NOT VALID")));
                parts.join(" ")
            }
            Self::Extension(extension) => extension.version.clone().unwrap_or_default(),
            Self::Opaque(opaque) => opaque.text.clone(),
        }
    }

    /// Where it was declared or found.
    pub fn origin(&self) -> &Origin {
        match self {
            Self::Routine(routine) => &routine.origin,
            Self::Event(event) => &event.origin,
            Self::Enum(kind) => &kind.origin,
            Self::Domain(domain) => &domain.origin,
            Self::Extension(extension) => &extension.origin,
            Self::Opaque(opaque) => &opaque.origin,
        }
    }

    /// The table that it stands on and has its name in.
    pub fn table(&self) -> Option<&ObjectName> {
        match self {
            Self::Opaque(opaque) => opaque.table.as_ref(),
            Self::Routine(_)
            | Self::Event(_)
            | Self::Enum(_)
            | Self::Domain(_)
            | Self::Extension(_) => None,
        }
    }
}

/// A type as the engine's SQL, for a person.
pub fn type_text(data_type: &DataType, dialect: &dyn Dialect, facts: &Facts) -> String {
    let bare = Column {
        nullable: true,
        ..Column::new(Ident::new("x"), data_type.clone())
    };
    let text = dialect.describe_column(&bare, facts);
    let text = text.strip_suffix(" DEFAULT NULL").unwrap_or(&text);
    text.strip_suffix(" NULL").unwrap_or(text).to_owned()
}

/// In what two sequences count differently: where they start, and by what they go on. What else
/// an engine keeps of a sequence is compared by its dialect.
pub fn counting(is: &Sequence, wish: &Sequence) -> Vec<AspectDifference> {
    if is.increment == wish.increment && is.start == wish.start {
        return Vec::new();
    }
    let side =
        |s: &Sequence| Side::plain(format!("INCREMENT BY {} START {}", s.increment, s.start));
    vec![AspectDifference {
        aspect: Aspect::Options,
        declared: side(wish),
        database: side(is),
    }]
}
