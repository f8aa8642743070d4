//! `realign schema inspect`: a source or the database as text, SQL or JSON.

use std::path::Path;

use realign::model::Column;
use realign::planner::{Change, Facts, Object, diagram, printed_plan};
use realign::{Engine, SchemaDocument, Source};

use super::choose::chosen;
use super::context::{self, Live, Server};
use super::update::refuse_as;
use crate::args::{Format, InspectArgs};
use crate::exit::Exit;
use crate::report::style::count;
use crate::report::{Out, tree};
use crate::settings::Settings;

/// Shows a schema.
pub(super) fn run(args: &InspectArgs, settings: &Settings, out: Out) -> anyhow::Result<Exit> {
    let source = match &args.source {
        Some(text) => Some(context::source(settings, text, Path::new(""))?),
        None => None,
    };
    let only = !matches!(settings.output.format, Format::Text | Format::Json);
    let out = out.reserving_sql(only);
    let target = match source {
        None => Some(Live::configured(settings)?),
        Some(Source::Database(ref target)) => Some(Live::open(target.clone())?),
        Some(_) => None,
    };
    let (engine, facts, database) = match (target, source) {
        (Some(mut live), _) => {
            let found = live.inspect(settings)?;
            out.diagnostics(&found.remarks)?;
            (live.engine, found.facts, found.database)
        }
        (None, source) => {
            let server = Server::of(settings)?;
            let sources: Vec<Source> = source.into_iter().collect();
            let declared = context::read(settings, &sources, server.engine, &server.facts)?;
            out.diagnostics(&declared.diagnostics)?;
            if declared.has_errors() {
                return refuse_as(
                    "schema inspect",
                    out,
                    None,
                    declared.diagnostics,
                    "the source has errors",
                );
            }
            (server.engine, server.facts, declared.database)
        }
    };
    let database = chosen(database, &args.choosing);
    match settings.output.format {
        Format::Sql => {
            let opening = engine.dialect.script_opening(&database, &facts);
            let plan = printed_plan(&database, engine.dialect, &facts);
            drop(database);
            // What the engine makes as a whole is printed as a whole, with the settings that it
            // needs: a body may name what stands further down.
            if plan.atomic {
                out.statements(plan.statements())?;
            } else {
                out.statements(&opening)?;
                out.statements(plan.steps.iter().flat_map(|step| &step.statements))?;
            }
        }
        Format::Xml => {
            out.sql(&realign::doctrine_xml(&database, engine.dialect, &facts))?;
        }
        Format::Mermaid => {
            out.sql(&diagram::mermaid(&database, &type_text(engine, &facts)))?;
        }
        Format::Dot => out.sql(&diagram::dot(&database, &type_text(engine, &facts)))?,
        Format::Svg => out.sql(&diagram::svg(&database, &type_text(engine, &facts)))?,
        Format::Json => {
            out.json(&SchemaDocument::new(database, Some(facts)).bare())?;
        }
        Format::Text => {
            let mut text = format!(
                "{}, {}, {}\n",
                realign::product(&facts),
                count(database.tables.len(), "table"),
                count(database.views.len(), "view"),
            );
            let others = Object::all(&database);
            let changes: Vec<Change> = database
                .tables
                .into_iter()
                .map(Change::CreateTable)
                .chain(database.views.into_iter().map(Change::CreateView))
                .chain(database.triggers.into_iter().map(Change::CreateTrigger))
                .chain(database.sequences.into_iter().map(Change::CreateSequence))
                .chain(others.into_iter().map(Change::CreateObject))
                .collect();
            text.push_str(&tree::tree(&changes, engine.dialect, &facts));
            out.text(&text)?;
        }
    }
    Ok(Exit::Done)
}

/// What a diagram says of a column: its type alone.
fn type_text<'a>(engine: &'a Engine, facts: &'a Facts) -> impl Fn(&Column) -> String + 'a {
    |column| realign::planner::type_text(&column.data_type, engine.dialect, facts)
}
