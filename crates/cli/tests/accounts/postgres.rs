//! PostgreSQL, read back from its log.

use realign_testkit::{
    Account, Live as _, PostgresDatabase, PostgresServer, Shape, postgres_with, rows, rows_lost,
};

use crate::application::Application;
use crate::statements::{only_read, wrote};

/// Writes down every statement that arrives, and who sent it.
fn server() -> &'static PostgresServer {
    postgres_with(&["log_statement=all", "log_line_prefix=<%u> "])
}

/// What an account has sent so far, in order.
fn sent(server: &PostgresServer, account: &Account) -> Vec<String> {
    let mut statements: Vec<String> = Vec::new();
    let mut ours = false;
    for line in server.log().lines() {
        // A statement's further lines begin with a tab.
        if let (Some(rest), Some(last)) = (line.strip_prefix('\t'), statements.last_mut()) {
            if ours {
                last.push('\n');
                last.push_str(rest);
            }
            continue;
        }
        let own = line.strip_prefix(&format!("<{}> LOG:  ", account.name));
        let text = own.and_then(|rest| {
            rest.strip_prefix("statement: ")
                .or_else(|| Some(rest.strip_prefix("execute ")?.split_once(": ")?.1))
        });
        ours = text.is_some();
        statements.extend(text.map(str::to_owned));
    }
    statements
}

/// An account that may log in to this database and no other.
fn account(database: &PostgresDatabase, grants: &str) -> (Account, String) {
    let account = Account {
        name: format!("u_{}", database.name()),
        password: "open-sesame-of-few".to_owned(),
    };
    let Account { name, password } = &account;
    let grants = grants.replace("{u}", name).replace("{d}", database.name());
    database.client(&format!(
        "CREATE ROLE {name} LOGIN PASSWORD '{password}'; \
         REVOKE ALL ON DATABASE {d} FROM PUBLIC; GRANT CONNECT ON DATABASE {d} TO {name}; {grants}",
        d = database.name()
    ));
    let url = database.server().url_as(&account, database.name());
    (account, url)
}

const READER: &str = "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {u}";
const OWNER: &str = "GRANT ALL ON DATABASE {d} TO {u}; ALTER SCHEMA public OWNER TO {u}";

/// Roles outlive databases.
fn forget(database: &PostgresDatabase, account: &Account) {
    let name = &account.name;
    database.client(&format!("DROP OWNED BY {name} CASCADE; DROP ROLE {name}"));
}

#[test]
fn an_account_that_may_only_select_reads_and_sends_nothing_else() {
    let database = server().database();
    let application = Application::new();
    application.begins(&database.url(), &database);
    let (account, url) = account(&database, READER);
    let (before, values) = (Shape::of(&database), rows(&database));
    application.reads(&url);
    only_read(&sent(server(), &account), "FROM pg_class", "PostgreSQL");
    assert_eq!(before.differences(&Shape::of(&database)), "");
    assert_eq!(rows_lost(&values, &rows(&database)), "");
    forget(&database, &account);
}

#[test]
fn what_an_account_may_not_write_is_refused_with_the_right_to_give() {
    let database = server().database();
    let application = Application::new();
    let (account, url) = account(&database, READER);
    let refused = application.run(&url, "schema create --force").exits(1);
    let grant = format!("GRANT CREATE ON SCHEMA public TO {}", account.name);
    refused.says(&grant);
    application.begins(&database.url(), &database);
    let before = Shape::of(&database);
    for command in [
        "schema update --force",
        "schema drop --force --allow destructive",
        "--format json schema update --force",
    ] {
        let refused = application.run(&url, command).exits(1);
        refused.says("GRANT ").says(&format!("TO {}", account.name));
    }
    assert_eq!(before.differences(&Shape::of(&database)), "");
    forget(&database, &account);
}

#[test]
fn an_account_of_one_database_reads_and_then_updates_it_alone() {
    let (database, other) = (server().database(), server().database());
    let (account, url) = account(&database, OWNER);
    other.client(&format!(
        "REVOKE ALL ON DATABASE {} FROM PUBLIC",
        other.name()
    ));
    let application = Application::new();
    application.begins(&url, &database);
    let seen = sent(server(), &account).len();
    application.reads(&url);
    only_read(
        &sent(server(), &account)[seen..],
        "FROM pg_class",
        "PostgreSQL",
    );
    application.run(&url, "schema update --force").exits(0);
    application.is_settled(&url);
    wrote(&sent(server(), &account)[seen..], "ALTER TABLE");
    let locked_out = server().url_as(&account, other.name());
    application
        .run(&locked_out, "schema validate")
        .exits(69)
        .says("GRANT CONNECT");
    forget(&database, &account);
}
