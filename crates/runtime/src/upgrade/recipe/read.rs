//! Reading recipes, and what makes no sense in them.

use semver::VersionReq;

use super::{Additions, Moment, Recipe, Step, Work};
use crate::{Error, ErrorKind};

/// The recipes that come with Realign.
pub const SHIPPED: [(&str, &str); 3] = [
    ("ixp-manager", include_str!("../recipes/ixp-manager.toml")),
    ("mautic", include_str!("../recipes/mautic.toml")),
    ("generic", include_str!("../recipes/generic.toml")),
];

/// A shipped recipe by its name.
pub fn shipped(name: &str) -> Option<Result<Recipe, Error>> {
    let (_, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
    Some(recipe(text, &format!("the recipe {name}")))
}

/// Reads a recipe; `place` is what messages call it.
pub fn recipe(text: &str, place: &str) -> Result<Recipe, Error> {
    let recipe: Recipe = toml::from_str(text).map_err(|error| unreadable(&error, place))?;
    if let Some(range) = &recipe.from {
        range_of(range, place, "from")?;
    }
    if recipe.steps.is_empty() {
        return Err(senseless(place, "it has no steps"));
    }
    for step in &recipe.steps {
        checked(step, place)?;
        if step.common.before.is_some() || step.common.after.is_some() {
            return Err(senseless(
                place,
                format!(
                    "the step `{step}` has a place already: `before` and `after` are for additions"
                ),
            ));
        }
    }
    Ok(recipe)
}

/// Reads a file of additions.
pub fn additions(text: &str, place: &str) -> Result<Vec<Step>, Error> {
    let additions: Additions = toml::from_str(text).map_err(|error| unreadable(&error, place))?;
    for step in &additions.steps {
        checked(step, place)?;
    }
    Ok(additions.steps)
}

impl Recipe {
    /// Puts a further step where it says.
    pub fn put(&mut self, mut step: Step, place: &str) -> Result<(), Error> {
        checked(&step, place)?;
        let (name, after) = match (step.common.before.take(), step.common.after.take()) {
            (Some(name), None) => (name, false),
            (None, Some(name)) => (name, true),
            _ => {
                return Err(senseless(
                    place,
                    format!("the step `{step}` has to say before or after which step it comes"),
                ));
            }
        };
        let at = self
            .steps
            .iter()
            .position(|known| known.name() == name)
            .ok_or_else(|| {
                let known: Vec<String> = self.steps.iter().map(Step::name).collect();
                senseless(
                    place,
                    format!("the step `{step}` wants to be next to `{name}`, and the recipe has no such step"),
                )
                .with_note(format!("it has: {}", known.join(", ")))
            })?;
        self.steps.insert(at + usize::from(after), step);
        Ok(())
    }
}

/// What a step must not say.
fn checked(step: &Step, place: &str) -> Result<(), Error> {
    let bad = |why: &str| senseless(place, format!("the step `{step}`: {why}"));
    for (key, range) in [("when", &step.common.when), ("from", &step.common.from)] {
        if let Some(range) = range {
            range_of(range, place, key)?;
        }
    }
    if step
        .work
        .commands()
        .iter()
        .any(|command| command.first().is_none_or(String::is_empty))
    {
        return Err(bad("its command is empty"));
    }
    if step.name().contains(['\n', '/']) {
        return Err(bad("its name has to be one line without a slash"));
    }
    match &step.work {
        Work::Check { command, query, .. } if command.is_some() == query.is_some() => {
            Err(bad("a check is a command or a query"))
        }
        Work::Cache {
            clear,
            command,
            restart,
        } if usize::from(clear.is_some())
            + usize::from(command.is_some())
            + usize::from(restart.is_some())
            > 1 =>
        {
            Err(bad("one of clear, command and restart"))
        }
        Work::Cache {
            restart: Some(words),
            ..
        } if words.is_empty() => Err(bad("its command is empty")),
        Work::Verify {
            schema: false,
            url: None,
            command: None,
        } => Err(bad("it verifies nothing: schema, url or command")),
        Work::Checkout {} | Work::Backup {} if step.common.at != Moment::Release => {
            Err(bad("it belongs to each release"))
        }
        Work::Permissions { paths, .. } if paths.is_empty() => Err(bad("it names no paths")),
        _ => Ok(()),
    }
}

fn range_of(text: &str, place: &str, key: &str) -> Result<VersionReq, Error> {
    VersionReq::parse(text).map_err(|error| {
        senseless(
            place,
            format!("{key} = \"{text}\" is no range of versions: {error}"),
        )
        .with_help("write e.g. \">=4.8, <4.9\"")
    })
}

fn senseless(place: &str, why: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Usage, format!("{place} makes no sense: {why}"))
}

