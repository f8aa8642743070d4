//! A random mapping, and a random change of it.

use std::fmt::Write as _;
use std::path::Path;

use crate::random::Random;

/// What a field holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    String(usize),
    Text,
    SmallInt,
    Integer,
    BigInt,
    Boolean,
    Decimal,
    Date,
    DateTime,
    Json,
}

impl Kind {
    const ALL: [Self; 11] = [
        Self::String(40),
        Self::String(190),
        Self::Text,
        Self::SmallInt,
        Self::Integer,
        Self::BigInt,
        Self::Boolean,
        Self::Decimal,
        Self::Date,
        Self::DateTime,
        Self::Json,
    ];

    fn attributes(&self) -> String {
        match self {
            Self::String(length) => format!(r#"type="string" length="{length}""#),
            Self::Text => r#"type="text""#.to_owned(),
            Self::SmallInt => r#"type="smallint""#.to_owned(),
            Self::Integer => r#"type="integer""#.to_owned(),
            Self::BigInt => r#"type="bigint""#.to_owned(),
            Self::Boolean => r#"type="boolean""#.to_owned(),
            Self::Decimal => r#"type="decimal" precision="10" scale="2""#.to_owned(),
            Self::Date => r#"type="date""#.to_owned(),
            Self::DateTime => r#"type="datetime""#.to_owned(),
            Self::Json => r#"type="json""#.to_owned(),
        }
    }

    /// Kinds of the same family, which hold the same values as long as they fit.
    fn relatives(&self) -> Vec<Self> {
        match self {
            Self::String(_) | Self::Text => {
                vec![
                    Self::String(12),
                    Self::String(40),
                    Self::String(190),
                    Self::Text,
                ]
            }
            Self::SmallInt | Self::Integer | Self::BigInt => {
                vec![Self::SmallInt, Self::Integer, Self::BigInt]
            }
            Self::Date | Self::DateTime | Self::Boolean | Self::Decimal | Self::Json => {
                vec![self.clone()]
            }
        }
    }

    /// True when an index may cover a column of it everywhere.
    fn indexable(&self) -> bool {
        !matches!(self, Self::Text | Self::Json)
    }

    /// Defaults that one may declare.
    fn defaults(&self) -> &'static [&'static str] {
        match self {
            Self::String(_) => &["", "x", "it's", "\\", "NULL"],
            Self::SmallInt | Self::Integer | Self::BigInt => &["0", "7"],
            Self::Boolean => &["0", "1"],
            Self::Decimal => &["0", "1.50"],
            Self::DateTime => &["CURRENT_TIMESTAMP"],
            Self::Text | Self::Date | Self::Json => &[],
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) nullable: bool,
    pub(crate) default: Option<String>,
    pub(crate) unique: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) name: String,
    pub(crate) target: String,
    pub(crate) nullable: bool,
    pub(crate) on_delete: Option<&'static str>,
}

