//! The way of a Doctrine mapping: files, classes, metadata, tables, model.

use std::borrow::Borrow;
use std::collections::HashMap;

use indexmap::IndexMap;
use realign_model::Origin;
use realign_planner::{Diagnostic, DoctrinePlatform, Facts};

use crate::codes;
use crate::complete::complete;
use crate::declared::Declared;
use crate::metadata::Context;
use crate::output::Output;
use crate::read::read_file;
use crate::schema_tool::make_tables;
use crate::source::{DoctrineOptions, Mapping, SourceFile};
use crate::validate::validate;

/// Reads Doctrine XML mappings (`.dcm.xml`, `.orm.xml`) and makes the schema that the
/// schema tool of `facts.doctrine` makes of them.
///
/// Classes come in the order of their names, whatever the order of the files. PHP's class
/// hierarchy is not in the XML: subclasses are found through the discriminator map of
/// their root, and children of mapped superclasses through a hint that Doctrine ignores,
/// the attribute `extends="Parent\Class"` on the child (where files are checked against
/// Doctrine's own schema, in a namespace of its own).
///
/// Files that are given away are freed one by one, as soon as they are read.
pub fn load_doctrine_xml<F: Borrow<SourceFile>>(
    files: impl IntoIterator<Item = F>,
    options: &DoctrineOptions,
    platform: &dyn DoctrinePlatform,
    facts: &Facts,
) -> Mapping {
    let context = Context {
        options,
        platform,
        facts,
    };
    let mut said = Vec::new();
    // Each stage is as large as the last: none is kept longer than it is read.
    let mut order = HashMap::new();
    let declared = read_files(files, &mut order, &mut said);
    let classes = complete(declared, order.len(), context, &mut said);
    // What no engine takes is not looked at any further: it would take long, and help nobody.
    if said.iter().any(|d| d.code == codes::TOO_MANY_COLUMNS) {
        sort(&mut said, &order);
        return Mapping {
            diagnostics: said,
            ..Mapping::default()
        };
    }
    let reports = validate(&classes, context);
    let mut output = Output::new(context, classes.len());
    let sequences = make_tables(classes, context, &mut said, |table| output.add(&table));
    let database = output.finish(sequences, &mut said);
    sort(&mut said, &order);
    Mapping {
        database,
        diagnostics: said,
        classes: reports,
    }
}

/// More classes than any real application has.
const MAX_CLASSES: usize = 25_000;
/// More classes than one file holds: so many of any use would be longer than a file may be.
const MAX_CLASSES_OF_FILE: usize = 5_000;

/// The classes of all files, sorted by name. `order` takes the position of each file.
fn read_files<F: Borrow<SourceFile>>(
    files: impl IntoIterator<Item = F>,
    order: &mut HashMap<String, usize>,
    said: &mut Vec<Diagnostic>,
) -> IndexMap<String, Declared> {
    let mut declared: IndexMap<String, Declared> = IndexMap::new();
    for (position, file) in files.into_iter().enumerate() {
        let file = file.borrow();
        order.entry(file.path.clone()).or_insert(position);
        let most = MAX_CLASSES.min(declared.len() + MAX_CLASSES_OF_FILE);
        for class in read_file(&file.path, &file.text, said) {
            if let Some(first) = declared.get(&class.name) {
                let message = format!("{} is mapped twice", class.name);
                said.push(
                    Diagnostic::error(codes::DUPLICATE_CLASS, message)
                        .at(class.origin)
                        .with_note(format!("first at {}", first.origin)),
                );
            } else if declared.len() == most {
                let message = if most == MAX_CLASSES {
                    format!("there are more than {MAX_CLASSES} classes")
                } else {
                    format!("the file has more than {MAX_CLASSES_OF_FILE} classes")
                };
                said.push(Diagnostic::error(codes::TOO_MANY_CLASSES, message).at(class.origin));
                return declared;
            } else {
                declared.insert(class.name.clone(), class);
            }
        }
    }
    declared.sort_unstable_keys();
    declared
}

/// In the order of the files and of the places in them; each said once.
fn sort(said: &mut Vec<Diagnostic>, order: &HashMap<String, usize>) {
    said.sort_by_key(|diagnostic| match &diagnostic.origin {
        Origin::File { path, span, .. } => (
            order.get(&**path).copied().unwrap_or(usize::MAX),
            span.start(),
        ),
        Origin::None | Origin::Server => (usize::MAX, 0),
    });
    said.dedup();
}
