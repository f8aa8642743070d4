//! Sessions: strict, typed, and gone after a broken connection.

use realign_mysql::live;
use realign_planner::Value;
use realign_runtime::{Connect, Connection, ErrorKind, Secret};
use realign_testkit::{mariadb, mariadb_with, mysql_or_say};

use crate::shop::{Shop, target};

fn open(shop: &Shop) -> Connection {
    shop.connection()
}

#[test]
fn a_session_is_strict_on_a_server_that_is_not() {
    let shop = Shop::on(
        mariadb_with(&["--sql-mode=ANSI_QUOTES,NO_BACKSLASH_ESCAPES"]),
        "CREATE TABLE t (a VARCHAR(2))",
    );
    let mut connection = open(&shop);
    let refused = connection
        .run("INSERT INTO t VALUES ('abc')")
        .expect("the session is intact");
    assert_eq!(refused.expect_err("it is too long").code, "1406");
    let quoted = connection.scalar("SELECT \"a\\'b\"").expect("a literal");
    assert_eq!(quoted, Value::Text("a'b".to_owned()));
}

#[test]
fn what_comes_first_has_the_settings_as_well() {
    let shop = Shop::on(
        mariadb_with(&["--sql-mode=ANSI_QUOTES"]),
        "CREATE TABLE t (a VARCHAR(2))",
    );
    let ask = |connection: &mut Connection, sql: &str| {
        let statements = ["SELECT \"a\"", sql].map(str::to_owned);
        connection
            .run_all(&statements)
            .expect("the session is intact")
    };
    let mut connection = open(&shop);
    let answers = ask(&mut connection, "SELECT 7").expect("no column's name");
    let rows: Vec<_> = answers.into_iter().map(|answer| answer.rows.rows).collect();
    let text = |text: &str| vec![vec![Value::Text(text.to_owned())]];
    assert_eq!(rows, [text("a"), vec![vec![Value::Int(7)]]]);
    let mut connection = open(&shop);
    let refused = ask(&mut connection, "SELECT nothing").expect_err("no such column");
    assert_eq!(refused.code, "1054");
    assert_eq!(
        connection.query("SELECT \"b\"").expect("a literal").rows,
        text("b")
    );
}

#[test]
fn what_is_longer_than_a_message_is_refused_and_the_session_stays() {
    let shop = Shop::on(mariadb(), "");
    let mut connection = open(&shop);
    let most = connection
        .scalar("SELECT @@max_allowed_packet")
        .expect("a number");
    let most = usize::try_from(most.as_int().expect("a number")).expect("not below zero");
    let text = |length: usize| format!("SELECT 1 -- {}", "x".repeat(length - 12));
    let mut run = |sql: &str| connection.run(sql).expect("the session is intact");
    assert!(run(&text(most - 2)).is_ok());
    let refused = run(&text(most - 1)).expect_err("a byte more");
    assert_eq!(refused.code, "1153");
    assert!(
        refused.message.contains(&most.to_string()),
        "{}",
        refused.message
    );
    assert!(run("SELECT 1").is_ok());
}

#[test]
fn values_keep_their_types() {
    let shop = Shop::on(mariadb(), "");
    let mut connection = open(&shop);
    let rows = connection
        .query("SELECT 1, 18446744073709551615, 1.5e0, 1.50, 'ä', NULL, X'00FF', CAST('2020-01-02 03:04:05' AS DATETIME), COUNT(*) FROM DUAL")
        .expect("a query");
    assert_eq!(
        rows.rows[0],
        [
            Value::Int(1),
            Value::UInt(u64::MAX),
            Value::Real(1.5),
            Value::Text("1.50".to_owned()),
            Value::Text("ä".to_owned()),
            Value::Null,
            Value::Bytes([0, 255].into()),
            Value::Text("2020-01-02 03:04:05".to_owned()),
            Value::Int(1),
        ]
    );
}

#[test]
fn a_definition_and_a_look_are_one_message() {
    let shop = Shop::on(mariadb(), "CREATE TABLE t (a INT)");
    let mut connection = open(&shop);
    let mut looking = |sql: &str, query: &str| connection.run_looking(sql, query).expect("intact");
    let (answer, looked) =
        looking("DROP TABLE IF EXISTS nowhere -- the rest", "SELECT 7").expect("done");
    assert_eq!(answer.warnings[0].code, "1051");
    let looked = looked.expect("asked").expect("answered");
    assert_eq!(looked.rows.rows, [[Value::Int(7)]]);
    let (_, looked) = looking("CREATE TABLE u (a INT)", "SHOW CREATE TABLE nowhere").expect("done");
    assert_eq!(
        looked.expect("asked").expect_err("it is not there").code,
        "1146"
    );
    let refused = looking("CREATE TABLE t (a INT)", "SELECT 7").expect_err("it is there");
    assert_eq!(refused.code, "1050");
    assert_eq!(
        connection.scalar("SELECT 8").expect("the next"),
        Value::Int(8)
    );
}

