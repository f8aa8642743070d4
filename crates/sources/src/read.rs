//! Doctrine's XML driver: elements become [`Declared`] classes.

use realign_model::Origin;
use realign_planner::Diagnostic;

use crate::codes;
use crate::declared::{
    Declared, Discriminator, Embedded, Field, Id, Inheritance, Kind, Mapped, Prefix,
    SequenceGenerator,
};
use crate::php;
use crate::read_association::{association_overrides, associations};
use crate::read_index::{read_indexes, read_options};
use crate::vocabulary;
use crate::xml::{Element, XmlFile, start_of};

/// Reads the classes of one file.
pub(crate) fn read_file(path: &str, text: &str, said: &mut Vec<Diagnostic>) -> Vec<Declared> {
    let file = match XmlFile::parse(path, text) {
        Ok(file) => file,
        Err(diagnostic) => {
            said.push(diagnostic);
            return Vec::new();
        }
    };
    let root = file.root();
    if root.name() != "doctrine-mapping" {
        let message = format!(
            "the root element is <{}>, not <doctrine-mapping>",
            root.name()
        );
        said.push(Diagnostic::error(codes::NOT_A_MAPPING, message).at(root.origin()));
        return Vec::new();
    }
    vocabulary::check(root, said);
    let mut reader = Reader { said };
    // Doctrine reads the first kind that the file has, and no other.
    let kinds = [
        ("entity", Kind::Entity),
        ("mapped-superclass", Kind::MappedSuperclass),
        ("embeddable", Kind::Embeddable),
    ];
    let Some((first, kind)) = kinds
        .into_iter()
        .find(|(name, _)| root.first(name).is_some())
    else {
        let message = "the file maps no class";
        reader.say(Diagnostic::warning(codes::EMPTY_FILE, message).at(start_of(path)));
        return Vec::new();
    };
    for (name, _) in kinds.iter().filter(|(name, _)| *name != first) {
        for element in root.all(name) {
            let message = format!("Doctrine does not read this <{name}>");
            reader.say(
                Diagnostic::warning(codes::MIXED_KINDS, message)
                    .at(element.origin())
                    .with_note(format!(
                        "a file that has an <{first}> is read for that kind only"
                    ))
                    .with_help("move it into a file of its own"),
            );
        }
    }
    root.all(first)
        .filter_map(|element| reader.class(element, kind))
        .collect()
}

/// Reads elements and says what is wrong with them.
pub(crate) struct Reader<'s> {
    said: &'s mut Vec<Diagnostic>,
}

