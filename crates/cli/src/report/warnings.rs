//! Warnings of a server: each is told when it comes for the first time, and how often it came
//! again at the end.

use std::collections::BTreeMap;

use realign::runtime::ServerWarning;

use super::style::count;

/// The warnings of a run.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    /// By words and code: how often each came after the first time.
    again: BTreeMap<(String, String), usize>,
}

impl Warnings {
    /// True for one that did not come before.
    pub(crate) fn is_new(&mut self, warning: &ServerWarning) -> bool {
        let key = (warning.message.clone(), warning.code.clone());
        if let Some(again) = self.again.get_mut(&key) {
            *again += 1;
            return false;
        }
        self.again.insert(key, 0);
        true
    }

    /// A line for each that came more than once.
    pub(crate) fn repeated(&self) -> Vec<String> {
        self.again
            .iter()
            .filter(|(_, again)| **again > 0)
            .map(|((message, code), again)| {
                let times = count(*again, "more time");
                format!("{times}: {message} ({code})")
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use realign::runtime::ServerWarning;

    use super::Warnings;

    fn warning(code: &str, message: &str) -> ServerWarning {
        ServerWarning {
            level: "Warning".to_owned(),
            code: code.to_owned(),
            message: message.to_owned(),
            truncation: false,
        }
    }

    #[test]
    fn the_same_words_are_told_once_and_counted() {
        let mut warnings = Warnings::default();
        let (width, other) = (warning("1681", "display width"), warning("1287", "utf8"));
        let told: Vec<bool> = [&width, &width, &other, &width]
            .into_iter()
            .map(|warning| warnings.is_new(warning))
            .collect();
        assert_eq!(told, [true, false, true, false]);
        assert_eq!(warnings.repeated(), ["2 more times: display width (1681)"]);
    }
}
