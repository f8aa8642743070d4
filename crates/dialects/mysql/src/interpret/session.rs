//! What a script says about its session: modes, the current database, variables.

use std::collections::HashMap;

use realign_model::{Ident, ObjectName, SessionSettings};
use realign_planner::Facts;

use super::charset;
use crate::facts::is_mariadb;
use crate::parse::{Setting, SettingValue};
use crate::settings::{CLIENT, COLLATION, KEPT, MODE, known_modes};
use crate::split::Reading;

/// What a variable of the user holds.
#[derive(Debug, Clone)]
struct Held {
    value: Option<String>,
    /// The script gave it, not the server.
    said: bool,
}

/// The session that a script is carried out in.
#[derive(Debug)]
pub(super) struct Session {
    /// The server, with the settings as they are by now.
    pub(super) facts: Facts,
    /// The settings that the session began with.
    initial: Facts,
    variables: HashMap<String, Held>,
    /// Settings that servers keep with what is made, as far as the script says them.
    said: SessionSettings,
    /// The database that the schema stands for, once it has a name.
    home: Option<String>,
    /// Another one, by USE.
    away: Option<String>,
}

impl Session {
    pub(super) fn new(facts: &Facts) -> Self {
        Self {
            facts: facts.clone(),
            initial: facts.clone(),
            variables: HashMap::new(),
            said: SessionSettings::new(),
            home: None,
            away: None,
        }
    }

    /// The first database that is used is the one that the schema stands for.
    pub(super) fn use_database(&mut self, name: &str) {
        match &self.home {
            Some(home) if !home.eq_ignore_ascii_case(name) => self.away = Some(name.to_owned()),
            Some(_) => self.away = None,
            None => self.home = Some(name.to_owned()),
        }
    }

    /// True once the database has a name.
    pub(super) fn has_home(&self) -> bool {
        self.home.is_some() || !self.facts.setting("current_database").is_empty()
    }

    /// True for a name of the database that the schema stands for.
    pub(super) fn is_home(&self, name: &str) -> bool {
        match &self.home {
            Some(home) => home.eq_ignore_ascii_case(name),
            None => self
                .facts
                .setting("current_database")
                .eq_ignore_ascii_case(name),
        }
    }

    /// A name as the model has it: without a schema in this database.
    pub(super) fn resolve(&self, name: ObjectName) -> ObjectName {
        match (&name.schema, &self.away) {
            (Some(schema), _) if self.is_home(&schema.text) => ObjectName::new(None, name.name),
            (None, Some(away)) => ObjectName::new(Some(Ident::new(away.as_str())), name.name),
            _ => name,
        }
    }

    pub(super) fn set(&mut self, setting: Setting) {
        let held = |value, said| Held { value, said };
        let now = match setting.value {
            SettingValue::Text(text) => held(Some(text), true),
            SettingValue::Of(name) if name.starts_with('@') => {
                let known = self.variables.get(&name);
                known.cloned().unwrap_or_else(|| held(None, false))
            }
            SettingValue::Of(name) => held(
                self.facts.settings.get(&name).cloned(),
                self.said.contains_key(&name),
            ),
            SettingValue::Default => held(self.initial.settings.get(&setting.name).cloned(), false),
            SettingValue::Unknown => held(None, false),
        };
        if setting.name.starts_with('@') {
            self.variables.insert(setting.name, now);
            return;
        }
        let name = match setting.name.as_str() {
            "storage_engine" => "default_storage_engine",
            other => other,
        };
        if KEPT.contains(&name) {
            match now.value.as_ref().filter(|_| now.said) {
                Some(value) => drop(self.said.insert(name.to_owned(), value.clone())),
                None => drop(self.said.remove(name)),
            }
            if name == CLIENT {
                self.said.remove(COLLATION);
            }
        }
        if let Some(value) = now.value {
            self.facts.settings.insert(name.to_owned(), value);
        }
    }

    /// What a server keeps with an object that is made now, as far as it is said here: these
    /// settings, and the modes as well where they change how quotes are read.
    pub(super) fn kept(&self, names: &[&str]) -> SessionSettings {
        let mut kept = self.said.clone();
        kept.retain(|name, _| names.contains(&name.as_str()));
        for name in [CLIENT, COLLATION] {
            if let Some(value) = kept.get_mut(name)
                && let Some(rest) = value.strip_prefix("utf8")
                && (rest.is_empty() || rest.starts_with('_'))
            {
                *value = format!("utf8mb3{rest}");
            }
        }
        if let Some(client) = kept.get(CLIENT).cloned()
            && names.contains(&COLLATION)
        {
            let usual = || charset::usual_collation(&client, &self.facts);
            kept.entry(COLLATION.to_owned()).or_insert_with(usual);
        }
        if names.contains(&MODE) && !Reading::of(&self.facts).is_usual() {
            let modes = self.facts.setting(MODE).to_owned();
            kept.entry(MODE.to_owned()).or_insert(modes);
        }
        if let Some(modes) = kept.get_mut(MODE) {
            *modes = known_modes(modes, &self.facts);
        }
        kept
    }

    /// The same for a view: its query is written plainly, and needs only the modes that change
    /// what its operators mean.
    pub(super) fn kept_of_view(&self) -> SessionSettings {
        let mut kept = self.kept(&[CLIENT, COLLATION]);
        let modes = self.facts.setting(MODE).to_ascii_uppercase();
        let has = |names: &[&str]| modes.split(',').any(|mode| names.contains(&mode.trim()));
        let joins = has(&[
            "PIPES_AS_CONCAT",
            "ANSI",
            "ORACLE",
            "MSSQL",
            "POSTGRESQL",
            "DB2",
            "MAXDB",
        ]);
        let binds = has(&["HIGH_NOT_PRECEDENCE"]);
        let own: Vec<&str> = [(joins, "PIPES_AS_CONCAT"), (binds, "HIGH_NOT_PRECEDENCE")]
            .iter()
            .filter_map(|(on, name)| on.then_some(*name))
            .collect();
        if !own.is_empty() {
            kept.insert(MODE.to_owned(), own.join(","));
        }
        kept
    }

    fn is_off(&self, setting: &str) -> bool {
        let value = self.facts.setting(setting);
        value == "0" || value.eq_ignore_ascii_case("OFF") || value.eq_ignore_ascii_case("FALSE")
    }

    /// True while foreign keys are checked.
    pub(super) fn checks_foreign_keys(&self) -> bool {
        !self.is_off("foreign_key_checks")
    }

    /// True where a TIMESTAMP has only the defaults that are said.
    pub(super) fn explicit_timestamps(&self) -> bool {
        if !self
            .facts
            .setting("explicit_defaults_for_timestamp")
            .is_empty()
        {
            return !self.is_off("explicit_defaults_for_timestamp");
        }
        let version = &self.facts.version;
        if is_mariadb(&self.facts) {
            version.at_least(10, 10, 0)
        } else {
            version.at_least(8, 0, 2)
        }
    }

    /// The engine of a table that names none.
    pub(super) fn usual_engine(&self) -> &str {
        match self.facts.setting("default_storage_engine") {
            "" => "InnoDB",
            name => name,
        }
    }
}
