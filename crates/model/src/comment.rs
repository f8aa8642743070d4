//! Doctrine's type marks in comments.

use crate::Column;

const OPENING: &str = "(DC2Type:";

/// A comment without Doctrine's type mark, and the word of the mark.
///
/// DBAL 2 and 3 take the first mark, wherever in the comment it stands
/// (`AbstractSchemaManager::extractDoctrineTypeFromComment`). An empty comment is none.
pub fn split_mark(comment: &str) -> (Option<String>, Option<String>) {
    let found = comment.match_indices(OPENING).find_map(|(start, _)| {
        let word = &comment[start + OPENING.len()..];
        let end = word.find(')').filter(|end| *end > 0)?;
        Some((start, &word[..end]))
    });
    let text = |text: String| (!text.is_empty()).then_some(text);
    match found {
        Some((start, word)) => {
            let after = start + OPENING.len() + word.len() + 1;
            let rest = format!("{}{}", &comment[..start], &comment[after..]);
            (text(rest), Some(word.to_owned()))
        }
        None => (text(comment.to_owned()), None),
    }
}

impl Column {
    /// The comment as it is stored: the type mark follows the text without a blank.
    pub fn stored_comment(&self) -> Option<String> {
        let text = self.comment.as_deref().unwrap_or_default();
        let comment = match self.type_mark.as_deref() {
            Some(mark) if !mark.is_empty() => format!("{text}{OPENING}{mark})"),
            _ => text.to_owned(),
        };
        (!comment.is_empty()).then_some(comment)
    }

    /// The comment and the type mark that will be read from what is stored: of a comment that
    /// holds a mark itself, the first one counts.
    pub fn comment_read_back(&self) -> (Option<String>, Option<String>) {
        match &self.comment {
            Some(text) if text.contains(OPENING) => {
                let (comment, mark) = split_mark(&self.stored_comment().unwrap_or_default());
                (comment, mark.or_else(|| self.type_mark.clone()))
            }
            comment => (comment.clone(), self.type_mark.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::split_mark;
    use crate::{Column, DataType, Ident};

    #[test]
    fn the_first_type_mark_is_taken_out_of_a_comment() {
        for (comment, text, mark) in [
            ("", None, None),
            ("plain", Some("plain"), None),
            ("(DC2Type:guid)", None, Some("guid")),
            ("it's(DC2Type:guid)", Some("it's"), Some("guid")),
            (
                "a (DC2Type:x) b(DC2Type:y)",
                Some("a  b(DC2Type:y)"),
                Some("x"),
            ),
            ("(DC2Type:)", Some("(DC2Type:)"), None),
            ("(DC2Type:)(DC2Type:x)", Some("(DC2Type:)"), Some("x")),
            ("(DC2Type:open", Some("(DC2Type:open"), None),
        ] {
            let expected = (text.map(str::to_owned), mark.map(str::to_owned));
            assert_eq!(split_mark(comment), expected, "{comment}");
        }
    }

    #[test]
    fn what_is_stored_is_read_back() {
        for (comment, mark) in [
            (None, None),
            (None, Some("")),
            (Some("plain"), Some("json")),
            (Some("(DC2Type:foo)"), Some("json")),
            (Some("(DC2Type:foo)"), Some("")),
            (Some("a (DC2Type:foo) b"), None),
            (Some("(DC2Type:"), Some("json")),
            (Some("(DC2Type:)"), Some("")),
        ] {
            let mut column = Column::new(Ident::new("a"), DataType::Date);
            column.comment = comment.map(str::to_owned);
            column.type_mark = mark.map(str::to_owned);
            let stored = column.stored_comment().unwrap_or_default();
            let (text, word) = column.comment_read_back();
            let (found, found_word) = split_mark(&stored);
            assert_eq!(text, found, "{comment:?} {mark:?}");
            assert_eq!(word.unwrap_or_default(), found_word.unwrap_or_default());
        }
    }
}
