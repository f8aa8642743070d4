//! A schema as a picture: tables, and the foreign keys between them.
//!
//! The same schema always gives the same text, byte by byte.

mod layout;
mod picture;
mod svg;
mod text;

use realign_model::{Column, Database};

use picture::Picture;

/// The words of a column's type, for a person.
pub type TypeText<'a> = dyn Fn(&Column) -> String + 'a;

/// An entity-relation diagram as SVG, to put on a wall or to look at in a browser: whole tables,
/// those that refer to each other side by side, lines that pass between them and never through.
pub fn svg(database: &Database, types: &TypeText<'_>) -> String {
    let picture = Picture::of(database, types);
    svg::draw(&picture, &layout::layout(&picture))
}

/// The same in the language of Mermaid, which wikis and code hosts draw by themselves.
pub fn mermaid(database: &Database, types: &TypeText<'_>) -> String {
    text::mermaid(&Picture::of(database, types))
}

/// The same in the language of Graphviz.
pub fn dot(database: &Database, types: &TypeText<'_>) -> String {
    text::dot(&Picture::of(database, types))
}

#[cfg(test)]
mod tests {
    use realign_model::{
        Column, DataType, Database, ForeignKey, Ident, IntWidth, MatchKind, ObjectName, Origin,
        PrimaryKey, Table,
    };

    use super::layout::{Layout, layout};
    use super::picture::Picture;
    use super::{dot, mermaid, svg};

    fn table(name: &str, parents: &[&str]) -> Table {
        let mut table = Table::new(ObjectName::bare(name));
        let int = DataType::int(IntWidth::W32);
        table
            .columns
            .push(Column::new(Ident::new("id"), int.clone()));
        table.primary_key = Some(Box::new(PrimaryKey::over([Ident::new("id")])));
        for parent in parents {
            let column = Ident::new(format!("{parent}_id"));
            table.columns.push(Column {
                nullable: true,
                ..Column::new(column.clone(), int.clone())
            });
            table.foreign_keys.push(ForeignKey {
                name: None,
                columns: vec![column],
                ref_table: ObjectName::bare(*parent),
                ref_columns: Vec::new(),
                on_delete: None,
                on_update: None,
                deferrable: false,
                initially_deferred: false,
                match_kind: MatchKind::Simple,
                set_columns: Vec::new(),
                origin: Origin::None,
            });
        }
        table
    }

    fn database(tables: &[(&str, &[&str])]) -> Database {
        Database {
            tables: tables
                .iter()
                .map(|(name, parents)| table(name, parents))
                .collect(),
            ..Database::default()
        }
    }

    fn int(_: &Column) -> String {
        "INT".to_owned()
    }

    /// A hub with many leaves, a chain, a ring, one that refers to itself, and one alone.
    fn whole() -> Database {
        let mut tables: Vec<(String, Vec<&str>)> =
            (0..40).map(|n| (format!("leaf{n}"), vec!["hub"])).collect();
        for (name, parents) in [
            ("hub", vec![]),
            ("a", vec!["hub", "c"]),
            ("b", vec!["a"]),
            ("c", vec!["b"]),
            ("self", vec!["self", "hub"]),
            ("alone", vec![]),
            ("x", vec!["leaf1", "hub", "c", "nowhere"]),
        ] {
            tables.push((name.to_owned(), parents));
        }
        Database {
            tables: tables
                .iter()
                .map(|(name, parents)| table(name, parents))
                .collect(),
            ..Database::default()
        }
    }

    fn laid(database: &Database) -> (Picture, Layout) {
        let picture = Picture::of(database, &int);
        let laid = layout(&picture);
        (picture, laid)
    }

    #[test]
    fn boxes_do_not_overlap_and_no_line_passes_through_one() {
        let (picture, laid) = laid(&whole());
        for (at, a) in laid.places.iter().enumerate() {
            for b in &laid.places[at + 1..] {
                let apart = a.x + a.width <= b.x
                    || b.x + b.width <= a.x
                    || a.y + a.height <= b.y
                    || b.y + b.height <= a.y;
                assert!(apart, "{a:?} {b:?}");
            }
        }
        for (link, line) in picture.links.iter().zip(&laid.lines) {
            for pair in line.windows(2) {
                let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
                if (y1 - y2).abs() > 0.01 {
                    continue;
                }
                for (at, place) in laid.places.iter().enumerate() {
                    let inside = y1 > place.y
                        && y1 < place.y + place.height
                        && x1.min(x2) < place.x + place.width - 0.01
                        && x1.max(x2) > place.x + 0.01;
                    assert!(!inside, "{} -> {} through {at}", link.from, link.to);
                }
            }
        }
        let ratio = laid.width / laid.height;
        assert!((0.5..4.0).contains(&ratio), "{ratio}");
    }

    #[test]
    fn the_same_schema_gives_the_same_picture() {
        let database = whole();
        let first = svg(&database, &int);
        for _ in 0..3 {
            assert_eq!(svg(&database, &int), first);
        }
        let mut turned = database;
        turned.tables.reverse();
        assert_eq!(svg(&turned, &int), first);
    }

    #[test]
    fn nothing_at_all_is_a_picture_too() {
        for database in [
            Database::default(),
            database(&[("one", &[])]),
            database(&[("one", &["one"])]),
            database(&[("<a&\"b>", &[]), ("c", &["<a&\"b>"])]),
        ] {
            let text = svg(&database, &int);
            assert!(text.starts_with("<svg ") && text.ends_with("</svg>\n"));
            assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
            assert!(!text.contains("<a&"), "{text}");
        }
    }

    #[test]
    fn the_languages_of_others() {
        let database = database(&[("cust", &[]), ("my vlan", &["cust"])]);
        assert_eq!(
            mermaid(&database, &|_| "VARCHAR(255) UNSIGNED".to_owned()),
            "erDiagram\n    cust {\n        VARCHAR(255)_UNSIGNED id PK\n    }\n    \"my vlan\" {\n        VARCHAR(255)_UNSIGNED id PK\n        VARCHAR(255)_UNSIGNED cust_id FK\n    }\n    cust |o--o{ \"my vlan\" : \"cust_id\"\n"
        );
        let text = dot(&database, &int);
        assert!(text.contains("t1:c1 -> t0:c0 [style=dashed"), "{text}");
    }
}
