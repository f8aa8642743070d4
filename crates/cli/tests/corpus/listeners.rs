//! A Mautic installation: what its mapping declares, what its listeners add, and what its users
//! add by hand.

use std::fmt::Write as _;

use realign_testkit::{fill, mariadb, rows};
use tempfile::NamedTempFile;

use crate::layout::{Corpus, MAUTIC};
use crate::program::Program;
use crate::scenario::kept;

/// Contact fields that are no part of the mapping: name and type, each with an index.
const CONTACT: [(&str, &str); 11] = [
    ("fax", "VARCHAR(191)"),
    ("preferred_locale", "VARCHAR(191)"),
    ("attribution_date", "DATETIME"),
    ("attribution", "DOUBLE"),
    ("website", "VARCHAR(191)"),
    ("facebook", "VARCHAR(191)"),
    ("foursquare", "VARCHAR(191)"),
    ("instagram", "VARCHAR(191)"),
    ("linkedin", "VARCHAR(191)"),
    ("skype", "VARCHAR(191)"),
    ("twitter", "VARCHAR(191)"),
];

/// The same of companies.
const COMPANY: [(&str, &str); 3] = [
    ("companynumber_of_employees", "DOUBLE"),
    ("companyfax", "VARCHAR(191)"),
    ("companyannual_revenue", "DOUBLE"),
];

/// The listeners' work as SQL, on what the mapping declares. Of the indexes only those that an
/// entity names get the prefix.
fn overlay(prefix: &str) -> String {
    let mut sql = String::new();
    for (table, fields) in [("leads", &CONTACT[..]), ("companies", &COMPANY[..])] {
        for (name, data_type) in fields {
            let _ = writeln!(
                sql,
                "ALTER TABLE {prefix}{table} ADD {name} {data_type} DEFAULT NULL, \
                 ADD INDEX {name}_search ({name});"
            );
        }
    }
    let _ = write!(
        sql,
        "ALTER TABLE {prefix}leads
           ADD generated_email_domain VARCHAR(255) AS (SUBSTRING(email, LOCATE('@', email) + 1)) VIRTUAL COMMENT '(DC2Type:generated)',
           ADD INDEX {prefix}generated_email_domain (generated_email_domain),
           ADD INDEX contact_attribution (attribution, attribution_date),
           ADD INDEX date_added_country_index (date_added, country);
         ALTER TABLE {prefix}companies
           ADD INDEX company_filter (companyname, companyemail),
           ADD INDEX company_match (companyname, companycity, companycountry, companystate);
         ALTER TABLE {prefix}email_stats
           ADD generated_sent_date DATE AS (CONCAT(YEAR(date_sent), '-', LPAD(MONTH(date_sent), 2, '0'), '-', LPAD(DAY(date_sent), 2, '0'))) VIRTUAL COMMENT '(DC2Type:generated)',
           ADD INDEX {prefix}generated_sent_date_email_id (generated_sent_date, email_id);
         ALTER TABLE {prefix}page_hits
           DROP INDEX {prefix}page_hit_url, ADD INDEX {prefix}page_hit_url (url(128));
         ALTER TABLE {prefix}channel_url_trackables
           DROP PRIMARY KEY, ADD PRIMARY KEY (redirect_id, channel_id);
        "
    );
    sql
}

/// An installation is in sync with what is declared; custom fields are notes, and no index is
/// asked to go that is not there.
#[track_caller]
fn installed(release: &str, prefix: &str) {
    let Some(corpus) = Corpus::found() else {
        return;
    };
    let server = mariadb();
    let database = server.database();
    database.client(&format!(
        "ALTER DATABASE {} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
        database.name()
    ));
    let name = if prefix.is_empty() { "none" } else { prefix };
    let file = format!("full/create-prefix-{name}.sql");
    database.client(&corpus.file("mautic", release, &file));
    let named = |table: &str| format!("{prefix}{table}");
    database.client(&format!(
        "ALTER TABLE {leads} ADD cf_birthday DATE, ADD cf_size VARCHAR(191), ADD INDEX cf_size_search (cf_size);
         ALTER TABLE {companies} ADD cf_branch TEXT;",
        leads = named("leads"),
        companies = named("companies"),
    ));
    fill(&database, 3);
    let before = rows(&database);
    let declared = NamedTempFile::with_suffix(".sql").expect("a file");
    std::fs::write(declared.path(), overlay(prefix)).expect("written");
    let source = format!("sql:{}", declared.path().display());
    let mut program = Program::new(database.url(), &corpus.mapping("mautic", release))
        .with(&["--schema", &source]);
    if !prefix.is_empty() {
        program = program.with(&["--table-prefix", prefix]);
    }
    let run = program.validate(&["-v"]).exits(0);
    for note in ["leads.cf_birthday", "leads.cf_size", "companies.cf_branch"] {
        assert!(run.out.contains(&named(note)), "{note}\n{}", run.told());
    }
    assert!(!program.dump(&[]).contains("DROP"), "{}", program.dump(&[]));
    let ran = program.update();
    assert!(
        ran.out.contains("Nothing to update") || ran.err.contains("Nothing to update"),
        "{}",
        ran.told()
    );
    kept(&before, &database);
}

#[test]
fn mautic_5_0_4_as_installed() {
    installed(MAUTIC[0], "");
}

#[test]
fn mautic_5_0_4_as_installed_with_a_prefix() {
    installed(MAUTIC[0], "mtc_");
}

#[test]
fn mautic_5_1_1_as_installed() {
    installed(MAUTIC[1], "");
}

#[test]
fn mautic_5_1_1_as_installed_with_a_prefix() {
    installed(MAUTIC[1], "mtc_");
}