impl Reader<'_> {
    pub(crate) fn say(&mut self, diagnostic: Diagnostic) {
        self.said.push(diagnostic);
    }

    fn class(&mut self, element: Element<'_>, kind: Kind) -> Option<Declared> {
        let origin = element.origin();
        let name = match element
            .attribute("name")
            .map(|n| n.trim_start_matches('\\'))
        {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => {
                let message = format!("this <{}> has no name", element.name());
                self.say(Diagnostic::error(codes::NO_CLASS_NAME, message).at(origin));
                return None;
            }
        };
        let extends = element
            .attribute_in_any_namespace("extends")
            .filter(|parent| !parent.is_empty())
            .map(|parent| (parent.to_owned(), element.origin_of("extends")));
        let inheritance = self.inheritance(element);
        let hierarchy = matches!(
            inheritance,
            Some(Inheritance::SingleTable | Inheritance::Joined)
        );
        let options = element.first("options");
        Some(Declared {
            kind,
            extends,
            table: element
                .attribute("table")
                .map(|table| (table.to_owned(), element.origin_of("table"))),
            schema: element.attribute("schema").map(str::to_owned),
            options: options.map(read_options).unwrap_or_default(),
            options_origin: options.map_or(Origin::None, Element::origin),
            indexes: read_indexes(self, element, "indexes", "index"),
            uniques: read_indexes(self, element, "unique-constraints", "unique-constraint"),
            discriminator: if hierarchy {
                self.discriminator(element)
            } else {
                None
            },
            discriminator_map: element.first("discriminator-map").map(|map| {
                map.all("discriminator-mapping")
                    .map(|mapping| Mapped {
                        value: mapping.attribute("value").unwrap_or_default().to_owned(),
                        class: mapping.attribute("class").unwrap_or_default().to_owned(),
                        origin: mapping.origin(),
                    })
                    .collect()
            }),
            inheritance,
            fields: element
                .all("field")
                .filter_map(|field| self.field(field, None))
                .collect(),
            embedded: element
                .all("embedded")
                .filter_map(|embedded| self.embedded(embedded))
                .collect(),
            ids: element.all("id").filter_map(|id| self.id(id)).collect(),
            associations: associations(self, element),
            attribute_overrides: self.attribute_overrides(element),
            association_overrides: association_overrides(self, element),
            name,
            origin,
        })
    }

    fn inheritance(&mut self, element: Element<'_>) -> Option<Inheritance> {
        let word = element.attribute("inheritance-type")?;
        match word {
            "NONE" => Some(Inheritance::None),
            "SINGLE_TABLE" => Some(Inheritance::SingleTable),
            "JOINED" => Some(Inheritance::Joined),
            _ => {
                let message = if word == "TABLE_PER_CLASS" {
                    "Doctrine's schema tool does not support TABLE_PER_CLASS".to_owned()
                } else {
                    format!("`{word}` is no inheritance type")
                };
                self.say(
                    Diagnostic::error(codes::INHERITANCE_TYPE, message)
                        .at(element.origin_of("inheritance-type"))
                        .with_help("write SINGLE_TABLE or JOINED"),
                );
                None
            }
        }
    }

    fn discriminator(&mut self, class: Element<'_>) -> Option<Discriminator> {
        let Some(element) = class.first("discriminator-column") else {
            return Some(Discriminator {
                name: "dtype".to_owned(),
                type_name: "string".to_owned(),
                length: Some(255),
                definition: None,
                origin: class.origin(),
            });
        };
        let Some(name) = element.attribute("name").filter(|name| !name.is_empty()) else {
            let message = "the discriminator column has no name";
            self.say(Diagnostic::error(codes::DISCRIMINATOR, message).at(element.origin()));
            return None;
        };
        let type_name = element.attribute("type").unwrap_or("string");
        let forbidden = ["boolean", "array", "object", "datetime", "time", "date"];
        if forbidden.contains(&type_name) {
            let message = format!("a discriminator column can't be of type {type_name}");
            self.say(
                Diagnostic::error(codes::DISCRIMINATOR, message)
                    .at(element.origin_of("type"))
                    .with_help("use string or integer"),
            );
        }
        Some(Discriminator {
            name: name.to_owned(),
            type_name: type_name.to_owned(),
            length: self.number(element, "length").or(Some(255)),
            definition: element.attribute("column-definition").map(str::to_owned),
            origin: element.origin(),
        })
    }

    /// A field, or an id's field. `name` is given where the element has none of its own.
    pub(crate) fn field(&mut self, element: Element<'_>, name: Option<&str>) -> Option<Field> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => self.property_name(element, "name")?,
        };
        if element.attribute("version").is_some() && element.flag("version") == Some(false) {
            self.say(
                Diagnostic::warning(
                    codes::IGNORED,
                    "Doctrine takes a field with a version attribute for the version, even when it says false",
                )
                .at(element.origin_of("version"))
                .with_help("leave the attribute out"),
            );
        }
        let text = |attribute| element.attribute(attribute).map(str::to_owned);
        Some(Field {
            name,
            type_name: text("type"),
            column: text("column"),
            length: self.number(element, "length"),
            precision: self.number(element, "precision"),
            scale: self.number(element, "scale"),
            unique: element.flag("unique").unwrap_or(false),
            nullable: element.flag("nullable").unwrap_or(false),
            version: element.attribute("version").is_some_and(|v| !v.is_empty()),
            definition: text("column-definition"),
            options: element
                .first("options")
                .map(|options| read_options(options).into())
                .unwrap_or_default(),
            origin: element.origin(),
        })
    }

    fn id(&mut self, element: Element<'_>) -> Option<Id> {
        let field = self.field(element, None)?;
        let association = element.flag("association-key").unwrap_or(false);
        if association {
            return Some(Id {
                field,
                association,
                strategy: None,
                sequence: None,
            });
        }
        let strategy = element
            .first("generator")
            .map(|generator| generator.attribute("strategy").unwrap_or("AUTO").to_owned());
        let sequence = element
            .first("sequence-generator")
            .and_then(|generator| self.sequence(generator));
        Some(Id {
            field,
            association,
            strategy,
            sequence,
        })
    }

    fn sequence(&mut self, element: Element<'_>) -> Option<SequenceGenerator> {
        let raw = element.attribute("sequence-name").unwrap_or_default();
        let name = raw.trim_matches('`');
        if name.trim().is_empty() {
            let message = "the sequence generator has no sequence-name";
            self.say(Diagnostic::error(codes::SEQUENCE_NAME, message).at(element.origin()));
            return None;
        }
        let number = |attribute| {
            element
                .attribute(attribute)
                .filter(|text| !text.trim().is_empty())
                .map_or(1, php::int)
        };
        Some(SequenceGenerator {
            name: name.to_owned(),
            quoted: raw.starts_with('`'),
            allocation_size: number("allocation-size"),
            initial_value: number("initial-value"),
            origin: element.origin(),
        })
    }

    fn embedded(&mut self, element: Element<'_>) -> Option<Embedded> {
        let prefix = if element.flag("use-column-prefix") == Some(false) {
            Prefix::None
        } else {
            // PHP's `empty` again: an empty prefix falls back to the strategy.
            match element.attribute("column-prefix") {
                Some(prefix) if !prefix.is_empty() && prefix != "0" => {
                    Prefix::Verbatim(prefix.to_owned())
                }
                _ => Prefix::Strategy,
            }
        };
        Some(Embedded {
            name: self.property_name(element, "name")?,
            class: element
                .attribute("class")
                .filter(|class| !class.is_empty())
                .map(str::to_owned),
            prefix,
            origin: element.origin(),
        })
    }

    fn attribute_overrides(&mut self, class: Element<'_>) -> Vec<(String, Field)> {
        let mut overrides = Vec::new();
        let Some(list) = class.first("attribute-overrides") else {
            return overrides;
        };
        for element in list.all("attribute-override") {
            let Some(name) = self.property_name(element, "name") else {
                continue;
            };
            for field in element.all("field") {
                if let Some(field) = self.field(field, Some(&name)) {
                    overrides.push((name.clone(), field));
                }
            }
        }
        overrides
    }

    /// The name of a property, or an error.
    pub(crate) fn property_name(
        &mut self,
        element: Element<'_>,
        attribute: &str,
    ) -> Option<String> {
        match element.attribute(attribute) {
            Some(name) if !name.is_empty() => Some(name.to_owned()),
            _ => {
                let message = format!("this <{}> has no {attribute}", element.name());
                self.say(Diagnostic::error(codes::NO_NAME, message).at(element.origin()));
                None
            }
        }
    }

    /// A number as PHP's `(int)` reads it.
    fn number(&mut self, element: Element<'_>, attribute: &str) -> Option<u32> {
        let text = element.attribute(attribute)?;
        let value = php::int(text);
        let number = u32::try_from(value).unwrap_or(0);
        if text.trim().parse::<u32>().is_err() {
            self.say(
                Diagnostic::warning(
                    codes::NOT_A_NUMBER,
                    format!("{attribute}=\"{text}\" is no number; it is read as {number}"),
                )
                .at(element.origin_of(attribute)),
            );
        }
        Some(number)
    }
}