#[test]
fn warnings_come_with_the_answer() {
    let shop = Shop::on(mariadb(), "CREATE TABLE t (a DECIMAL(4,1))");
    let mut connection = open(&shop);
    let answer = connection
        .run("DROP TABLE IF EXISTS nowhere")
        .expect("intact")
        .expect("done");
    assert_eq!(answer.warnings[0].code, "1051");
    assert!(!answer.warnings[0].truncation);
    let answer = connection
        .run("INSERT IGNORE INTO t VALUES ('12345.6')")
        .expect("intact")
        .expect("done");
    assert!(answer.warnings[0].truncation, "{:?}", answer.warnings);
    assert_eq!(answer.affected, 1);
}

#[test]
fn every_result_of_a_call_is_read() {
    let shop = Shop::on(mariadb(), "");
    let mut connection = open(&shop);
    connection
        .query("CREATE PROCEDURE two() BEGIN SELECT 1; SELECT 2; END")
        .expect("made");
    assert_eq!(
        connection.scalar("CALL two()").expect("called"),
        Value::Int(1)
    );
    assert_eq!(
        connection.scalar("SELECT 7").expect("in step"),
        Value::Int(7)
    );
}

#[test]
fn questions_do_without_settings_and_leave_them_to_what_comes_next() {
    let shop = Shop::on(mariadb(), "");
    let mut connection = open(&shop);
    let modes = "SELECT @@SESSION.sql_mode".to_owned();
    let given = "STRICT_ALL_TABLES";
    let asked = [modes.clone(), "SELECT 'é', 7".to_owned()];
    let answers = connection.ask(&asked).expect("connected").expect("told");
    assert_eq!(answers.len(), 2);
    assert!(!answers[0].rows.rows[0][0].display().contains(given));
    assert_eq!(
        answers[1].rows.rows,
        [[Value::Text("é".to_owned()), Value::Int(7)]]
    );
    let refusal = connection.ask(&["SELECT nothing".to_owned()]);
    assert_eq!(
        refusal.expect("connected").expect_err("no column").code,
        "1054"
    );
    let told = connection.scalar(&modes).expect("told");
    assert!(told.display().contains(given), "{told:?}");
    let answers = connection.ask(&[modes]).expect("connected").expect("told");
    assert!(answers[0].rows.rows[0][0].display().contains(given));
}

#[test]
fn a_killed_session_is_never_used_again() {
    let shop = Shop::on(mariadb(), "");
    let mut victim = open(&shop);
    let id = victim
        .server_id()
        .expect("servers number their connections");
    shop.database.client(&format!("KILL CONNECTION {id}"));
    let error = victim.run("SELECT 1").expect_err("it is gone");
    assert_eq!(error.kind, ErrorKind::Unreachable);
    let again = victim.run("SELECT 1").expect_err("still");
    assert!(again.message.contains("lost"), "{}", again.message);
}

fn refused(shop: &Shop, change: impl Fn(&mut realign_runtime::Target)) -> realign_runtime::Error {
    let mut target = shop.target();
    change(&mut target);
    let connect: Box<dyn Connect> = live::connect(&target).expect("the address makes sense");
    Connection::open(connect.as_ref()).expect_err("can't be reached")
}

#[test]
fn a_login_that_fails_says_what_to_do_and_not_the_password() {
    // Newer ones make themselves a certificate.
    let shop = Shop::on(mariadb_with(&["--skip-ssl"]), "");
    for (change, expected) in [
        (
            (|t| t.password = Some(Secret::new("topsecret"))) as fn(&mut realign_runtime::Target),
            "password",
        ),
        (
            |t| t.database = "nowhere_at_all".to_owned(),
            "CREATE DATABASE",
        ),
        (|t| t.port = Some(1), "is the server up"),
        (
            |t| {
                t.parameters
                    .insert("sslmode".to_owned(), "require".to_owned());
            },
            "sslmode=disable",
        ),
    ] {
        let error = refused(&shop, change);
        assert_eq!(error.kind, ErrorKind::Unreachable);
        let text = format!("{error} {:?} {:?}", error.notes, error.help);
        assert!(text.contains(expected), "{text}");
        assert!(!text.contains("topsecret") && !text.contains(shop.database.server().password()));
    }
}

