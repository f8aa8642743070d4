//! Everything that can be wrong, with its place; and nothing that panics.

#![allow(
    clippy::format_push_string,
    clippy::format_collect,
    reason = "mappings are put together as text"
)]

mod platform;

use platform::{TestPlatform, load, load_with, said};
use proptest::prelude::*;
use realign_planner::{Facts, Severity};
use realign_sources::{CODES, DoctrineOptions, MAX_FILE_BYTES, SourceFile, load_doctrine_xml};

const D2: &str = "orm-2.8/dbal-2.13";
const D3: &str = "orm-2.14/dbal-3.6";
const D4: &str = "orm-3.3/dbal-4.2";
const ID: &str = r#"<id name="id" type="integer"/>"#;

/// The diagnostics of one entity's body.
fn of(body: &str, profile: &str) -> Vec<String> {
    let entity = format!("<entity name=\"A\" table=\"a\">{ID}\n{body}</entity>");
    said(&load(&[&entity], profile))
}

/// Asserts that a body gives exactly one diagnostic, of that code, on its own line.
#[track_caller]
fn gives(code: &str, body: &str) {
    let said = of(body, D3);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].starts_with(&format!("{code} f0.xml:3 ")),
        "{said:?}"
    );
}

#[test]
fn fields() {
    gives("D010", "<field type='string'/>");
    let twice = of("<field name='id' column='other'/>", D3);
    assert_eq!(twice, ["D011 f0.xml:2 id of A is mapped twice"]);
    let twice = of("<field name='other' column='id'/>", D3);
    assert_eq!(
        twice,
        ["D012 f0.xml:2 id and other of A use the same column id"]
    );
    gives("D013", "<field name='x' length='12a'/>");
    gives("D040", "<field name='x' type='string' version='true'/>");
    gives("D046", "<field name='x' column=''/>");
    gives("T001", "<field name='x' type='strin'/>");
    gives("D008", "<filed name='x'/>");
    gives("D009", "<field name='x' nulable='true'/>");
    gives("D009", "<field name='x' columnDefinition='INT'/>");
    assert!(of("<field name='x' remark='true'/>", D3).is_empty());
}

#[test]
fn indexes() {
    gives("D014", "<indexes><index name='x'/></indexes>");
    gives(
        "D014",
        "<indexes><index columns='id' fields='id'/></indexes>",
    );
    gives(
        "D014",
        "<unique-constraints><unique-constraint columns=''/></unique-constraints>",
    );
    gives("D015", "<indexes><index columns='nothing'/></indexes>");
    gives("D015", "<indexes><index fields='nothing'/></indexes>");
    gives(
        "D015",
        "<unique-constraints><unique-constraint columns='id, id'/></unique-constraints>",
    );
    gives(
        "D016",
        "<indexes><index name='a-b' columns='id'/></indexes>",
    );
    gives(
        "D017",
        "<indexes><index name='x' columns='id'/><index name='X' columns='id'/></indexes>",
    );
    gives(
        "D017",
        "<indexes><index name='primary' columns='id'/></indexes>",
    );
    gives(
        "D039",
        "<indexes><index name='x' columns='id'/><index name='x' columns='id'/></indexes>",
    );
    gives("D039", "<indexes/><indexes><index columns='id'/></indexes>");
    assert!(of("<indexes><index fields='id'/></indexes>", D2)[0].starts_with("D044"));
}

#[test]
fn associations() {
    gives("D010", "<many-to-one target-entity='A'/>");
    gives("D023", "<many-to-one field='x'/>");
    gives("D024", "<many-to-one field='x' target-entity='B'/>");
    gives(
        "D026",
        "<many-to-one field='x' target-entity='A'><join-column referenced-column-name='nr'/></many-to-one>",
    );
    gives(
        "D027",
        "<many-to-one field='x' target-entity='A'><join-column on-delete='CASCDE'/></many-to-one>",
    );
    gives(
        "D028",
        "<many-to-one field='x' target-entity='A'><join-column nullable='false' on-delete='SET NULL'/></many-to-one>",
    );
    gives("D029", "<one-to-many field='x' target-entity='A'/>");
    gives("D011", "<many-to-one field='id' target-entity='A'/>");
    gives(
        "D039",
        "<many-to-one field='x' target-entity='A'><join-column on-update='CASCADE'/></many-to-one>",
    );
    gives(
        "D039",
        "<many-to-one field='x' target-entity='A'><join-column><options><option name='comment'>c</option></options></join-column></many-to-one>",
    );
    gives(
        "D039",
        "<many-to-one field='x' target-entity='A'><join-column/><join-columns/></many-to-one>",
    );
    gives(
        "D039",
        "<many-to-many field='x' target-entity='A' inversed-by='y'/>",
    );
    let options = "<many-to-many field='x' target-entity='A'><join-table name='j'><options><option name='comment'>c</option></options></join-table></many-to-many>";
    assert!(of(options, D3).is_empty());
    assert!(of(options, D2)[0].starts_with("D044 f0.xml:3"));
    gives(
        "D032",
        "<many-to-many field='x' target-entity='A'><join-table name='a'/></many-to-many>",
    );
}

