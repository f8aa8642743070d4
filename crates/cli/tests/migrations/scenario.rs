//! The scenario of the recordings.

use std::path::PathBuf;

use serde_json::Value;

/// The corpus, if it is here.
pub(crate) fn root() -> Option<PathBuf> {
    let root = realign_testkit::corpus()?.join("doctrine-migrations");
    root.is_dir().then_some(root)
}

/// The scenario.
#[derive(Debug)]
pub(crate) struct Scenario {
    whole: Value,
}

/// One step.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) number: usize,
    pub(crate) id: String,
    /// The command and its arguments.
    pub(crate) words: Vec<String>,
    pub(crate) stdin: Option<String>,
    /// Classes that are available from here on.
    pub(crate) files: Option<Vec<String>>,
    pub(crate) reset: bool,
    pub(crate) before: Option<Value>,
    pub(crate) config: Option<Value>,
    /// The mapping from here on; null takes it away.
    pub(crate) mapping: Option<Value>,
    pub(crate) engines: Option<Vec<String>>,
}

impl Scenario {
    pub(crate) fn read(root: &std::path::Path) -> Self {
        let text = std::fs::read_to_string(root.join("scenario.json")).expect("the scenario");
        Self {
            whole: serde_json::from_str(&text).expect("JSON"),
        }
    }

    pub(crate) fn class(&self, name: &str) -> &Value {
        &self.whole["migrations"][name]
    }

    pub(crate) fn mapping(&self, name: &str) -> &Value {
        &self.whole["mappings"][name]
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        let steps = self.whole["steps"].as_array().expect("steps");
        steps
            .iter()
            .enumerate()
            .map(|(index, step)| self.step(index + 1, step))
            .collect()
    }

    fn step(&self, number: usize, step: &Value) -> Step {
        let words = match &step["cmd"] {
            Value::String(line) => line.split(' ').map(str::to_owned).collect(),
            list => texts(list),
        };
        Step {
            number,
            id: step["id"].as_str().expect("an id").to_owned(),
            words,
            stdin: step["stdin"].as_str().map(str::to_owned),
            files: step.get("files").map(|files| self.classes(files)),
            reset: step["reset"].as_bool().unwrap_or(false),
            before: step.get("before").cloned(),
            config: step.get("config").cloned(),
            mapping: step.get("mapping").cloned(),
            engines: step.get("engines").map(texts),
        }
    }

    fn classes(&self, files: &Value) -> Vec<String> {
        let sets = &self.whole["sets"];
        texts(files)
            .into_iter()
            .flat_map(|name| match sets.get(&name) {
                Some(set) => texts(set),
                None => vec![name],
            })
            .collect()
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(|text| text.as_str().map(str::to_owned))
        .collect()
}
