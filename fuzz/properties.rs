//! What has to hold for every input, however broken. The fuzz targets and a test of every run
//! share this file; `crate::realign` is the library, or as much of it as is needed here.

use crate::realign::model::{Database, Origin};
use crate::realign::planner::migration::{
    Condition, MigrationFile, Phase, Placeholders, Section, checksum, fill,
};
use crate::realign::planner::script::with_rows;
use crate::realign::planner::{Diagnostic, SchemaScript};
use crate::realign::sources::{DoctrineOptions, SourceFile, load_doctrine_xml};

/// A target: its name, and what it does with an input.
pub(crate) type Target = (&'static str, fn(&str));

/// All of them.
pub(crate) const TARGETS: [Target; 8] = [
    ("script_mysql", |text| script("mariadb-10.11", text)),
    ("script_postgres", |text| script("postgresql-15", text)),
    ("script_sqlite", |text| script("sqlite-3.45", text)),
    ("schema_mysql", |text| schema("mysql-8.4", text)),
    ("schema_postgres", |text| schema("postgresql-15", text)),
    ("schema_sqlite", |text| schema("sqlite-3.45", text)),
    ("migration", migration),
    ("doctrine_xml", doctrine_xml),
];

/// Runs the target of this name on bytes.
///
/// # Panics
/// When something does not hold.
pub(crate) fn run(name: &str, bytes: &[u8]) {
    let (_, target) = TARGETS
        .iter()
        .find(|(known, _)| *known == name)
        .expect("a known target");
    target(&String::from_utf8_lossy(bytes));
}

/// True when a statement is what stands there, but for backslashes at the end of a line, which
/// clients may take out.
fn is_of(sql: &str, text: &str) -> bool {
    let mut rest = text;
    for piece in sql.chars() {
        while !rest.starts_with(piece) {
            match rest.strip_prefix('\\') {
                Some(after) if after.is_empty() || after.starts_with(['\n', '\r']) => rest = after,
                _ => return false,
            }
        }
        rest = &rest[piece.len_utf8()..];
    }
    true
}

/// A script is cut into statements that stand in it, in order and apart from each other; each is
/// read once more on its own.
fn script(version: &str, text: &str) {
    let (engine, facts) = crate::realign::offline(version).expect("a known engine");
    let scripts = engine.dialect.scripts();
    let cut = scripts.split(text, &facts);
    let mut end = 0;
    for statement in &cut.statements {
        let span = statement.span.clone();
        assert!(
            end <= span.start && span.start < span.end,
            "{span:?} after {end}"
        );
        let inside = text
            .get(span.clone())
            .expect("whole characters of the text");
        assert!(
            is_of(&statement.sql, inside),
            "{inside:?} and {:?}",
            statement.sql
        );
        if cut.problems.is_empty() {
            // A quote that is never closed holds everything after it.
            let plain = |c: char| c.is_ascii_whitespace();
            assert_eq!(
                statement.sql.trim_matches(plain),
                statement.sql,
                "blanks around"
            );
        }
        assert_eq!(
            statement.line,
            text[..span.start].matches('\n').count() + 1,
            "the line of {span:?}"
        );
        end = span.end;
        if let Some(rows) = &statement.rows {
            assert!(end <= rows.start, "rows at {} of {span:?}", rows.start);
            assert!(
                text[rows.start..].starts_with(&rows.text),
                "rows stand there"
            );
            assert_eq!(
                rows.line,
                text[..rows.start].matches('\n').count() + 1,
                "the line of the rows of {span:?}"
            );
            end = rows.start + rows.text.len();
            // Where it ends by itself, it and its rows written as a script are the same again: an
            // open parenthesis takes in what follows.
            let ended = scripts
                .split(&format!("{};\n", statement.sql), &facts)
                .statements;
            if ended.iter().map(|one| &one.sql).eq([&statement.sql]) {
                let again = scripts.split(&with_rows(&statement.sql, &rows.text), &facts);
                let [only] = again.statements.as_slice() else {
                    panic!("{:?} of {statement:?}", again.statements);
                };
                let plain = |text: &str| text.trim_end_matches(['\r', '\n']).to_owned();
                let same = only.rows.as_ref().map(|rows| plain(&rows.text));
                assert_eq!(same, Some(plain(&rows.text)), "{statement:?}");
            }
        }
        let nature = scripts.nature(&statement.sql, &facts);
        for object in &nature.touches {
            assert!(!object.name.is_empty() || inside.contains(['"', '`', '[']));
        }
    }
    places(&cut.problems, text.len());
    // The same text is cut in the same way.
    assert_eq!(cut, scripts.split(text, &facts));
}

/// A schema is read from any text.
fn schema(version: &str, text: &str) {
    let (engine, facts) = crate::realign::offline(version).expect("a known engine");
    let script = SchemaScript {
        path: "schema.sql",
        text,
    };
    let interpret = engine.dialect.interpret();
    let read = interpret.interpret(&script, Database::default(), &facts);
    assert!(read.skipped_bytes <= text.len());
    places(&read.diagnostics, text.len());
}

/// How many of its sections a line begins.
fn begun(file: &MigrationFile) -> usize {
    let begun = |section: &&Section| section.line > 1;
    file.sections.iter().filter(begun).count()
}

/// A migration's file is read from any text, as every engine reads it.
fn migration(text: &str) {
    let (skimmed, problems) = MigrationFile::read("m.sql", text);
    migration_file(text, &skimmed, &problems);
    for version in ["mariadb-10.11", "postgresql-15", "sqlite-3.45"] {
        let (engine, facts) = crate::realign::offline(version).expect("a known engine");
        let scripts = engine.dialect.scripts();
        let (file, problems) = MigrationFile::read_for("m.sql", text, scripts, &facts);
        migration_file(text, &file, &problems);
        // It takes no line for a directive that does not look like one. What stands before the
        // first section counts by what is left of it without those lines.
        assert!(begun(&file) <= begun(&skimmed), "{version}: {file:?}");
        // What is left of a statement that looks like one is in something that may hold any text:
        // where nothing does, both readings are the same.
        let holds = |c: char| matches!(c, '\'' | '"' | '`' | '[' | '$' | '/' | '\\' | '\u{feff}');
        let words = text.to_ascii_uppercase();
        let bodies = [
            "BEGIN", "CREATE", "COPY", "CASE", "FOR", "IF", "LOOP", "REPEAT", "WHILE",
        ];
        let plain = !text.contains(holds) && !bodies.iter().any(|body| words.contains(body));
        if plain && text.is_ascii() {
            assert_eq!(file, skimmed, "{version}");
        }
        let sum = checksum(&file, scripts, &facts);
        assert_eq!(sum.len(), 64);
    }
}

/// The sections of a migration's file are parts of it, at their places.
fn migration_file(text: &str, file: &MigrationFile, problems: &[Diagnostic]) {
    places(problems, text.len());
    for phase in [Phase::PreUp, Phase::Up, Phase::PostUp, Phase::Down] {
        let Some(section) = file.section(phase) else {
            continue;
        };
        assert!(section.start <= text.len());
        let whole = text.get(section.start..).expect("whole characters");
        // Directives within are blanks; everything else stands where it stood.
        for (ours, theirs) in section.text.lines().zip(whole.lines()) {
            let blank = ours.trim().is_empty();
            assert!(blank || ours == theirs, "{ours:?} and {theirs:?}");
        }
        let values = Placeholders::from([("prefix".to_owned(), "p_".to_owned())]);
        if let Err((at, _)) = fill(&section.text, &values) {
            assert!(section.text[at..].starts_with("${"));
        }
        for check in &section.checks {
            // What a condition says of itself is a condition again.
            let said = check.condition.to_string();
            if !said.starts_with("always") {
                let _ = Condition::parse(&said);
            }
        }
    }
}

/// A mapping is read from any text.
fn doctrine_xml(text: &str) {
    let (engine, facts) = crate::realign::offline("mariadb-10.11").expect("a known engine");
    let file = SourceFile {
        path: "A.dcm.xml".to_owned(),
        text: text.to_owned(),
    };
    let options = DoctrineOptions::default();
    let mapping = load_doctrine_xml([&file], &options, engine.dialect.doctrine(), &facts);
    places(&mapping.diagnostics, text.len());
}

/// What is told stands within the text.
fn places(said: &[Diagnostic], length: usize) {
    for diagnostic in said {
        if let Origin::File { span, .. } = &diagnostic.origin {
            assert!(
                span.start() <= span.end() && span.end() <= length,
                "{span:?} of {length}: {}",
                diagnostic.message
            );
        }
    }
}