impl Reference {
    pub(crate) fn column(&self) -> String {
        format!("{}_id", self.name)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct IndexOf {
    pub(crate) name: String,
    pub(crate) columns: Vec<String>,
    pub(crate) unique: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entity {
    pub(crate) name: String,
    pub(crate) fields: Vec<Field>,
    pub(crate) references: Vec<Reference>,
    pub(crate) indexes: Vec<IndexOf>,
}

/// Some entities that refer to each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mapping {
    pub(crate) entities: Vec<Entity>,
    /// The next number for a name, so that no name is used for two things.
    next: usize,
}

impl Mapping {
    /// A mapping of two to five entities.
    pub(crate) fn random(random: &mut Random) -> Self {
        let mut mapping = Self {
            entities: Vec::new(),
            next: 0,
        };
        for _ in 0..2 + random.below(4) {
            mapping.add_entity(random);
        }
        mapping
    }

    /// The entity of this table.
    pub(crate) fn entity(&self, table: &str) -> Option<&Entity> {
        self.entities.iter().find(|entity| entity.name == table)
    }

    fn fresh(&mut self, prefix: &str) -> String {
        self.next += 1;
        format!("{prefix}{}", self.next)
    }

    fn add_entity(&mut self, random: &mut Random) {
        let name = self.fresh("e");
        self.entities.push(Entity {
            name,
            fields: Vec::new(),
            references: Vec::new(),
            indexes: Vec::new(),
        });
        let at = self.entities.len() - 1;
        for _ in 0..=random.below(4) {
            self.add_field(at, random);
        }
        if random.chance(60) {
            self.add_reference(at, random);
        }
        if random.chance(50) {
            self.add_index(at, random);
        }
    }

    fn add_field(&mut self, at: usize, random: &mut Random) {
        let kind = random.pick(&Kind::ALL);
        let default = (random.chance(30) && !kind.defaults().is_empty())
            .then(|| random.pick(kind.defaults()).to_owned());
        // Three rows don't have three different truths everywhere.
        let unique =
            kind.indexable() && default.is_none() && random.chance(12) && kind != Kind::Boolean;
        let field = Field {
            name: self.fresh("f"),
            nullable: random.chance(70),
            default,
            unique,
            kind,
        };
        self.entities[at].fields.push(field);
    }

    fn add_reference(&mut self, at: usize, random: &mut Random) {
        let target = random.pick(&self.entities).name;
        let nullable = target == self.entities[at].name || random.chance(80);
        let on_delete = if nullable {
            random.pick(&[None, Some("CASCADE"), Some("SET NULL")])
        } else {
            random.pick(&[None, Some("CASCADE")])
        };
        let name = self.fresh("r");
        self.entities[at].references.push(Reference {
            name,
            target,
            nullable,
            on_delete,
        });
    }

    fn add_index(&mut self, at: usize, random: &mut Random) {
        let columns: Vec<String> = self.entities[at]
            .fields
            .iter()
            .filter(|field| field.kind.indexable())
            .map(|field| field.name.clone())
            .collect();
        if columns.is_empty() {
            return;
        }
        let start = random.below(columns.len());
        let length = 1 + random.below(columns.len().min(2));
        let chosen: Vec<String> = columns
            .iter()
            .cycle()
            .skip(start)
            .take(length)
            .cloned()
            .collect();
        let name = self.fresh("i");
        let unique = random.chance(25) && !self.only_truths(at, &chosen);
        self.entities[at].indexes.push(IndexOf {
            name,
            columns: chosen,
            unique,
        });
    }

    fn only_truths(&self, at: usize, columns: &[String]) -> bool {
        let fields = &self.entities[at].fields;
        let is_truth = |field: &Field| field.kind == Kind::Boolean;
        let field = |name: &String| fields.iter().find(|field| field.name == *name);
        columns.iter().all(|name| field(name).is_some_and(is_truth))
    }

    /// Another release of it: one to six changes.
    pub(crate) fn changed(&self, random: &mut Random) -> Self {
        let mut after = self.clone();
        for _ in 0..=random.below(6) {
            after.change(random);
        }
        after
    }

    fn change(&mut self, random: &mut Random) {
        let at = random.below(self.entities.len());
        let field = random.below(self.entities[at].fields.len().max(1));
        match random.below(14) {
            0 => self.add_entity(random),
            1 => self.remove_entity(at),
            2 | 3 => self.add_field(at, random),
            4 => self.remove_field(at, field),
            5 => self.add_reference(at, random),
            6 => {
                self.entities[at].references.pop();
            }
            7 | 8 => self.add_index(at, random),
            9 => {
                self.entities[at].indexes.pop();
            }
            10 => {
                if let Some(index) = self.entities[at].indexes.first_mut() {
                    index.columns.reverse();
                }
            }
            11 => {
                if let Some(field) = self.entities[at].fields.get_mut(field) {
                    // Mostly relaxed: the other way is refused whenever there is a NULL.
                    field.nullable = field.nullable || random.chance(85);
                }
            }
            12 => self.change_kind(at, field, random),
            _ => self.change_reference(at, random),
        }
    }

    fn remove_entity(&mut self, at: usize) {
        if self.entities.len() < 2 {
            return;
        }
        let gone = self.entities.remove(at).name;
        for entity in &mut self.entities {
            entity
                .references
                .retain(|reference| reference.target != gone);
        }
    }

    fn remove_field(&mut self, at: usize, field: usize) {
        let entity = &mut self.entities[at];
        if entity.fields.len() < 2 {
            return;
        }
        let gone = entity.fields.remove(field).name;
        entity
            .indexes
            .retain(|index| !index.columns.contains(&gone));
    }

    fn change_kind(&mut self, at: usize, field: usize, random: &mut Random) {
        let entity = &mut self.entities[at];
        let Some(field) = entity.fields.get_mut(field) else {
            return;
        };
        if random.chance(30) && !field.kind.defaults().is_empty() {
            field.default = Some(random.pick(field.kind.defaults()).to_owned());
            return;
        }
        let kind = random.pick(&field.kind.relatives());
        let indexed = field.unique
            || entity
                .indexes
                .iter()
                .any(|index| index.columns.contains(&field.name));
        if indexed && !kind.indexable() {
            return;
        }
        if kind.defaults().is_empty() {
            field.default = None;
        }
        field.kind = kind;
    }

    fn change_reference(&mut self, at: usize, random: &mut Random) {
        if let Some(reference) = self.entities[at].references.first_mut() {
            reference.nullable = true;
            reference.on_delete = random.pick(&[None, Some("CASCADE"), Some("SET NULL")]);
        }
    }

    /// Writes one file an entity.
    pub(crate) fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).expect("the temporary folder can be written");
        for entity in &self.entities {
            std::fs::write(
                folder.join(format!("{}.dcm.xml", entity.name)),
                entity.xml(),
            )
            .expect("the temporary folder can be written");
        }
    }
}

