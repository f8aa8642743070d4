//! Words of a condition.

/// A word: a name with its parts, quotes taken off.
pub(super) struct Word {
    /// As it stands.
    pub(super) text: String,
    /// Its parts between dots, quotes taken off.
    pub(super) parts: Vec<String>,
}

/// Cuts at blanks and, within a word, at dots; quotes keep both together.
pub(super) fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut chars = text.trim().chars().peekable();
    let mut word = Word {
        text: String::new(),
        parts: vec![String::new()],
    };
    let mut depth = 0_usize;
    while let Some(c) = chars.next() {
        let closing = match c {
            '"' | '`' => Some(c),
            '[' if word.text.is_empty() || word.text.ends_with('.') => Some(']'),
            _ => None,
        };
        if let Some(closing) = closing {
            word.text.push(c);
            loop {
                match chars.next() {
                    Some(c) if c == closing => {
                        word.text.push(c);
                        break;
                    }
                    Some(c) => {
                        word.text.push(c);
                        if let Some(part) = word.parts.last_mut() {
                            part.push(c);
                        }
                    }
                    None => return Err(format!("the {c} is not closed")),
                }
            }
        } else if c.is_whitespace() && depth == 0 {
            if !word.text.is_empty() {
                words.push(std::mem::replace(
                    &mut word,
                    Word {
                        text: String::new(),
                        parts: vec![String::new()],
                    },
                ));
            }
        } else {
            depth = match c {
                '(' => depth + 1,
                ')' => depth.saturating_sub(1),
                _ => depth,
            };
            word.text.push(c);
            match word.parts.last_mut() {
                Some(_) if c == '.' => word.parts.push(String::new()),
                Some(part) => part.push(c),
                None => {}
            }
        }
    }
    if !word.text.is_empty() {
        words.push(word);
    }
    Ok(words)
}
