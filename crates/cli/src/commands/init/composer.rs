//! Doctrine's versions from `composer.lock`.

use std::path::Path;

use super::Found;

pub(super) fn look(root: &Path, found: &mut Found) {
    let Ok(text) = std::fs::read_to_string(root.join("composer.lock")) else {
        return;
    };
    let Ok(lock) = serde_json::from_str::<serde_json::Value>(&text) else {
        found
            .warnings
            .push("composer.lock can't be read as JSON".to_owned());
        return;
    };
    let version = |name: &str| {
        ["packages", "packages-dev"].iter().find_map(|list| {
            lock.get(list)?
                .as_array()?
                .iter()
                .find(|package| package.get("name").and_then(|n| n.as_str()) == Some(name))?
                .get("version")?
                .as_str()
                .map(str::to_owned)
        })
    };
    match (version("doctrine/orm"), version("doctrine/dbal")) {
        (Some(orm), Some(dbal)) => {
            let profile = minor(&orm)
                .zip(minor(&dbal))
                .map(|(orm, dbal)| format!("orm-{orm}/dbal-{dbal}"))
                .filter(|text| text.parse::<realign::planner::Profile>().is_ok());
            match profile {
                Some(profile) => {
                    let said = format!("doctrine/orm {orm}, doctrine/dbal {dbal}");
                    found.tell("composer.lock", said);
                    found.doctrine = Some(profile);
                }
                None => found.warnings.push(format!(
                    "composer.lock has doctrine/orm {orm} with doctrine/dbal {dbal}; set `doctrine` to the nearest pair"
                )),
            }
        }
        (Some(_), None) | (None, Some(_)) => found
            .warnings
            .push("composer.lock has only one of doctrine/orm and doctrine/dbal".to_owned()),
        (None, None) => {}
    }
}

/// `2.5` of `v2.5.14`.
fn minor(version: &str) -> Option<String> {
    let mut parts = version.trim_start_matches('v').split('.');
    let major: u32 = parts.next()?.parse().ok()?;
    let minor: u32 = parts.next()?.parse().ok()?;
    Some(format!("{major}.{minor}"))
}
