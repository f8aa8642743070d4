//! A backup reaches the server as everything else does: encrypted as asked, with any password.

use realign_testkit::certificates;

use crate::program::Folder;
use crate::servers::{Place, on_mariadb, on_mysql, on_postgres};

/// What files of options, lists of passwords and shells would trip over.
const PASSWORD: &str = "se\"sa\\me #of'tls:;";
/// The same in a URL.
const ENCODED: &str = "se%22sa%5Cme%20%23of%27tls%3A%3B";

fn each_way_is_encrypted(place: &Place) {
    let right = format!("sslrootcert={}", certificates().authority().display());
    for (host, parameters, encrypted) in [
        ("127.0.0.1", "?sslmode=disable".to_owned(), false),
        ("127.0.0.1", "?sslmode=prefer".to_owned(), true),
        ("127.0.0.1", "?sslmode=require".to_owned(), true),
        ("localhost", format!("?sslmode=verify-ca&{right}"), true),
        ("localhost", format!("?sslmode=verify-full&{right}"), true),
    ] {
        println!("{host} {parameters}");
        let mut folder = Folder::new("");
        let url = place.url(ENCODED, host, &parameters);
        folder.variable("REALIGN_DATABASE_URL", &url);
        folder
            .run(&["backup", "create", "--to", "kept"])
            .exits(0)
            .hides(PASSWORD)
            .hides(ENCODED);
        // The last to log in is the program that writes the dump.
        assert_eq!(place.last_was_encrypted(), encrypted, "{parameters}");
    }
}

#[test]
fn mariadb() {
    each_way_is_encrypted(&on_mariadb(PASSWORD));
}

#[test]
fn mysql() {
    if let Some(place) = on_mysql(PASSWORD) {
        each_way_is_encrypted(&place);
    }
}

#[test]
fn postgres() {
    each_way_is_encrypted(&on_postgres(PASSWORD));
}
