//! What an application's `.env` files tell about its database. Passwords stay there.

use std::collections::BTreeMap;
use std::path::Path;

use super::Found;
use crate::{address, dotenv};

/// The `.env` files in the order Symfony reads them; Laravel has only the first.
pub(super) fn look(root: &Path, symfony: bool, found: &mut Found) {
    let mut variables = BTreeMap::new();
    let mut read = Vec::new();
    let mut add = |name: String, variables: &mut BTreeMap<String, String>| {
        if let Ok(text) = std::fs::read_to_string(root.join(&name)) {
            let more = dotenv::read(&text, variables);
            variables.extend(more);
            read.push(name);
        }
    };
    add(".env".to_owned(), &mut variables);
    if symfony {
        if variables.get("APP_ENV").map(String::as_str) != Some("test") {
            add(".env.local".to_owned(), &mut variables);
        }
        let env = variables
            .get("APP_ENV")
            .cloned()
            .unwrap_or_else(|| "dev".to_owned());
        if !env.is_empty() && !env.contains(['/', '\\']) {
            add(format!(".env.{env}"), &mut variables);
            add(format!(".env.{env}.local"), &mut variables);
        }
    }
    if root.join(".env.local.php").is_file() {
        found.warnings.push(
            ".env.local.php is not read; set DATABASE_URL in the environment if it differs"
                .to_owned(),
        );
    }
    if read.is_empty() {
        return;
    }
    let files = read.join(", ");
    let name = found_url_variable(found);
    let keys = ["DB_CONNECTION", "DB_HOST", "DB_DATABASE", "DB_USERNAME"];
    if let Some(url) = variables.get(&name).filter(|url| !url.is_empty()) {
        by_url(&name, url, &files, found);
    } else if let Some(url) = variables.get("DB_URL").filter(|url| !url.is_empty()) {
        by_url("DB_URL", url, &files, found);
    } else if keys.iter().any(|key| variables.contains_key(*key)) {
        by_parts(root, &variables, &files, found);
    } else {
        return;
    }
    if found.url.as_ref().is_some_and(|url| url.contains("${")) {
        found.env_files = read;
    }
}

/// The variable that doctrine.yaml takes the URL from; its scan has left it in `url`.
fn found_url_variable(found: &mut Found) -> String {
    found
        .url
        .take()
        .and_then(|url| Some(url.strip_prefix("${")?.strip_suffix('}')?.to_owned()))
        .unwrap_or_else(|| "DATABASE_URL".to_owned())
}

fn by_url(name: &str, url: &str, files: &str, found: &mut Found) {
    // Symfony's word for the application's folder; only shown here, not written.
    let plain = url.replace("%kernel.project_dir%/", "");
    let shown = match address::parse(&plain, Path::new("")) {
        Ok(target) => {
            unsupported(&target.scheme, found);
            if let Some(version) = target.parameters.get("serverVersion") {
                found.server_version = server_version(&target.scheme, version);
            }
            target.to_string()
        }
        Err(error) => {
            found.warnings.push(format!("{name} in {files}: {error}"));
            "a URL that can't be read".to_owned()
        }
    };
    found.tell(
        files,
        format!("{name}: {shown}; it is read from there, password and all"),
    );
    found.url = Some(format!("${{{name}}}"));
}

fn by_parts(root: &Path, variables: &BTreeMap<String, String>, files: &str, found: &mut Found) {
    let get = |key: &str| {
        variables
            .get(key)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    };
    let connection = get("DB_CONNECTION").unwrap_or_else(|| {
        found
            .assumed
            .push(format!("MySQL or MariaDB: {files} has no DB_CONNECTION"));
        "mysql"
    });
    let scheme = match connection {
        "pgsql" | "postgres" | "postgresql" => "postgres",
        "sqlite" => "sqlite",
        "mariadb" => "mariadb",
        "mysql" => "mysql",
        other => {
            found.warnings.push(format!(
                "DB_CONNECTION={other} in {files} is not a known engine; `url` assumes mysql"
            ));
            "mysql"
        }
    };
    unsupported(scheme, found);
    if scheme == "sqlite" {
        let file = get("DB_DATABASE").unwrap_or("database/database.sqlite");
        // A bare name in DB_DATABASE is one in Laravel's database folder.
        let file = match file {
            file if file.contains('/') || root.join(file).exists() => file.to_owned(),
            file => format!("database/{file}"),
        };
        found.tell(files, format!("SQLite, {file}"));
        found.url = Some(format!("sqlite:{file}"));
        return;
    }
    let host = get("DB_HOST").unwrap_or_else(|| {
        found
            .assumed
            .push(format!("host 127.0.0.1: {files} has no DB_HOST"));
        "127.0.0.1"
    });
    // Laravel takes a list of hosts; the first is as good as any.
    let host = host.split(',').next().unwrap_or(host).trim();
    let database = get("DB_DATABASE").unwrap_or_else(|| {
        found
            .warnings
            .push(format!("{files} has no DB_DATABASE; `url` names none"));
        ""
    });
    let mut account = get("DB_USERNAME")
        .map(address::encode_part)
        .unwrap_or_default();
    let password = variables.contains_key("DB_PASSWORD");
    if password {
        account.push_str(":${DB_PASSWORD}");
    }
    let account = if account.is_empty() {
        account
    } else {
        format!("{account}@")
    };
    let shown_host = if host.contains(':') {
        format!("[{host}]")
    } else {
        address::encode_part(host)
    };
    let port = get("DB_PORT").filter(|port| port.parse::<u16>().is_ok());
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let socket = get("DB_SOCKET")
        .map(|socket| format!("?socket={}", address::encode_part(socket)))
        .unwrap_or_default();
    let database = address::encode_part(database);
    found.url = Some(format!(
        "{scheme}://{account}{shown_host}{port}/{database}{socket}"
    ));
    let user = get("DB_USERNAME").unwrap_or("no user");
    let stays = if password {
        "; the password stays there (DB_PASSWORD)"
    } else {
        ""
    };
    found.tell(
        files,
        format!("{scheme}, {user} at {host}{port}, database {database}{stays}"),
    );
}

