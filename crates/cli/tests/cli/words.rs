//! A typed line as words.

/// Cuts a line at blanks; quotes keep words together.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn quotes_keep_words_together() {
    assert_eq!(
        words("realign execute 'App\\V1 x' --set a=\"b c\" ''"),
        ["realign", "execute", "App\\V1 x", "--set", "a=b c", ""]
    );
}