#[test]
fn ids_and_generators() {
    let one = |body: &str, code: &str| {
        let said = said(&load(&[body], D3));
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with(code), "{said:?}");
    };
    one("<entity name='A'/>", "D031 f0.xml:2");
    one(
        "<entity name='A'><id name='id' type='integer'><generator strategy='AUTOS'/></id></entity>",
        "D021",
    );
    one(
        "<entity name='A'><id name='id' type='integer'><sequence-generator/></id></entity>",
        "D022",
    );
    one(
        "<entity name='A'><id name='a' type='integer'><generator/></id><id name='b' type='integer'/></entity>",
        "D045",
    );
    one(
        "<entity name='A'><id name='id' type='integer'/><id name='x' association-key='true'/></entity>",
        "D030",
    );
    one(
        "<entity name='A'><id name='id' type='integer'/><id name='x' association-key='true'/><one-to-many field='x' target-entity='A' mapped-by='y'/></entity>",
        "D030",
    );
    // A generator that is gone in later releases.
    let uuid =
        "<entity name='A'><id name='id' type='guid'><generator strategy='UUID'/></id></entity>";
    assert!(said(&load(&[uuid], D3)).is_empty());
    assert!(said(&load(&[uuid], D4))[0].starts_with("D021"));
}

#[test]
fn hierarchies_and_embedded() {
    let said_of = |bodies: &[&str]| said(&load(bodies, D3));
    let id = ID;
    assert!(
        said_of(&[&format!(
            "<entity name='A' inheritance-type='BOTH'>{id}</entity>"
        )])[0]
            .starts_with("D018")
    );
    assert!(
        said_of(&[&format!(
            "<entity name='A' inheritance-type='TABLE_PER_CLASS'>{id}</entity>"
        )])[0]
            .starts_with("D018")
    );
    let joined = |inner: &str| {
        said_of(&[&format!(
            "<entity name='A' inheritance-type='JOINED'>{inner}{id}</entity>"
        )])
    };
    let map = "<discriminator-map><discriminator-mapping value='a' class='A'/></discriminator-map>";
    assert!(joined(&format!("<discriminator-column/>{map}"))[0].starts_with("D019"));
    assert!(
        joined(&format!(
            "<discriminator-column name='d' type='boolean'/>{map}"
        ))[0]
            .starts_with("D019")
    );
    assert!(joined(&format!("<discriminator-column name='id'/>{map}"))[0].starts_with("D012"));
    assert!(
        joined(
            "<discriminator-map><discriminator-mapping value='x' class='X'/></discriminator-map>"
        )[0]
        .starts_with("D020")
    );
    assert!(joined("")[0].starts_with("D020"));
    let embedded = |inner: &str| said_of(&[&format!("<entity name='A'>{id}{inner}</entity>")]);
    assert!(embedded("<embedded name='e'/>")[0].starts_with("D033"));
    assert!(embedded("<embedded name='e' class='Gone'/>")[0].starts_with("D033"));
    assert!(embedded("<embedded name='e' class='A'/>")[0].starts_with("D034"));
    let change = "<attribute-overrides><attribute-override name='x'><field/></attribute-override></attribute-overrides>";
    assert!(embedded(change)[0].starts_with("D035"));
    let change = "<attribute-overrides><attribute-override name='id'><field type='string'/></attribute-override></attribute-overrides>";
    assert!(embedded(change)[0].starts_with("D035"));
    let change = "<association-overrides><association-override name='x'/></association-overrides>";
    assert!(embedded(change)[0].starts_with("D035"));
}

