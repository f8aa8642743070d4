//! MariaDB and MySQL, read back from their general log.

use realign_testkit::{
    Account, Server, Shape, TestDatabase, mariadb_with, mysql_or_say, mysql_with, rows, rows_lost,
};

use crate::application::Application;
use crate::statements::{only_read, wrote};

/// Writes down every statement that arrives.
const LOGGED: [&str; 2] = ["--general-log=1", "--log-output=TABLE"];
/// As an administrator may have left it.
const LENIENT: [&str; 2] = ["--sql-mode=", "--lower-case-table-names=1"];

/// The servers that are here: as they come, and as an administrator may have left them.
fn servers() -> Vec<(&'static str, &'static Server)> {
    let lenient = [LOGGED, LENIENT].concat();
    let mut servers = vec![
        ("MariaDB", mariadb_with(&LOGGED)),
        ("lenient MariaDB", mariadb_with(&lenient)),
    ];
    if mysql_or_say().is_some() {
        servers.extend(mysql_with(&LOGGED).map(|server| ("MySQL", server)));
        servers.extend(mysql_with(&lenient).map(|server| ("lenient MySQL", server)));
    }
    servers
}

/// What an account has sent so far, in order.
fn sent(server: &Server, account: &Account) -> Vec<String> {
    let query = format!(
        "SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log \
         WHERE command_type IN ('Query', 'Prepare', 'Execute') AND user_host LIKE '{}[%' \
         ORDER BY event_time",
        account.name
    );
    let rows = server.rows("", &query);
    rows.into_iter()
        .filter_map(|row| row.into_iter().next())
        .collect()
}

fn with_rights(database: &TestDatabase, rights: &str) -> (Account, String) {
    let server = database.server();
    let account = server.user(&[&format!("{rights} ON `{}`.*", database.name())]);
    let url = server.url_as(&account, database.name());
    (account, url)
}

#[test]
fn an_account_that_may_only_select_reads_and_sends_nothing_else() {
    for (name, server) in servers() {
        println!("on {name}");
        let database = server.database();
        let application = Application::new();
        application.begins(&database.url(), &database);
        let (before, values) = (Shape::of(&database), rows(&database));
        let (account, url) = with_rights(&database, "SELECT");
        application.reads(&url);
        only_read(&sent(server, &account), "information_schema", name);
        assert_eq!(before.differences(&Shape::of(&database)), "", "{name}");
        assert_eq!(rows_lost(&values, &rows(&database)), "", "{name}");
    }
}

#[test]
fn what_an_account_may_not_write_is_refused_with_the_right_to_give() {
    for (name, server) in servers() {
        println!("on {name}");
        let database = server.database();
        let application = Application::new();
        let (account, url) = with_rights(&database, "SELECT");
        // The right that the server misses is the one that the GRANT gives, to the account as
        // the server knows it.
        let names_the_right = |command: &str| {
            let refused = application.run(&url, command).exits(1);
            let (before, _) = refused
                .err
                .split_once(" command denied")
                .expect("a refusal");
            let right = before.rsplit([' ', ':']).next().unwrap_or_default();
            let (name, database) = (&account.name, database.name());
            let grant = format!("GRANT {right} ON `{database}`.* TO '{name}'@'%'");
            refused.says(&grant);
        };
        names_the_right("schema create --force");
        application.begins(&database.url(), &database);
        let before = Shape::of(&database);
        names_the_right("schema update --force");
        names_the_right("schema drop --force --allow destructive");
        let json = "--format json schema update --force";
        application.run(&url, json).exits(1).says("GRANT ");
        assert_eq!(before.differences(&Shape::of(&database)), "", "{name}");
    }
}

#[test]
fn an_account_of_one_database_reads_and_then_updates_it_alone() {
    for (name, server) in servers() {
        println!("on {name}");
        let (database, other) = (server.database(), server.database());
        other.client("CREATE TABLE foreign_to_all (id INT PRIMARY KEY)");
        let application = Application::new();
        application.begins(&database.url(), &database);
        let before = Shape::of(&other);
        let (account, url) = with_rights(&database, "ALL");
        application.reads(&url);
        only_read(&sent(server, &account), "information_schema", name);
        application.run(&url, "schema update --force").exits(0);
        application.is_settled(&url);
        wrote(&sent(server, &account), "ALTER TABLE");
        assert_eq!(before.differences(&Shape::of(&other)), "", "{name}");
        let locked_out = server.url_as(&account, other.name());
        application
            .run(&locked_out, "schema validate")
            .exits(69)
            .says("GRANT");
    }
}

/// A server without modes would cut the text; the session of a plan is strict.
#[test]
fn plans_run_strict_on_a_server_without_modes() {
    for (name, server) in servers() {
        println!("on {name}");
        let lenient = server.rows("", "SELECT @@GLOBAL.sql_mode")[0][0].is_empty();
        let database = server.database();
        let application = Application::new();
        application.begins(&database.url(), &database);
        let (account, url) = with_rights(&database, "ALL");
        application.run(&url, "schema update --force").exits(0);
        let sent = sent(server, &account);
        let at = |found: &dyn Fn(&str) -> bool| sent.iter().position(|text| found(text));
        let strict = at(&|text| {
            text.starts_with("SET SESSION sql_mode") && text.contains("STRICT_ALL_TABLES")
        });
        let first = at(&|text| text.starts_with("ALTER TABLE") || text.starts_with("CREATE TABLE"));
        assert!(strict.is_some() && strict < first, "{name}: {sent:#?}");

        // The same as a script, through the server's own client.
        let again = server.database();
        let script = application
            .run(&again.url(), "schema update --dump-sql")
            .exits(0);
        let cut = "INSERT INTO Cust (name, price) VALUES (REPEAT('x', 81), 0);";
        let refused = server.try_client(again.name(), &format!("{}\n{cut}", script.out));
        assert!(refused.is_err_and(|error| error.contains("1406")), "{name}");
        // Which this server does not do by itself.
        if lenient {
            let taken = server.try_client(database.name(), &cut.replace("81", "82"));
            assert!(taken.is_ok(), "{name}: {taken:?}");
        }
    }
}

#[test]
fn names_are_compared_folded_where_the_server_folds_them() {
    for (name, server) in servers() {
        println!("on {name}");
        let folds = server.rows("", "SELECT @@lower_case_table_names")[0][0] == "1";
        let database = server.database();
        let application = Application::new();
        application.begins(&database.url(), &database);
        application
            .run(&database.url(), "schema update --force")
            .exits(0);
        application.is_settled(&database.url());
        let found = database.client("SHOW TABLES");
        assert_eq!(found.contains("cust"), folds, "{found}");
        assert_eq!(found.contains("Cust"), !folds, "{found}");
        let complete = application.run(&database.url(), "schema validate --complete");
        complete.exits(0);
    }
}
