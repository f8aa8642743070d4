//! TLS: who is believed, and what a person is told who is not.

use realign_testkit::{Live as _, certificates, mariadb_with, postgres};

use crate::program::{Folder, Run};
use crate::servers::{Place, on_mariadb, on_mysql, on_postgres};

const PASSWORD: &str = "sesame-of-tls";

/// Looks at the database over this host, with these parameters.
fn look(place: &Place, host: &str, parameters: &str) -> Run {
    let mut folder = Folder::new("");
    let url = place.url(PASSWORD, host, parameters);
    folder.variable("REALIGN_DATABASE_URL", &url);
    folder.run(&["schema", "inspect"]).hides(PASSWORD)
}

fn each_word_is_kept(place: &Place) {
    let right = format!("sslrootcert={}", certificates().authority().display());
    for (host, parameters, encrypted) in [
        ("127.0.0.1", String::new(), false),
        ("127.0.0.1", "?sslmode=disable".to_owned(), false),
        ("127.0.0.1", "?sslmode=prefer".to_owned(), true),
        ("127.0.0.1", "?sslmode=require".to_owned(), true),
        ("127.0.0.1", format!("?sslmode=require&{right}"), true),
        ("127.0.0.1", format!("?sslmode=verify-ca&{right}"), true),
        ("localhost", format!("?sslmode=verify-full&{right}"), true),
        ("localhost", format!("?{right}"), true),
    ] {
        println!("{host} {parameters}");
        look(place, host, &parameters).exits(0);
        assert_eq!(place.last_was_encrypted(), encrypted, "{parameters}");
    }
    // The certificate is that of another name.
    for parameters in [format!("?sslmode=verify-full&{right}"), format!("?{right}")] {
        let refused = look(place, "127.0.0.1", &parameters).exits(69);
        refused.says("certificate").says("help: ");
    }
    look(place, "localhost", "?sslmode=maybe")
        .exits(64)
        .says("verify-full");
}

fn a_stranger_is_refused(place: &Place) {
    let wrong = format!("sslrootcert={}", certificates().stranger().display());
    for parameters in [
        format!("?sslmode=verify-full&{wrong}"),
        format!("?sslmode=verify-ca&{wrong}"),
        format!("?sslmode=require&{wrong}"),
        format!("?{wrong}"),
        // The authorities of the public don't know it either.
        "?sslmode=verify-full".to_owned(),
        "?sslmode=verify-ca".to_owned(),
    ] {
        println!("{parameters}");
        let refused = look(place, "localhost", &parameters).exits(69);
        refused.says("certificate").says("sslrootcert=FILE");
    }
    let absent = look(place, "localhost", "?sslrootcert=/no/such.pem").exits(1);
    absent.says("/no/such.pem").says("PEM");
    let empty = look(place, "localhost", "?sslrootcert=/dev/null").exits(1);
    empty.says("/dev/null").says("PEM");
}

/// `sslmode` and `sslrootcert` are keys of the file as well, the path relative to it.
fn the_file_says_it_too(place: &Place) {
    let url = place.url(PASSWORD, "localhost", "");
    let lines = format!("url = \"{url}\"\nsslmode = \"verify-full\"\nsslrootcert = \"ca.pem\"");
    let folder = Folder::new(&lines);
    std::fs::create_dir(folder.path().join("below")).expect("own folder");
    std::fs::copy(certificates().authority(), folder.path().join("ca.pem")).expect("own folder");
    folder.run(&["schema", "inspect"]).exits(0).hides(PASSWORD);
    assert!(place.last_was_encrypted());
    folder.run(&["doctor"]).exits(0).hides(PASSWORD);
    std::fs::copy(certificates().stranger(), folder.path().join("ca.pem")).expect("own folder");
    folder
        .run(&["schema", "inspect"])
        .exits(69)
        .says("certificate");
    let doctor = folder.run(&["doctor"]).exits(1).says("certificate");
    doctor.says("sslrootcert").hides(PASSWORD);
}

fn all(place: &Place) {
    each_word_is_kept(place);
    a_stranger_is_refused(place);
    the_file_says_it_too(place);
}

#[test]
fn mariadb_is_reached_as_asked() {
    all(&on_mariadb(PASSWORD));
}

#[test]
fn mysql_is_reached_as_asked() {
    if let Some(place) = on_mysql(PASSWORD) {
        all(&place);
    }
}

#[test]
fn postgres_is_reached_as_asked() {
    all(&on_postgres(PASSWORD));
}

#[test]
fn a_server_without_tls_is_told() {
    // Newer versions of MariaDB make themselves a certificate.
    let mariadb = mariadb_with(&["--skip-ssl"]).database();
    for url in [mariadb.url(), postgres().database().url()] {
        let mut folder = Folder::new("");
        folder.variable("REALIGN_DATABASE_URL", &format!("{url}?sslmode=require"));
        let refused = folder.run(&["schema", "inspect"]).exits(69);
        refused.says("TLS").says("sslmode=disable");
    }
}