#[test]
fn files_and_classes() {
    let entity = format!("<entity name='A'>{ID}</entity>");
    let mixed = format!("{entity}<embeddable name='E'/>");
    assert!(said(&load(&[&mixed], D3))[0].starts_with("D005 f0.xml:2"));
    assert!(said(&load(&[""], D3))[0].starts_with("D004 f0.xml:1"));
    assert!(said(&load(&["<entity/>"], D3))[0].starts_with("D006 f0.xml:2"));
    assert!(said(&load(&[&entity, &entity], D3))[0].starts_with("D007 f1.xml:2"));
    let twice =
        format!("<entity name='A' table='T'>{ID}</entity><entity name='B' table='t'>{ID}</entity>");
    assert!(said(&load(&[&twice], D3))[0].starts_with("D032"));
    let target =
        format!("<entity name='A'>{ID}<many-to-one field='x' target-entity='E'/></entity>");
    assert!(said(&load(&[&target, "<embeddable name='E'/>"], D3))[0].starts_with("D025"));
    let raw = |text: &str| {
        let files = [SourceFile {
            path: "x.xml".into(),
            text: text.into(),
        }];
        load_doctrine_xml(
            &files,
            &DoctrineOptions::default(),
            &TestPlatform::default(),
            &Facts::default(),
        )
    };
    assert_eq!(raw("<a/>").diagnostics[0].code, "D003");
    assert_eq!(raw("<a>").diagnostics[0].code, "D001");
    assert_eq!(raw("").diagnostics[0].code, "D001");
    assert_eq!(raw("<!DOCTYPE a><a/>").diagnostics[0].code, "D002");
    assert!(raw("\u{feff}<doctrine-mapping><entity name='A'><id name='id' type='integer'/></entity></doctrine-mapping>").diagnostics.is_empty());
}

#[test]
fn all_errors_come_at_once_in_the_order_of_places() {
    let one = "<entity name='A' table='a'>\n<field name='x' type='wrong'/>\n<many-to-one field='b' target-entity='Gone'/>\n<indexes><index columns='no'/></indexes></entity>";
    let mapping = load(&[one, "<entity/>"], D3);
    let lines: Vec<String> = said(&mapping)
        .iter()
        .map(|line| line.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        lines,
        [
            "D031 f0.xml:2",
            "T001 f0.xml:3",
            "D024 f0.xml:4",
            "D015 f0.xml:5",
            "D006 f1.xml:2"
        ]
    );
    assert!(mapping.has_errors());
}

#[test]
fn an_unknown_type_is_said_once() {
    let entity = "<entity name='A' table='a'><id name='id' type='wrong'/><many-to-one field='x' target-entity='A'/></entity>";
    let mapping = load(&[entity], D3);
    assert_eq!(said(&mapping), ["T001 f0.xml:2 unknown type wrong"]);
    assert_eq!(
        mapping.classes[0].problems[0].message,
        "The field 'A#id' uses a non-existent type 'wrong'."
    );
}

/// The checks of `schema:validate` for a pair of classes, each with an id.
fn checks(a: &str, b: &str) -> Vec<String> {
    let entities =
        format!("<entity name='N\\A'>{ID}{a}</entity><entity name='N\\B'>{ID}{b}</entity>");
    let mapping = load_with(
        &[&entities],
        D3,
        &DoctrineOptions::default(),
        TestPlatform::default(),
    );
    mapping
        .classes
        .iter()
        .flat_map(|class| &class.problems)
        .inspect(|problem| {
            // Such an association works, and no table hangs on its other side.
            let harmless = problem.message.contains("#id which");
            let harmless = harmless && ["D110", "D111"].contains(&problem.code.as_str());
            let severity = [Severity::Error, Severity::Warning][usize::from(harmless)];
            assert_eq!(problem.severity, severity, "{}", problem.message);
        })
        .map(|problem| format!("{} {}", problem.code, problem.message))
        .collect()
}