fn unsupported(scheme: &str, found: &mut Found) {
    let known = realign::engines()
        .iter()
        .any(|engine| engine.dialect.url_schemes().contains(&scheme));
    if !known {
        found
            .warnings
            .push(format!("Realign has no engine for {scheme} databases"));
    }
}

/// `mariadb-10.11` of Doctrine's `10.11.2-MariaDB` or `mariadb-10.11.2`, `mysql-8.0` of `8.0.32`.
pub(super) fn server_version(scheme: &str, text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let numbers = lower
        .trim_start_matches(|c: char| !c.is_ascii_digit())
        .split(|c: char| !c.is_ascii_digit() && c != '.')
        .next()
        .filter(|numbers| !numbers.is_empty())?
        .to_owned();
    match scheme {
        "mysql" | "mariadb" => {
            let mariadb = lower.contains("mariadb") || scheme == "mariadb";
            Some(format!(
                "{}-{numbers}",
                if mariadb { "mariadb" } else { "mysql" }
            ))
        }
        "postgres" => Some(format!("postgresql-{numbers}")),
        _ => None,
    }
}

/// A URL with its password replaced by a variable, and whether there was one.
pub(super) fn without_password(url: &str) -> (String, bool) {
    let Some((scheme, rest)) = url.split_once("://") else {
        return (url.to_owned(), false);
    };
    // A `/` may stand in an unencoded password: the account ends at the last `@`.
    let query = rest.find('?').unwrap_or(rest.len());
    match rest[..query]
        .rfind('@')
        .map(|at| (rest[..at].split_once(':'), &rest[at..]))
    {
        Some((Some((user, password)), tail)) if !password.starts_with("${") => {
            (format!("{scheme}://{user}:${{DB_PASSWORD}}{tail}"), true)
        }
        _ => (url.to_owned(), false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_leave_a_url() {
        for (url, without) in [
            ("mysql://u:p@h/d", "mysql://u:${DB_PASSWORD}@h/d"),
            (
                "mysql://u:a@b@h:1/d?x=1",
                "mysql://u:${DB_PASSWORD}@h:1/d?x=1",
            ),
            ("mysql://u:a/b@h/d", "mysql://u:${DB_PASSWORD}@h/d"),
            ("mysql://u@h/d", "mysql://u@h/d"),
            ("mysql://u:${P}@h/d", "mysql://u:${P}@h/d"),
            ("sqlite:app.db", "sqlite:app.db"),
        ] {
            assert_eq!(without_password(url).0, without);
        }
    }

    #[test]
    fn server_versions() {
        assert_eq!(
            server_version("mysql", "10.11.2-MariaDB").as_deref(),
            Some("mariadb-10.11.2")
        );
        assert_eq!(
            server_version("mysql", "mariadb-10.4.8").as_deref(),
            Some("mariadb-10.4.8")
        );
        assert_eq!(
            server_version("mysql", "8.0.32").as_deref(),
            Some("mysql-8.0.32")
        );
        assert_eq!(server_version("mysql", "8").as_deref(), Some("mysql-8"));
        assert_eq!(
            server_version("postgres", "15").as_deref(),
            Some("postgresql-15")
        );
        assert_eq!(server_version("sqlite", "3"), None);
        assert_eq!(server_version("mysql", ""), None);
    }
}
