//! What every upgrade command needs first: the checkout, the recipe, where the application
//! stands. Everything is read once, before anything happens.

use std::path::{Path, PathBuf};

use realign::runtime::git::Git;
use realign::runtime::maintenance::Maintenance;
use realign::runtime::process::{Account, Process};
use realign::runtime::upgrade::{
    Closed, Common, Ground, Naming, Recipe, Release, Step, Store, Work, additions, recipe, shipped,
};
use realign::runtime::{Error, ErrorKind, Secret, Stop};

use crate::args::DownArgs;
use crate::exit;
use crate::settings::{Settings, account};

/// The recipe where none is named.
const USUAL: &str = "generic";

/// The application and everything that an upgrade of it stands on.
pub(super) struct Outfit {
    /// What is stood on.
    pub(super) ground: Ground,
    /// The steps.
    pub(super) recipe: Recipe,
    /// Where the journal lies.
    pub(super) store: Store,
    /// Every release that the tags name, the oldest first.
    pub(super) known: Vec<Release>,
    /// Tags whose names would be options of a command: never used.
    pub(super) odd: Vec<String>,
    naming: Naming,
}

/// Where the application stands.
#[derive(Debug, Clone)]
pub(super) struct Stand {
    /// The release to go on from.
    pub(super) current: Release,
    /// Where that was found.
    pub(super) place: String,
    /// The release that is checked out.
    pub(super) code: Option<Release>,
    /// The checkout is that very release, and not something after it.
    pub(super) exact: bool,
    /// The release that the database has recorded.
    pub(super) recorded: Option<String>,
}

impl Outfit {
    /// Reads it all.
    pub(super) fn read(settings: &Settings, stop: Stop) -> anyhow::Result<Self> {
        let said = &settings.upgrade;
        if settings.config.is_none() {
            return Err(exit::usage(
                "an upgrade needs a realign.toml, and none was found from here upwards",
                "`realign init` writes one; its section [upgrade] names the application",
            ));
        }
        let git = Git::open(&said.checkout())?;
        let recipe = read_recipe(settings, &git)?;
        let user = account::named(settings)?;
        let naming = Naming::parse(said.versions.as_deref().unwrap_or("git-tags"))?;
        let tags = git.tags()?;
        let known = naming.releases(&tags);
        let odd = tags
            .into_iter()
            .filter(|tag| tag.starts_with('-'))
            .collect();
        let folder = settings.state();
        let secrets = settings
            .target()
            .ok()
            .and_then(|target| target.password)
            .filter(|password| !password.expose().is_empty())
            .into_iter()
            .chain(said.secrets.iter().map(Secret::new))
            .collect();
        let mut ground = Ground {
            git,
            user,
            home: said.home.clone(),
            variables: said.env.clone(),
            secrets,
            caches: settings.configured_caches()?,
            services: said.services.clone(),
            maintenance: None,
            stop,
        };
        ground.maintenance = closed(settings, recipe.maintenance.as_ref(), &ground)?;
        Ok(Self {
            ground,
            recipe,
            store: Store::new(std::path::absolute(&folder).unwrap_or(folder)),
            known,
            odd,
            naming,
        })
    }

    /// Where the application stands: what the database has recorded counts, as its schema is at
    /// that release whatever was checked out since.
    pub(super) fn stand(
        &self,
        settings: &Settings,
        recorded: Option<String>,
    ) -> anyhow::Result<Stand> {
        let git = &self.ground.git;
        let newest = |tags: Vec<String>| self.naming.releases(&tags).pop();
        let here = newest(git.tags_here()?);
        let exact = here.is_some();
        let code = match here {
            Some(release) => Some(release),
            None => newest(git.tags_within()?),
        };
        let release = |text: &str, place: String| -> anyhow::Result<(Release, String)> {
            let found = self.release(text);
            found
                .map(|release| (release, place.clone()))
                .ok_or_else(|| {
                    exit::usage(
                        format!("`{}`, found {place}, is no release", text.escape_debug()),
                        "give a version such as v4.8.0",
                    )
                })
        };
        let (current, place) = match (&recorded, self.asked(settings)?, &code) {
            (Some(text), _, _) => release(text, "recorded in the database".to_owned())?,
            (None, Some((text, place)), _) => release(&text, place)?,
            (None, None, Some(code)) => (code.clone(), "checked out in git".to_owned()),
            (None, None, None) => {
                return Err(exit::usage(
                    format!(
                        "no tag of {} says which release it is",
                        git.root().display()
                    ),
                    "`git fetch --tags` brings them; or say where it is found: [upgrade] current = \"file:VERSION\"",
                ));
            }
        };
        Ok(Stand {
            current,
            place,
            code,
            exact,
            recorded,
        })
    }

    /// A release by its tag or its number, known as a tag or not.
    fn release(&self, text: &str) -> Option<Release> {
        let text = text.trim();
        let meant = self
            .naming
            .release(text)
            .map(|release| release.version)
            .or_else(|| realign::runtime::upgrade::version(text))?;
        let known = self.known.iter().find(|release| release.version == meant);
        Some(known.cloned().unwrap_or_else(|| Release {
            tag: text.to_owned(),
            version: meant,
        }))
    }

