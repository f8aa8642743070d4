//! What the files of Laravel and Symfony tell. They are searched line by line: they are
//! programs or large documents, and only a few words of them matter here.

use std::path::Path;

use super::{Found, environment};

pub(super) fn look(root: &Path, found: &mut Found) {
    let laravel = root.join("artisan").is_file();
    let symfony = root.join("config/packages").is_dir()
        || root.join("bin/console").is_file()
        || root.join("symfony.lock").is_file();
    if symfony {
        doctrine_yaml(root, found);
        symfony_migrations(root, found);
    }
    environment::look(root, symfony, found);
    if laravel {
        laravel_doctrine(root, found);
        laravel_migrations(root, found);
    }
}

/// The lines of a file without comments; none when there is no such file.
fn lines(root: &Path, file: &str, comments: &[&str]) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(root.join(file)).ok()?;
    let mut in_block = false;
    let kept = text
        .lines()
        .filter(|line| {
            let line = line.trim_start();
            // PHP's block comments hold whole examples.
            if line.starts_with("/*") && comments.contains(&"//") {
                in_block = true;
            }
            let inside = in_block;
            if line.contains("*/") {
                in_block = false;
            }
            !inside && !comments.iter().any(|comment| line.starts_with(comment))
        })
        .map(str::to_owned)
        .collect();
    Some(kept)
}

/// The value of `key: value` in YAML, quotes and trailing comment taken off.
fn yaml<'a>(lines: &'a [String], key: &str) -> Option<&'a str> {
    lines.iter().find_map(|line| {
        let line = line.trim_start().trim_start_matches("- ");
        let value = line.strip_prefix(key)?.strip_prefix(':')?.trim();
        let value = match value.chars().next()? {
            quote @ ('\'' | '"') => value[1..].split(quote).next()?,
            _ => value.split(" #").next()?.trim(),
        };
        (!value.is_empty()).then_some(value)
    })
}

fn doctrine_yaml(root: &Path, found: &mut Found) {
    let file = "config/packages/doctrine.yaml";
    let Some(all) = lines(root, file, &["#"]) else {
        return;
    };
    // `when@test:` and its like override for one environment only.
    let until = all
        .iter()
        .position(|line| line.starts_with("when@"))
        .unwrap_or(all.len());
    let lines = &all[..until];
    let mut told = Vec::new();
    if let Some(strategy) = yaml(lines, "naming_strategy") {
        let word = match strategy.rsplit('.').next().unwrap_or_default() {
            "default" => Some("doctrine-default"),
            "underscore" => Some("underscore"),
            "underscore_number_aware" => Some("underscore-number-aware"),
            _ => None,
        };
        match word {
            Some(word) => {
                told.push(format!("naming {word}"));
                found.naming = Some(word.to_owned());
            }
            None => found.warnings.push(format!(
                "{file}: the naming strategy {strategy} is not known; `naming` assumes doctrine-default"
            )),
        }
    } else {
        told.push("no naming strategy, so Doctrine's default".to_owned());
        found.naming = Some("doctrine-default".to_owned());
    }
    if let Some(start) = lines
        .iter()
        .position(|line| line.trim() == "default_table_options:")
    {
        let options = &lines[start + 1..(start + 6).min(lines.len())];
        found.charset = yaml(options, "charset").map(str::to_owned);
        found.collation = yaml(options, "collate")
            .or(yaml(options, "collation"))
            .map(str::to_owned);
        if let Some(collation) = found.collation.as_ref().or(found.charset.as_ref()) {
            told.push(format!("tables in {collation}"));
        }
    }
    if let Some(filter) = yaml(lines, "schema_filter") {
        found.warnings.push(format!(
            "{file}: schema_filter {filter} is not taken over; name such tables in `ignore`"
        ));
    }
    // `url: '%env(resolve:DATABASE_URL)%'`: which variable holds the database.
    if let Some(name) = yaml(lines, "url")
        .and_then(|url| url.strip_prefix("%env(")?.strip_suffix(")%"))
        .and_then(|inner| inner.rsplit(':').next())
    {
        found.url = Some(format!("${{{name}}}"));
    }
    if let Some(version) = yaml(lines, "server_version") {
        found.server_version = environment::server_version("mysql", version);
    }
    found.tell(file, told.join(", "));
}