/// The parser's complaint, without the line itself: it may hold a secret.
fn unreadable(error: &toml::de::Error, place: &str) -> Error {
    Error::new(
        ErrorKind::Usage,
        format!("{place} can't be read: {}", error.message().trim_end()),
    )
}

#[cfg(test)]
mod tests {
    use semver::Version;

    use super::*;

    #[test]
    fn every_shipped_recipe_can_be_read_and_written() {
        for (name, _) in SHIPPED {
            let recipe = shipped(name).expect("is shipped").expect(name);
            assert_eq!(recipe.name, name);
            let text = serde_json::to_string(&recipe).unwrap();
            let again: Recipe = serde_json::from_str(&text).unwrap();
            assert_eq!(again, recipe);
        }
        assert!(shipped("other").is_none());
    }

    #[test]
    fn a_mistake_is_told_by_the_name_of_its_step() {
        let read = |step: &str| {
            recipe(&format!("name = 'x'\n[[step]]\n{step}"), "r.toml")
                .unwrap_err()
                .message
        };
        let texts = [
            ("do = 'chekout'", "unknown variant `chekout`"),
            ("do = 'checkout'\ntimout = 3", "unknown field `timout`"),
            ("name = 'a'", "the step a does not say what it does"),
            ("do = 'note'", "missing field `text`"),
            ("do = 'install'\ncommand = []", "its command is empty"),
            ("do = 'checkout'\nwhen = 'soon'", "no range of versions"),
            ("do = 'verify'", "it verifies nothing"),
            ("do = 'check'", "a check is a command or a query"),
            ("do = 'backup'\nat = 'end'", "it belongs to each release"),
            ("do = 'checkout'\nbefore = 'x'", "are for additions"),
        ];
        for (step, expected) in texts {
            let message = read(step);
            assert!(
                message.starts_with("r.toml") && message.contains(expected),
                "{step}: {message}"
            );
        }
    }

    #[test]
    fn an_addition_finds_its_place_and_its_releases() {
        let mut recipe = shipped("generic").expect("is shipped").unwrap();
        let text = "[[step]]\nname = 'split'\ndo = 'command'\ncommand = ['split']\n\
                    when = '>=4.8, <4.9'\nfrom = '<4.8'\nafter = 'schema update'";
        for step in additions(text, "upgrade/4.8.toml").unwrap() {
            recipe.put(step, "upgrade/4.8.toml").unwrap();
        }
        let at = |name: &str| recipe.steps.iter().position(|step| step.name() == name);
        assert_eq!(at("split"), at("schema update").map(|at| at + 1));
        let step = &recipe.steps[at("split").unwrap()];
        let belongs = |from: &str, to: &str| {
            step.belongs(&Version::parse(from).unwrap(), &Version::parse(to).unwrap())
        };
        assert!(belongs("4.7.3", "4.8.0") && belongs("4.7.3", "4.8.1-rc1"));
        assert!(!belongs("4.8.0", "4.8.1") && !belongs("4.8.0", "4.9.3"));
        let text = text.replace("schema update", "nowhere");
        let step = additions(&text, "f").unwrap().remove(0);
        let error = recipe.put(step, "f").unwrap_err();
        assert!(error.message.contains("no such step"), "{error}");
    }
}