#[test]
fn validation_speaks_as_doctrine_does() {
    let to_b = "<many-to-one field='b' target-entity='B' inversed-by='as'/>";
    let of_a = "<one-to-many field='as' target-entity='A' mapped-by='b'/>";
    assert!(checks(to_b, of_a).is_empty());
    for (a, b, expected) in [
        (
            "<many-to-one field='b' target-entity='X'/>",
            "",
            "D103 The target entity 'N\\X' specified on N\\A#b is unknown or not an entity.",
        ),
        (
            "<one-to-many field='x' target-entity='B' mapped-by='id'/>",
            "",
            "D106 The association N\\A#x refers to the owning side field N\\B#id which is not defined as association, but as field.",
        ),
        (
            "<one-to-many field='x' target-entity='B' mapped-by='no'/>",
            "",
            "D107 The association N\\A#x refers to the owning side field N\\B#no which does not exist.",
        ),
        (
            "<many-to-one field='b' target-entity='B'/>",
            of_a,
            "D108 The field N\\B#as is on the inverse side of a bi-directional relationship, but the specified mappedBy association on the target-entity N\\A#b does not contain the required 'inversedBy=\"as\"' attribute.",
        ),
        (
            "<many-to-one field='b' target-entity='B' inversed-by='id'/>",
            "",
            "D110 The association N\\A#b refers to the inverse side field N\\B#id which is not defined as association.",
        ),
        (
            to_b,
            "",
            "D111 The association N\\A#b refers to the inverse side field N\\B#as which does not exist.",
        ),
        (
            to_b,
            "<many-to-one field='as' target-entity='A'/>",
            "D112 The field N\\A#b is on the owning side of a bi-directional relationship, but the specified inversedBy association on the target-entity N\\B#as does not contain the required 'mappedBy=\"b\"' attribute.",
        ),
        (
            to_b,
            "<one-to-one field='as' target-entity='A' mapped-by='b'/>",
            "D114 If association N\\A#b is many-to-one, then the inversed side N\\B#as has to be one-to-many.",
        ),
        (
            "<many-to-one field='b' target-entity='B'><join-column referenced-column-name='n'/></many-to-one>",
            "<field name='n'/>",
            "D119 The referenced column name 'n' has to be a primary key column on the target entity class 'N\\B'.",
        ),
        (
            "<many-to-one field='b' target-entity='B'/>",
            "<id name='k' type='integer'/>",
            "D120 The join columns of the association 'b' have to match to ALL identifier columns of the target entity 'N\\B', however 'id, k' are missing.",
        ),
        (
            "<many-to-many field='b' target-entity='B'/>",
            "<id name='k' type='integer'/>",
            "D117 The inverse join columns of the many-to-many table 'a_b' have to contain to ALL identifier columns of the target entity 'N\\B', however 'k' are missing.",
        ),
        (
            "<many-to-many field='b' target-entity='B'><order-by><order-by-field name='z'/></order-by></many-to-many>",
            "",
            "D121 The association N\\A#b is ordered by a foreign field z that is not a field on the target entity N\\B.",
        ),
    ] {
        let said = checks(a, b);
        assert!(
            said.iter().any(|line| line == expected),
            "{expected}\n{said:#?}"
        );
    }
}

#[test]
fn every_code_has_a_meaning() {
    for code in ["D001", "D024", "D047", "D101", "D124"] {
        assert!(CODES.iter().any(|known| known.code == code));
    }
}

