//! A schema written in this engine's SQL, onto the model.

use realign_model::Database;
use realign_planner::schema_script::NOT_UNDERSTOOD;
use realign_planner::{
    Diagnostic, Facts, Interpret, Interpreted, SchemaScript, Scripts, StatementKind,
};

use crate::Postgres;

impl Interpret for Postgres {
    fn interpret(&self, script: &SchemaScript<'_>, onto: Database, facts: &Facts) -> Interpreted {
        let cut = self.split(script.text, facts);
        let mut read = Interpreted {
            database: onto,
            diagnostics: cut.problems,
            ..Interpreted::default()
        };
        for statement in &cut.statements {
            match self.nature(&statement.sql, facts).kind {
                StatementKind::Data => read.data_statements += 1,
                StatementKind::Definition | StatementKind::Other => {
                    read.skipped_bytes += statement.sql.len();
                    let problem = Diagnostic::error(NOT_UNDERSTOOD, "not understood");
                    read.diagnostics.push(problem.at(script.origin(statement)));
                }
                StatementKind::Query | StatementKind::Transaction | StatementKind::Session => {}
            }
        }
        read
    }
}
