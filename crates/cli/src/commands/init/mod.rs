//! `realign init`: looks at an application and writes the `realign.toml` that fits it.

mod composer;
mod environment;
mod frameworks;
mod mappings;
mod write;

use std::io::Write;
use std::path::Path;

use realign::runtime::{Error, ErrorKind};

use crate::args::{Format, InitArgs, Options};
use crate::config::{Config, FILE_NAME};
use crate::exit::Exit;

/// What was found in an application's folder.
#[derive(Debug, Default)]
struct Found {
    /// The application by name, when it is a known one.
    application: Option<&'static str>,
    /// Folders with mappings, relative, with the number of files.
    mappings: Vec<(String, usize)>,
    /// `orm-2.5/dbal-2.5`.
    doctrine: Option<String>,
    /// Naming strategy's word.
    naming: Option<String>,
    /// Declared character set.
    charset: Option<String>,
    /// Declared collation.
    collation: Option<String>,
    /// The database's URL, without its password.
    url: Option<String>,
    /// The `.env` files that its variables come from.
    env_files: Vec<String>,
    /// The server's version, in the words of `--server-version`.
    server_version: Option<String>,
    /// Folder of migrations.
    migrations_dir: Option<String>,
    /// Their history table.
    migrations_table: Option<String>,
    /// A script of views that belongs to the schema.
    views: Option<String>,
    /// File by file: what it told.
    told: Vec<(String, String)>,
    /// What was assumed because nothing told it.
    assumed: Vec<String>,
    /// What a person has to look at.
    warnings: Vec<String>,
}

impl Found {
    fn tell(&mut self, file: impl Into<String>, what: impl Into<String>) {
        self.told.push((file.into(), what.into()));
    }
}

/// Runs the command.
pub(crate) fn run(args: &InitArgs, options: &Options, out: &mut dyn Write) -> anyhow::Result<Exit> {
    if !args.dir.is_dir() {
        return Err(Error::new(
            ErrorKind::Usage,
            format!("{} is no folder", args.dir.display()),
        )
        .with_help("give the application's folder: realign init DIR")
        .into());
    }
    let file = match args.dir.as_path() {
        here if here == Path::new(".") => FILE_NAME.into(),
        dir => dir.join(FILE_NAME),
    };
    if file.exists() && !args.force && !args.print {
        return Err(Error::new(
            ErrorKind::Failed,
            format!("{} is there already", file.display()),
        )
        .with_help("--print shows what would be written, --force replaces it")
        .into());
    }
    let mut found = look(&args.dir);
    typed(&mut found, options);
    let text = write::render(&found);
    // What is written has to be readable: better no file than one that every command refuses.
    Config::parse(text.clone(), &file, None)?;
    if args.print {
        out.write_all(text.as_bytes())?;
        return Ok(Exit::Done);
    }
    std::fs::write(&file, &text).map_err(|error| {
        Error::new(
            ErrorKind::File,
            format!("can't write {}: {error}", file.display()),
        )
    })?;
    let next = next(&found, &args.dir);
    if options.global.format == Some(Format::Json) {
        let answer = serde_json::json!({
            "file": file.display().to_string(),
            "application": found.application,
            "found": found.told.iter()
                .map(|(file, what)| serde_json::json!({"file": file, "told": what}))
                .collect::<Vec<_>>(),
            "assumed": found.assumed,
            "warnings": found.warnings,
            "next": next,
        });
        writeln!(out, "{}", serde_json::to_string_pretty(&answer)?)?;
    } else if !options.global.quiet {
        report(&found, &file, &next, out)?;
    }
    Ok(Exit::Done)
}

/// Everything that the folder tells.
fn look(dir: &Path) -> Found {
    let mut found = Found::default();
    mappings::look(dir, &mut found);
    composer::look(dir, &mut found);
    frameworks::look(dir, &mut found);
    if dir.join("artisan").is_file() && dir.join("database/xml").is_dir() {
        let views = "tools/sql/views.sql";
        if dir.join(views).is_file() {
            found.application = Some("IXP Manager");
            found.views = Some(views.to_owned());
            found.tell(views, "views and triggers, run again after each upgrade");
        }
    }
    if found.naming.is_none() {
        found
            .assumed
            .push("naming = \"doctrine-default\": no file names another strategy".to_owned());
    }
    if found.doctrine.is_none() {
        found.assumed.push(format!(
            "doctrine = \"{}\": no composer.lock tells the versions",
            realign::planner::Profile::default()
        ));
    }
    if found.mappings.is_empty() {
        found.warnings.push(
            "no Doctrine XML mapping (*.dcm.xml, *.orm.xml) was found; add its folder to `sources`"
                .to_owned(),
        );
    }
    if found.url.is_none() {
        found
            .warnings
            .push("no .env tells the database; fill in `url`, or give --database-url".to_owned());
    }
    found
}

/// What was typed outranks what was found.
fn typed(found: &mut Found, options: &Options) {
    let typed = &options.configured;
    if let Some(version) = &typed.doctrine {
        found.doctrine = Some(version.clone());
        found.assumed.retain(|line| !line.starts_with("doctrine"));
    }
    if let Some(naming) = typed.naming {
        found.naming = Some(naming.word().to_owned());
        found.assumed.retain(|line| !line.starts_with("naming"));
    }
    found.charset = typed.charset.clone().or(found.charset.take());
    found.collation = typed.collation.clone().or(found.collation.take());
    found.server_version = typed.server_version.clone().or(found.server_version.take());
    if let Some(table) = &typed.migrations_table {
        found.migrations_table = Some(table.clone());
    }
    if let Some(dir) = &typed.migrations_dir {
        found.migrations_dir = Some(dir.display().to_string());
    }
    if let Some(url) = &options.global.database_url {
        let (url, hidden) = environment::without_password(url);
        found.url = Some(url);
        found.env_files.clear();
        found.warnings.retain(|line| !line.starts_with("no .env"));
        if hidden {
            found.warnings.push(
                "the password was not written down: set DB_PASSWORD, or use password_file or password_command"
                    .to_owned(),
            );
        }
    }
    if !typed.schema.is_empty() {
        found.mappings = typed
            .schema
            .iter()
            .map(|source| (source.clone(), 0))
            .collect();
        found
            .warnings
            .retain(|line| !line.starts_with("no Doctrine"));
    }
}

fn report(found: &Found, file: &Path, next: &str, out: &mut dyn Write) -> std::io::Result<()> {
    if let Some(application) = found.application {
        writeln!(out, "This is {application}.")?;
    }
    let width = found
        .told
        .iter()
        .map(|(file, _)| file.len())
        .max()
        .unwrap_or(0);
    if !found.told.is_empty() {
        writeln!(out, "Found")?;
    }
    for (file, what) in &found.told {
        writeln!(out, "  {file:width$}  {what}")?;
    }
    if !found.assumed.is_empty() {
        writeln!(out, "Assumed")?;
    }
    for line in &found.assumed {
        writeln!(out, "  {line}")?;
    }
    if !found.warnings.is_empty() {
        writeln!(out, "To look at")?;
    }
    for line in &found.warnings {
        writeln!(out, "  {line}")?;
    }
    writeln!(out, "Wrote {}\n\nNext: {next}", file.display())
}

fn next(found: &Found, dir: &Path) -> String {
    let command = match (found.url.is_some(), found.mappings.is_empty()) {
        (_, true) => "realign doctor",
        (true, false) => "realign doctor",
        (false, false) => "realign schema create --dump-sql --server-version mariadb-10.11",
    };
    if dir == Path::new(".") {
        command.to_owned()
    } else {
        format!("cd {} && {command}", dir.display())
    }
}