fn symfony_migrations(root: &Path, found: &mut Found) {
    let file = "config/packages/doctrine_migrations.yaml";
    let Some(lines) = lines(root, file, &["#"]) else {
        return;
    };
    let strip = |dir: &str| {
        dir.replace("%kernel.project_dir%/", "")
            .replace("%kernel.root_dir%/", "app/")
            .trim_matches('/')
            .to_owned()
    };
    let path = lines
        .iter()
        .position(|line| line.trim().starts_with("migrations_paths:"))
        .and_then(|at| lines.get(at + 1))
        .and_then(|line| line.split_once(": "))
        .map(|(_, dir)| dir.trim().trim_matches(['\'', '"']).to_owned());
    let dir = path.as_deref().or(yaml(&lines, "dir_name")).map(strip);
    let table = yaml(&lines, "table_name")
        .unwrap_or("doctrine_migration_versions")
        .to_owned();
    found.tell(
        file,
        format!(
            "migrations in {}, recorded in {table}",
            dir.as_deref().unwrap_or("migrations")
        ),
    );
    found.migrations_dir = Some(dir.unwrap_or_else(|| "migrations".to_owned()));
    found.migrations_table = Some(table);
}

fn laravel_doctrine(root: &Path, found: &mut Found) {
    let file = "config/doctrine.php";
    let Some(lines) = lines(root, file, &["//", "*", "#"]) else {
        return;
    };
    let line = lines.iter().find(|line| line.contains("'naming_strategy'"));
    let word = match line {
        // laravel-doctrine's own default, for a manager that says nothing.
        None => "laravel",
        Some(line) if line.contains("LaravelNamingStrategy") => "laravel",
        Some(line) if line.contains("UnderscoreNamingStrategy") => "underscore",
        Some(line) if line.contains("DefaultNamingStrategy") => "doctrine-default",
        Some(line) => {
            found.warnings.push(format!(
                "{file}: the naming strategy of `{}` is not known; `naming` assumes doctrine-default",
                line.trim()
            ));
            return;
        }
    };
    let told = match line {
        None => "no naming strategy, so laravel-doctrine's own: laravel".to_owned(),
        Some(_) => format!("naming {word}"),
    };
    found.tell(file, told);
    found.naming = Some(word.to_owned());
}

fn laravel_migrations(root: &Path, found: &mut Found) {
    let quoted = |line: &String, key: &str| -> Option<String> {
        let (_, value) = line.split_once(key)?;
        let (_, value) = value.split_once("=>")?;
        Some(value.split(['\'', '"']).nth(1)?.to_owned())
    };
    let in_file = |file: &str, key: &str| {
        lines(root, file, &["//", "*", "#"])
            .and_then(|lines| lines.iter().find_map(|line| quoted(line, key)))
            .map(|value| (file.to_owned(), value))
    };
    let told = in_file("config/migrations.php", "'table'")
        .or_else(|| in_file("config/database.php", "'migrations'"));
    let (file, table) = match told {
        Some((file, table)) if table != "table" => (Some(file), table),
        // Laravel 11 nests it: 'migrations' => ['table' => 'migrations', …].
        Some((file, _)) => {
            let table = in_file(&file, "'table'").map(|(_, table)| table);
            (Some(file), table.unwrap_or_else(|| "migrations".to_owned()))
        }
        None => (None, "migrations".to_owned()),
    };
    match file {
        Some(file) => found.tell(file, format!("migrations recorded in {table}")),
        None => found.assumed.push(format!(
            "migrations are recorded in `{table}`, as Laravel does"
        )),
    }
    found.migrations_dir = Some("database/migrations".to_owned());
    found.migrations_table = Some(table);
}
