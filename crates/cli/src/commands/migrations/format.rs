//! Long statements over several lines.

/// A statement with the parts of its outermost brackets on lines of their own, when it is longer
/// than a line.
pub(super) fn formatted(sql: &str, length: usize) -> String {
    if sql.chars().count() <= length || sql.contains('\n') {
        return sql.to_owned();
    }
    let Some(open) = sql.find('(') else {
        return sql.to_owned();
    };
    let (mut depth, mut quote) = (0_usize, None);
    let mut parts = vec![String::new()];
    let mut end = None;
    for (at, c) in sql.char_indices().skip_while(|(at, _)| *at < open) {
        match (quote, c) {
            (Some(q), _) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => quote = Some(c),
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            (None, _) => {}
        }
        if depth == 0 {
            end = Some(at);
            break;
        }
        if at == open {
            continue;
        }
        if depth == 1 && c == ',' && quote.is_none() {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    let Some(end) = end else {
        return sql.to_owned();
    };
    let parts: Vec<String> = parts
        .iter()
        .map(|part| format!("  {}", part.trim()))
        .collect();
    format!("{}(\n{}\n{}", &sql[..open], parts.join(",\n"), &sql[end..])
}

#[cfg(test)]
mod tests {
    use super::formatted;

    #[test]
    fn brackets_are_opened() {
        assert_eq!(
            formatted(
                "CREATE TABLE a (id INT, n VARCHAR(5) DEFAULT ', (', PRIMARY KEY(id)) X",
                20
            ),
            "CREATE TABLE a (\n  id INT,\n  n VARCHAR(5) DEFAULT ', (',\n  PRIMARY KEY(id)\n) X"
        );
        assert_eq!(formatted("DROP TABLE a", 5), "DROP TABLE a");
        assert_eq!(formatted("A (b", 1), "A (b");
    }
}