impl Entity {
    fn xml(&self) -> String {
        let mut text = String::from(
            "<doctrine-mapping xmlns=\"http://doctrine-project.org/schemas/orm/doctrine-mapping\">\n",
        );
        // Writing into a String cannot fail.
        let _ = writeln!(text, r#"  <entity name="{0}" table="{0}">"#, self.name);
        for (unique, tag, list) in [
            (false, "index", "indexes"),
            (true, "unique-constraint", "unique-constraints"),
        ] {
            let indexes: Vec<_> = self
                .indexes
                .iter()
                .filter(|index| index.unique == unique)
                .collect();
            if indexes.is_empty() {
                continue;
            }
            let _ = writeln!(text, "    <{list}>");
            for index in indexes {
                let _ = writeln!(
                    text,
                    r#"      <{tag} name="{}" columns="{}"/>"#,
                    index.name,
                    index.columns.join(",")
                );
            }
            let _ = writeln!(text, "    </{list}>");
        }
        text.push_str("    <id name=\"id\" type=\"integer\"><generator strategy=\"AUTO\"/></id>\n");
        for field in &self.fields {
            let _ = write!(
                text,
                r#"    <field name="{}" {} nullable="{}" unique="{}""#,
                field.name,
                field.kind.attributes(),
                field.nullable,
                field.unique
            );
            match &field.default {
                Some(default) => {
                    let _ = writeln!(
                        text,
                        r#"><options><option name="default">{default}</option></options></field>"#
                    );
                }
                None => text.push_str("/>\n"),
            }
        }
        for reference in &self.references {
            let on_delete = reference
                .on_delete
                .map_or_else(String::new, |action| format!(r#" on-delete="{action}""#));
            let _ = writeln!(
                text,
                r#"    <many-to-one field="{}" target-entity="{}"><join-column name="{}" nullable="{}"{on_delete}/></many-to-one>"#,
                reference.name,
                reference.target,
                reference.column(),
                reference.nullable
            );
        }
        text.push_str("  </entity>\n</doctrine-mapping>\n");
        text
    }
}
