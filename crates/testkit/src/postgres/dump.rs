//! The objects of a database as `pg_dump` prints them.

use std::collections::BTreeMap;

/// Each object with its definition in parts that have no order. What stands apart from its
/// table in a dump is a part of it here: keys, defaults and comments.
pub(super) fn definitions(printed: &str) -> Vec<(String, Vec<String>)> {
    let mut objects: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // Each object follows a heading: `-- Name: note; Type: TABLE; Schema: public; Owner: -`.
    for piece in printed.split("\n-- Name: ").skip(1) {
        let (heading, body) = piece.split_once('\n').unwrap_or((piece, ""));
        let mut fields = heading.split("; ");
        let name = fields.next().unwrap_or_default();
        let mut field = |word: &str| {
            let value = fields.next().and_then(|field| field.strip_prefix(word));
            value.unwrap_or_default().to_owned()
        };
        let (kind, schema) = (field("Type: "), field("Schema: "));
        let object = object(name, &kind, &schema);
        objects.entry(object).or_default().extend(parts(body));
    }
    for parts in objects.values_mut() {
        parts.sort();
    }
    objects.into_iter().collect()
}

/// The object that a heading belongs to: `table note`, `index idx_name`.
fn object(name: &str, kind: &str, schema: &str) -> String {
    let first = name.split(' ').next().unwrap_or_default();
    let last = name.rsplit(' ').next().unwrap_or_default();
    let column = || last.split('.').next().unwrap_or_default();
    let (kind, name) = match kind {
        "CONSTRAINT" | "FK CONSTRAINT" | "CHECK CONSTRAINT" | "DEFAULT" => ("table", first),
        "COMMENT" if first == "COLUMN" || first == "TABLE" => ("table", column()),
        "SEQUENCE OWNED BY" => ("sequence", name),
        "TRIGGER" => ("trigger", last),
        _ => (kind, name),
    };
    let kind = kind.to_lowercase();
    if schema.is_empty() || schema == "public" || schema == "-" {
        format!("{kind} {name}")
    } else {
        format!("{kind} {schema}.{name}")
    }
}

/// The statements under a heading; those that make a table line by line.
fn parts(body: &str) -> Vec<String> {
    let lines: Vec<&str> = body
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("--") && !line.starts_with('\\'))
        // What holds for all that follows is no part of the object.
        .filter(|line| !line.starts_with("SET default_"))
        .collect();
    if lines
        .first()
        .is_some_and(|line| line.starts_with("CREATE TABLE"))
    {
        return lines
            .iter()
            .skip(1)
            .map(|line| line.trim_end_matches([',', ';']))
            .filter(|line| !line.is_empty() && *line != ")")
            .map(|line| unnamed(without_null(line)))
            .collect();
    }
    let statement = lines.join(" ");
    let added = statement
        .strip_prefix("ALTER TABLE ")
        .and_then(|rest| rest.split_once(" ADD "));
    match added {
        Some((_, constraint)) => vec![constraint.trim_end_matches(';').to_owned()],
        None => vec![statement],
    }
}

/// A default of NULL is none; it is only printed where the type was cast to its length.
fn without_null(line: &str) -> &str {
    line.split_once(" DEFAULT NULL::")
        .map_or(line, |(before, _)| before)
}

/// Since PostgreSQL 18 a NOT NULL has a name, which is printed where it is not the usual one: it
/// says nothing of the column.
fn unnamed(line: &str) -> String {
    const WORD: &str = " CONSTRAINT ";
    let words = line.split_once(WORD).and_then(|(before, after)| {
        let (_, rest) = after.split_once(" NOT NULL")?;
        Some(format!("{before} NOT NULL{rest}"))
    });
    words.unwrap_or_else(|| line.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "--\n-- Name: note; Type: TABLE; Schema: public; Owner: -\n--\n\nCREATE TABLE public.note (\n    id integer NOT NULL,\n    body text\n);\n\n\n--\n-- Name: COLUMN note.body; Type: COMMENT; Schema: public; Owner: -\n--\n\nCOMMENT ON COLUMN public.note.body IS 'why';\n\n\n--\n-- Name: note note_pkey; Type: CONSTRAINT; Schema: public; Owner: -\n--\n\nALTER TABLE ONLY public.note\n    ADD CONSTRAINT note_pkey PRIMARY KEY (id);\n\n\n--\n-- Name: by_body; Type: INDEX; Schema: public; Owner: -\n--\n\nCREATE INDEX by_body ON public.note USING btree (body);\n\n\n--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict x\n";

    #[test]
    fn keys_and_comments_are_parts_of_their_table() {
        let found = definitions(DUMP);
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["index by_body", "table note"]);
        assert_eq!(
            found[1].1,
            [
                "COMMENT ON COLUMN public.note.body IS 'why';",
                "CONSTRAINT note_pkey PRIMARY KEY (id)",
                "body text",
                "id integer NOT NULL",
            ]
        );
        assert_eq!(found[0].1.len(), 1);
    }

    #[test]
    fn the_name_of_a_not_null_is_left_out() {
        let named = "id integer CONSTRAINT note_id_not_null1 NOT NULL";
        assert_eq!(unnamed(named), "id integer NOT NULL");
        for line in [
            "CONSTRAINT note_pkey PRIMARY KEY (id)",
            "id integer NOT NULL",
        ] {
            assert_eq!(unnamed(line), line);
        }
    }
}