    /// The present release, where the configuration says how to find it.
    fn asked(&self, settings: &Settings) -> anyhow::Result<Option<(String, String)>> {
        let said = &settings.upgrade;
        if let Some(words) = &said.current_command {
            if self.ground.would_be_root(&Common::default()) {
                return Err(super::obstacles::root_runs("`current_command` of [upgrade]").into());
            }
            let process: Process = self.ground.process(words, &Common::default(), &said.env)?;
            let finished = process.run(&self.ground.stop, &mut |_, _| {})?.success()?;
            let text = finished.text();
            let line = text.lines().next().unwrap_or_default().trim().to_owned();
            return Ok(Some((line, format!("by `{}`", process.shown()))));
        }
        match said.current.as_deref() {
            None | Some("git") => Ok(None),
            Some(text) => {
                let Some(file) = text.strip_prefix("file:") else {
                    return Err(exit::usage(
                        format!("`{text}` is no place where the present release is found"),
                        "write current = \"git\" or current = \"file:VERSION\"",
                    ));
                };
                let path = self.ground.root().join(file);
                let text = std::fs::read_to_string(&path).map_err(|error| {
                    Error::new(
                        ErrorKind::Usage,
                        format!("can't read {}: {error}", path.display()),
                    )
                })?;
                let line = text.lines().next().unwrap_or_default().trim().to_owned();
                Ok(Some((line, format!("in {}", path.display()))))
            }
        }
    }
}

impl Stand {
    /// Why what is checked out is not what the database is at, if so.
    pub(super) fn mismatch(&self) -> Option<String> {
        let code = self.code.as_ref()?;
        if self.recorded.is_none() || code.version == self.current.version {
            return None;
        }
        let (code, recorded) = (&code.tag, &self.current.tag);
        Some(format!(
            "the code is {code}, and the database is recorded at {recorded}"
        ))
    }
}

/// Maintenance mode: as the configuration says it, else as the recipe does.
pub(super) fn closed(
    settings: &Settings,
    recipe: Option<&Closed>,
    ground: &Ground,
) -> Result<Option<Maintenance>, Error> {
    if settings.says_maintenance() {
        return settings.maintenance(&DownArgs::default()).map(Some);
    }
    recipe
        .map(|closed| closed.of(ground))
        .transpose()
        .map(Option::flatten)
}

fn read_recipe(settings: &Settings, git: &Git) -> anyhow::Result<Recipe> {
    let said = &settings.upgrade;
    let app = said.app.as_deref().unwrap_or(USUAL);
    let mut read = if let Some(recipe) = shipped(app) {
        recipe?
    } else {
        let path = said.folder.join(app);
        if !path.is_file() {
            let known: Vec<&str> = realign::runtime::upgrade::SHIPPED
                .iter()
                .map(|(name, _)| *name)
                .collect();
            return Err(exit::usage(
                format!("`{app}` is neither a shipped recipe nor a file"),
                format!(
                    "shipped are {}; a file is named from realign.toml",
                    known.join(", ")
                ),
            ));
        }
        let recipe = recipe(&text(&path)?, &path.display().to_string())?;
        trusted(&path, &recipe.steps, git)?;
        recipe
    };
    if let Some(folder) = &said.steps {
        for path in files(folder)? {
            let place = path.display().to_string();
            let steps = additions(&text(&path)?, &place)?;
            trusted(&path, &steps, git)?;
            for step in steps {
                read.put(step, &place)?;
            }
        }
    }
    if let Some(url) = &said.health {
        let step = Step {
            common: Common {
                name: Some("health check".to_owned()),
                after: Some("verify".to_owned()),
                ..Common::default()
            },
            work: Work::Verify {
                schema: false,
                url: Some(url.clone()),
                command: None,
            },
        };
        read.put(step, "`health` of [upgrade]")?;
    }
    if let Some(config) = &settings.config {
        trusted(config, &said.step, git)?;
        for step in &said.step {
            read.put(step.clone(), &config.display().to_string())?;
        }
    }
    Ok(read)
}

/// The files of additions, by name.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| {
        Error::new(
            ErrorKind::Usage,
            format!("can't read {}: {error}", folder.display()),
        )
        .with_help("check `steps` of [upgrade]: a folder of *.toml files")
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "toml") && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn text(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| {
        Error::new(
            ErrorKind::Usage,
            format!("can't read {}: {error}", path.display()),
        )
    })
}

/// A file that a release brings along may not decide what runs as root.
fn trusted(path: &Path, steps: &[Step], git: &Git) -> Result<(), Error> {
    for step in steps {
        let restarts = matches!(
            &step.work,
            Work::Cache {
                restart: Some(_),
                ..
            }
        );
        let name = match &step.common.account {
            Some(name) => name,
            None if restarts => "0",
            None => continue,
        };
        // Nobody of that name is told where the step is to run.
        if let Ok(account) = Account::named(name) {
            account::operators_own(path, &account, git)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use realign::runtime::upgrade::Recipe;

    #[test]
    fn the_published_schema_of_recipes_is_fresh() {
        let schema = schemars::schema_for!(Recipe);
        let fresh = serde_json::to_string_pretty(&schema).expect("a value") + "\n";
        let path =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/recipe.schema.json");
        if std::env::var_os("REALIGN_BLESS").is_some() {
            std::fs::write(&path, &fresh).expect("docs/ can be written");
        }
        let published = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            published == fresh,
            "docs/recipe.schema.json is stale; `REALIGN_BLESS=1 cargo test -p realign-cli` writes it"
        );
    }
}
