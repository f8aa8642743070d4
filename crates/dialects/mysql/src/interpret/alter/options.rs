//! Options of a table, its character set above all.

use realign_model::{DataType, Ident, MySqlTable, Table, TableOptions, TextSize};

use super::{Draft, Steps};
use crate::compare::{character_bytes, mysql_options};
use crate::interpret::charset::{charset_name, collation_name, usual_collation};
use crate::parse::{Action, TableOption};
use crate::render::string_literal;

/// A name, or DEFAULT.
#[derive(Debug)]
enum Choice {
    Usual,
    Named(String),
}

impl Choice {
    fn of(name: Option<&String>) -> Self {
        name.map_or(Self::Usual, |name| Self::Named(name.clone()))
    }
}

/// What a statement says about the character set of a table.
#[derive(Debug, Default)]
struct Said {
    charset: Option<Choice>,
    collation: Option<Choice>,
    /// The columns are converted as well.
    convert: bool,
}

impl Draft<'_> {
    pub(super) fn options(&mut self, steps: &Steps) {
        let mut said = Said::default();
        for (action, _) in steps {
            match action {
                Action::Option(TableOption::Charset(name)) => {
                    said.charset = Some(Choice::of(name.as_ref()));
                }
                Action::Option(TableOption::Collation(name)) => {
                    said.collation = Some(Choice::of(name.as_ref()));
                }
                Action::Option(option) => self.option(option),
                Action::Convert { charset, collation } => {
                    said.charset = Some(Choice::of(charset.as_ref()));
                    if collation.is_some() {
                        said.collation = Some(Choice::of(collation.as_ref()));
                    }
                    said.convert = true;
                }
                _ => {}
            }
        }
        let fresh: Vec<&Ident> = steps
            .iter()
            .filter_map(|(action, _)| match action {
                Action::AddColumn { column, .. } | Action::ChangeColumn { column, .. } => {
                    Some(&column.definition.column.name)
                }
                _ => None,
            })
            .collect();
        self.charset(&said, &fresh);
    }

    fn typed(&mut self, change: impl FnOnce(&mut MySqlTable)) {
        let mut options = mysql_options(&self.table).cloned().unwrap_or_default();
        change(&mut options);
        self.table.options = TableOptions::MySql(Box::new(options));
    }

    fn option(&mut self, option: &TableOption) {
        match option {
            TableOption::Comment(text) => {
                self.table.comment = Some(text.clone()).filter(|text| !text.is_empty());
            }
            TableOption::Engine(name) => self.typed(|options| options.engine = Some(name.clone())),
            TableOption::RowFormat(format) => {
                let format = Some(format.clone()).filter(|format| format != "DEFAULT");
                self.typed(|options| options.row_format = format);
            }
            TableOption::AutoIncrement(number) => {
                self.typed(|options| options.auto_increment = Some(*number));
            }
            TableOption::Other(name, value) => {
                let text = match name.as_str() {
                    "COMPRESSION" | "ENCRYPTION" => format!("{name}={}", string_literal(value)),
                    _ => format!("{name}={value}"),
                };
                self.typed(|options| {
                    options.extra.retain(|other| {
                        let known = other.split('=').next().unwrap_or_default();
                        !known.trim_matches('`').eq_ignore_ascii_case(name)
                    });
                    options.extra.push(text);
                });
            }
            TableOption::Charset(_)
            | TableOption::Collation(_)
            | TableOption::SystemVersioning
            | TableOption::NotKept => {}
        }
    }

    /// The character set and collation of the table after the statement.
    fn charset(&mut self, said: &Said, fresh: &[&Ident]) {
        let facts = &self.session.facts;
        let defaults = self.defaults.clone();
        if said.charset.is_none() && said.collation.is_none() {
            if !self.known.present {
                self.typed(|options| {
                    options.charset = defaults.charset;
                    options.collation = defaults.collation;
                    options.collation_implied = !defaults.declared && options.collation.is_some();
                });
            }
            return;
        }
        let before = mysql_options(&self.table).cloned().unwrap_or_default();
        let default_charset = || defaults.charset.clone().or_else(|| before.charset.clone());
        let named = |name: &Choice| match name {
            Choice::Named(name) => Some(charset_name(name)),
            Choice::Usual => default_charset(),
        };
        let mut charset = said.charset.as_ref().and_then(named);
        let collation = match &said.collation {
            Some(Choice::Named(name)) => {
                let context = charset
                    .clone()
                    .or_else(|| before.charset.clone())
                    .or_else(default_charset);
                Some(collation_name(name, context.as_deref()))
            }
            Some(Choice::Usual) | None => match (&said.charset, &charset) {
                (Some(Choice::Usual), _) if defaults.collation.is_some() => {
                    defaults.collation.clone()
                }
                (_, Some(charset)) => Some(usual_collation(charset, facts)),
                (_, None) => None,
            },
        };
        if let Some(collation) = &collation {
            charset = Some(crate::assemble::charset_of(collation));
        }
        if self.known.present {
            if said.convert {
                convert(&mut self.table, charset.as_deref());
            } else {
                keep_own(&mut self.table, &before, collation.as_deref(), fresh);
            }
        }
        self.typed(|options| {
            options.charset = charset;
            options.collation = collation;
            options.collation_implied = false;
        });
    }
}

/// A new default leaves the columns as they are: what was the table's is now their own. Columns
/// of the same statement that say nothing get the new one.
fn keep_own(table: &mut Table, before: &MySqlTable, new: Option<&str>, fresh: &[&Ident]) {
    if before.collation.is_none() || before.collation.as_deref() == new {
        return;
    }
    for column in &mut table.columns {
        let own = column.charset.is_some() || column.collation.is_some();
        if column.data_type.is_text() && !own && !fresh.contains(&&column.name) {
            column.charset.clone_from(&before.charset);
            column.collation.clone_from(&before.collation);
        }
    }
}

/// CONVERT TO takes the columns along, and widens texts so that as many characters fit.
fn convert(table: &mut Table, charset: Option<&str>) {
    let table_charset = mysql_options(table).and_then(|options| options.charset.clone());
    for column in &mut table.columns {
        if !column.data_type.is_text() {
            continue;
        }
        let before = column.charset.take().or_else(|| table_charset.clone());
        column.collation = None;
        if let (DataType::Text { size }, Some(before), Some(after)) =
            (&mut column.data_type, before, charset)
        {
            *size = widened(*size, character_bytes(&before), character_bytes(after));
        }
    }
}

/// The tier that holds as many characters of the new width.
fn widened(size: TextSize, before: u32, after: u32) -> TextSize {
    let bytes: u64 = match size {
        TextSize::Tiny => 255,
        TextSize::Normal => 65_535,
        TextSize::Medium => 16_777_215,
        TextSize::Long => return size,
    };
    match bytes / u64::from(before) * u64::from(after) {
        0..=255 => TextSize::Tiny,
        256..=65_535 => TextSize::Normal,
        65_536..=16_777_215 => TextSize::Medium,
        _ => TextSize::Long,
    }
}
