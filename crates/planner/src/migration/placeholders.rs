//! `${prefix}` in migrations.

use std::collections::BTreeMap;

/// Names and what stands for them.
pub type Placeholders = BTreeMap<String, String>;

/// Puts values in place of `${name}`; `$${` stands for `${` itself. The error is the byte and the
/// name of the first that has no value.
pub fn fill(text: &str, values: &Placeholders) -> Result<String, (usize, String)> {
    if !text.contains("${") {
        return Ok(text.to_owned());
    }
    let mut filled = String::with_capacity(text.len());
    let mut from = 0;
    while let Some(at) = text[from..].find("${").map(|at| from + at) {
        if text[..at].ends_with('$') && at > from {
            filled.push_str(&text[from..at - 1]);
            filled.push_str("${");
            from = at + 2;
            continue;
        }
        let name = text[at + 2..].split('}').next().unwrap_or_default();
        let end = at + 2 + name.len();
        let value = values.get(name).filter(|_| text[end..].starts_with('}'));
        let Some(value) = value else {
            return Err((at, name.lines().next().unwrap_or_default().to_owned()));
        };
        filled.push_str(&text[from..at]);
        filled.push_str(value);
        from = end + 1;
    }
    filled.push_str(&text[from..]);
    Ok(filled)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_what_has_none() {
        let values = Placeholders::from([("prefix".to_owned(), "mtc_".to_owned())]);
        for (text, filled) in [
            ("ALTER TABLE ${prefix}leads", Ok("ALTER TABLE mtc_leads")),
            ("${prefix}${prefix}", Ok("mtc_mtc_")),
            ("a $${prefix} $x $.b", Ok("a ${prefix} $x $.b")),
            ("é ${nope}", Err((3, "nope".to_owned()))),
            ("${prefix", Err((0, "prefix".to_owned()))),
            ("${", Err((0, String::new()))),
        ] {
            assert_eq!(fill(text, &values), filled.map(str::to_owned), "{text}");
        }
    }
}
