//! A second site of the demo's application, still at its first release: a git repository with the
//! releases as tags, and one command that goes through all of them.

use std::path::{Path, PathBuf};

use realign::runtime::process::Process;
use realign::runtime::{Error, ErrorKind, Stop};

use super::application::{self, MARK, RELEASES};
use crate::config::FILE_NAME;

/// The site's folder within the demo's.
pub(super) const FOLDER: &str = "site";
/// The release that it begins with.
pub(super) const FIRST: &str = "v1.0.0";

/// Writes the site: the checkout in `app`, configuration, database and journal beside it. False
/// where there is no git to make it with.
pub(super) fn write(dir: &Path) -> Result<bool, Error> {
    let site = dir.join(FOLDER);
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::File,
            format!("can't write into {}: {error}", site.display()),
        )
    };
    if site.exists() {
        let own =
            std::fs::read_to_string(site.join(FILE_NAME)).is_ok_and(|text| text.starts_with(MARK));
        if !own {
            return Err(Error::new(
                ErrorKind::Failed,
                format!("{} is there, and no demo made it", site.display()),
            )
            .with_help("give another folder: realign demo DIR"));
        }
        std::fs::remove_dir_all(&site).map_err(failed)?;
    }
    if Process::new("git").startable().is_err() {
        return Ok(false);
    }
    let app = site.join("app");
    std::fs::create_dir_all(&app).map_err(failed)?;
    std::fs::write(site.join(FILE_NAME), configuration()).map_err(failed)?;
    git(&app, &["init", "--quiet", "--initial-branch=main"])?;
    for (at, (_, files)) in RELEASES.iter().enumerate() {
        let mapping: PathBuf = app.join("mapping");
        std::fs::create_dir_all(&mapping).map_err(failed)?;
        for (name, text) in *files {
            std::fs::write(mapping.join(name), text).map_err(failed)?;
        }
        let tag = format!("v1.{at}.0");
        std::fs::write(app.join("VERSION"), format!("{tag}\n")).map_err(failed)?;
        git(&app, &["add", "--all"])?;
        git(&app, &["commit", "--quiet", "--message", &tag])?;
        git(&app, &["tag", &tag])?;
    }
    git(&app, &["checkout", "--quiet", "--detach", FIRST])?;
    Ok(true)
}

fn configuration() -> String {
    format!(
        "{MARK}\n\n[database]\nurl = \"sqlite:{}\"\n\n[schema]\n\
         sources = [\"doctrine-xml:app/mapping\"]\ndoctrine = \"orm-2.14/dbal-3.6\"\n\n\
         [upgrade]\napp = \"generic\"\nroot = \"app\"\nstate = \"state\"\n",
        application::DATABASE
    )
}

/// Nothing of the person's own configuration of git: it may sign commits or run hooks.
fn git(app: &Path, words: &[&str]) -> Result<(), Error> {
    let mut process = Process::new("git").args(words.iter().copied()).folder(app);
    for (name, value) in [
        ("GIT_CONFIG_GLOBAL", "/dev/null"),
        ("GIT_CONFIG_SYSTEM", "/dev/null"),
        ("GIT_AUTHOR_NAME", "Portside"),
        ("GIT_AUTHOR_EMAIL", "portside@example.org"),
        ("GIT_COMMITTER_NAME", "Portside"),
        ("GIT_COMMITTER_EMAIL", "portside@example.org"),
    ] {
        process = process.variable(name, value);
    }
    process.run(&Stop::new(), &mut |_, _| {})?.success()?;
    Ok(())
}