#[test]
fn a_server_that_says_nothing_is_not_waited_for_without_end() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("bound").port();
    let shop = Shop::on(mariadb(), "");
    let error = refused(&shop, |t| {
        t.port = Some(port);
        t.parameters.insert("timeout".to_owned(), "1".to_owned());
    });
    assert_eq!(error.kind, ErrorKind::Unreachable);
}

#[test]
fn an_address_that_makes_no_sense_is_refused_at_once() {
    let shop = Shop::on(mariadb(), "");
    for (name, value) in [
        ("sslmode", "perhaps"),
        ("timeout", "soon"),
        ("timeout", "0"),
    ] {
        let mut target = shop.target();
        target.parameters.insert(name.to_owned(), value.to_owned());
        let error = live::connect(&target).err().expect("makes no sense");
        assert_eq!(error.kind, ErrorKind::Usage);
    }
}

#[test]
fn a_socket_is_used_when_it_is_asked_for() {
    let shop = Shop::on(mariadb(), "");
    let mut target = shop.target();
    let socket = shop.database.server().socket().display().to_string();
    target.parameters.insert("socket".to_owned(), socket);
    target.port = Some(1);
    let connect = live::connect(&target).expect("makes sense");
    let mut connection = Connection::open(connect.as_ref()).expect("through the socket");
    assert_eq!(connection.scalar("SELECT 1").expect("asked"), Value::Int(1));
}

#[test]
fn a_connection_is_encrypted_when_it_has_to_be() {
    let Some(server) = mysql_or_say() else {
        return;
    };
    let shop = Shop::on(server, "");
    let with = |mode: &str| {
        let mut target = shop.target();
        target
            .parameters
            .insert("sslmode".to_owned(), mode.to_owned());
        live::connect(&target)
            .and_then(|connect| Connection::open(connect.as_ref()))
            .map(|mut connection| {
                let rows = connection
                    .query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
                    .expect("asked");
                rows.rows[0][1] != Value::Text(String::new())
            })
    };
    assert!(!with("disable").expect("in the clear"));
    assert!(with("prefer").expect("the server can"));
    assert!(with("require").expect("the server can"));
    for mode in ["verify-ca", "verify-full"] {
        let error = with(mode).expect_err("nobody vouches for this server");
        let text = format!("{error} {:?}", error.help);
        assert!(text.contains("sslrootcert"), "{text}");
    }
}

/// What a server can be set to that would make a session's answers or commits other than they are
/// read.
const ODD: [&str; 4] = [
    "--autocommit=0",
    "--completion-type=RELEASE",
    "--max-join-size=1",
    "--init-connect=SET sql_select_limit = 1, sql_safe_updates = 1",
];

#[test]
fn answers_are_whole_and_commits_stand_whatever_the_server_is_set_to() {
    let shop = Shop::on(
        mariadb_with(&ODD),
        "CREATE TABLE t (a INT PRIMARY KEY, b INT); INSERT INTO t VALUES (1, 1), (2, 2); COMMIT",
    );
    // `init_connect` is for accounts without all rights only.
    let server = shop.database.server();
    let account = server.user(&[&format!("ALL ON {}.*", shop.database.name())]);
    let session = || {
        let at = target(server.port(), &account, shop.database.name());
        let connect = live::connect(&at).expect("the address makes sense");
        Connection::open(connect.as_ref()).expect("the server is up")
    };
    let all = "SELECT a FROM t ORDER BY a";
    let asked = session().ask(&[all.to_owned()]).expect("a session");
    assert_eq!(asked.expect("a query")[0].rows.rows.len(), 2);
    let mut connection = session();
    assert_eq!(connection.query(all).expect("a query").rows.len(), 2);
    let mut done = |sql: &str| {
        let ran = connection.run(sql).expect("the session is there");
        ran.expect("it is taken");
    };
    done("UPDATE t SET b = b + 1 WHERE b > 0");
    done("START TRANSACTION");
    done("UPDATE t SET b = b + 1 WHERE b > 0");
    done("COMMIT");
    done("SELECT 1");
    let told = session().scalar("SELECT SUM(b) FROM t").expect("a query");
    assert_eq!(told.as_int(), Some(7));
}
