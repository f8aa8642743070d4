//! Mappings of many tables.

use std::fmt::Write as _;
use std::fs;

use tempfile::TempDir;

const KINDS: [&str; 7] = [
    "string", "integer", "text", "datetime", "boolean", "decimal", "date",
];

/// Mapping files of so many entities with twelve columns, one of them a reference.
pub(crate) fn of(entities: usize) -> TempDir {
    let folder = TempDir::new().expect("the temporary folder can be written");
    for n in 0..entities {
        let mut fields = String::new();
        for (place, kind) in KINDS.iter().cycle().take(10).enumerate() {
            let options = match *kind {
                "string" => "length=\"80\" nullable=\"true\"",
                "decimal" => "precision=\"10\" scale=\"2\"",
                _ => "",
            };
            let _ = writeln!(
                fields,
                "<field name=\"f{place}\" type=\"{kind}\" {options}/>"
            );
        }
        let target = n / 2;
        let xml = format!(
            "<doctrine-mapping><entity name=\"App\\Thing{n}\" table=\"thing_{n}\">\n\
             <indexes><index name=\"idx_{n}\" columns=\"f1,f3\"/></indexes>\n\
             <id name=\"id\" type=\"integer\"><generator strategy=\"AUTO\"/></id>\n{fields}\
             <many-to-one field=\"other\" target-entity=\"App\\Thing{target}\"/>\n\
             </entity></doctrine-mapping>\n"
        );
        fs::write(folder.path().join(format!("App.Thing{n}.dcm.xml")), xml).expect("a new file");
    }
    folder
}