#[test]
fn hostile_files_are_refused_quickly() {
    let raw = |text: String| {
        let files = [SourceFile {
            path: "x.xml".into(),
            text,
        }];
        let start = std::time::Instant::now();
        let mapping = load_doctrine_xml(
            &files,
            &DoctrineOptions::default(),
            &TestPlatform::default(),
            &Facts::default(),
        );
        // Debug builds on a busy machine; a release takes a fraction of it.
        assert!(start.elapsed().as_secs() < 30);
        mapping
    };
    let head = "<doctrine-mapping>";
    assert_eq!(
        raw(" ".repeat(MAX_FILE_BYTES + 1)).diagnostics[0].code,
        "D002"
    );
    assert_eq!(
        raw(format!("{head}{}", "<a>".repeat(1_000_000))).diagnostics[0].code,
        "D002"
    );
    let laughs = "<!DOCTYPE lolz [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]><doctrine-mapping>&b;</doctrine-mapping>";
    assert_eq!(raw(laughs.to_owned()).diagnostics[0].code, "D002");
    let classes: String = (0..20_000)
        .map(|n| format!("<entity name='E{n}' table='t'><id name='i' type='integer'/></entity>"))
        .collect();
    assert!(raw(format!("{head}{classes}</doctrine-mapping>")).has_errors());
    let fields: String = (0..60_000)
        .map(|n| format!("<field name='f{n}'/>"))
        .collect();
    let wide = raw(format!(
        "{head}<entity name='E'><id name='i' type='integer'/>{fields}</entity></doctrine-mapping>"
    ));
    assert!(wide.diagnostics.iter().any(|d| d.code == "D043"));
    let targets: String = (0..20_000)
        .map(|n| format!("<many-to-one field='f{n}' target-entity='Nowhere{n}'/>"))
        .collect();
    assert!(raw(format!("{head}<entity name='E'><id name='i' type='integer'/>{targets}</entity></doctrine-mapping>")).has_errors());
    let indexes: String = (0..10_000)
        .map(|n| format!("<index name='i{n}' columns='i'/>"))
        .collect();
    let crowd = raw(format!(
        "{head}<entity name='E'><indexes>{indexes}</indexes><id name='i' type='integer'/></entity></doctrine-mapping>"
    ));
    assert!(crowd.diagnostics.iter().any(|d| d.code == "D043"));
    let classes = |from: usize| {
        (from..from + 6_000)
            .map(|n| format!("<entity name='E{n}'><id name='i' type='integer'/></entity>"))
            .collect::<String>()
    };
    let mapping = load(&[&classes(0), &classes(6_000)], D3);
    assert_eq!(mapping.diagnostics.len(), 1);
    assert_eq!(mapping.diagnostics[0].code, "D047");
}

/// Every element and attribute once.
const SEED: &str = r#"<doctrine-mapping><entity name="N\A" table="s.`a`" inheritance-type="JOINED" extends="B"><options><option name="comment">c</option><option name="o"><option>1</option></option></options><indexes><index name="i" columns="x,`id`" flags="fulltext"><options><option name="lengths"><option>3</option></option></options></index></indexes><unique-constraints><unique-constraint fields="x"/></unique-constraints><discriminator-column name="d" type="string" length="9"/><discriminator-map><discriminator-mapping value="a" class="A"/><discriminator-mapping value="b" class="B"/></discriminator-map><id name="id" type="integer"><generator strategy="SEQUENCE"/><sequence-generator sequence-name="q" allocation-size="1e9"/></id><field name="x" column="`x`" type="decimal" precision="5" scale="2" unique="true" version="false"/><embedded name="e" class="E" column-prefix="p"/><one-to-one field="o" target-entity="A"><join-columns><join-column name="o1" on-delete="CASCADE"/><join-column name="o2" referenced-column-name="`id`"/></join-columns></one-to-one><many-to-one field="m" target-entity="B"/><many-to-many field="mm" target-entity="A"><join-table name="jt"><join-columns><join-column/></join-columns></join-table></many-to-many><attribute-overrides><attribute-override name="x"><field length="3"/></attribute-override></attribute-overrides></entity><entity name="N\B"/></doctrine-mapping>"#;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn mutated_mappings_never_panic(
        edits in proptest::collection::vec((0..SEED.len(), 0..24_usize, "[a-zA-Z0-9<>/=\"'`. ,_&é-]{0,6}"), 1..6),
        naming in 0..4_usize,
    ) {
        let mut text = SEED.to_owned();
        for (at, length, insert) in edits {
            let floor = |mut at: usize| {
                at = at.min(text.len());
                while !text.is_char_boundary(at) { at -= 1; }
                at
            };
            let (start, end) = (floor(at), floor(at + length));
            text.replace_range(start..end, &insert);
        }
        let namings = ["doctrine-default", "underscore", "underscore-number-aware", "laravel"];
        let options = DoctrineOptions {
            naming: namings[naming].parse().expect("a strategy"),
            qualify_index_names: true,
            table_prefix: "p_".into(),
            ..DoctrineOptions::default()
        };
        let files = [SourceFile { path: "x.xml".into(), text }];
        for profile in [D2, D3, D4] {
            let platform = TestPlatform { sequences: true, schemas: true, ..TestPlatform::default() };
            let _ = load_doctrine_xml(&files, &options, &platform, &platform::facts(profile));
        }
    }

    #[test]
    fn any_text_is_answered(text in "\\PC{0,200}") {
        let files = [SourceFile { path: "x.xml".into(), text }];
        let _ = load_doctrine_xml(&files, &DoctrineOptions::default(), &TestPlatform::default(), &Facts::default());
    }
}
