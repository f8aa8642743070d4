//! SIGKILL of the server, by its process id, and what stands when it is there again.
//!
//! The servers are of one test each and durable, as a server is that somebody relies on.

use std::time::Instant;

use realign_testkit::{
    Killable, Live, PostgresServer, Server, killable_mariadb, killable_mysql, killable_postgres,
};
use rustix::process::Signal;

use crate::app::{App, Way};
use crate::tally::{self, Chance};

/// A server that can be killed, and databases on it.
trait Mortal {
    fn database(&self) -> Box<dyn Live>;
    fn kill(&mut self);
    fn again(&mut self);
}

impl Mortal for Killable<Server> {
    fn database(&self) -> Box<dyn Live> {
        Box::new(self.server().database())
    }
    fn kill(&mut self) {
        Killable::kill(self);
    }
    fn again(&mut self) {
        Killable::again(self);
    }
}

impl Mortal for Killable<PostgresServer> {
    fn database(&self) -> Box<dyn Live> {
        Box::new(self.server().database())
    }
    fn kill(&mut self) {
        Killable::kill(self);
    }
    fn again(&mut self) {
        Killable::again(self);
    }
}

/// Kills the server while the program is halted at a place.
fn dies_at_places(engine: &'static str, server: &mut impl Mortal, way: Way, some: usize) {
    let undisturbed = App::new(engine, server.database(), way);
    let places = undisturbed.path("places.txt");
    let ended = undisturbed.forward().counting_into(&places).run();
    assert_eq!(ended.code(), 0, "on {engine}: {}", ended.text);
    let wanted = undisturbed.state();
    let passed = std::fs::read_to_string(&places).expect("the program writes its places down");
    let passed: Vec<&str> = passed.lines().collect();
    // The last places come after everything has been done.
    let total = passed.len() - 2;
    let mut killed = 0;
    let mut numbers = tally::sample(total, some);
    numbers.truncate(if tally::full() { 24 } else { some });
    for number in numbers {
        let app = App::new(engine, server.database(), way);
        let mut running = app.forward().halting_at(number).start();
        assert!(running.halted(), "at place {number}: {}", running.said());
        server.kill();
        running.signal(Signal::CONT);
        let ended = running.ended();
        killed += 1;
        server.again();
        app.arrives();
        app.stands_as(&wanted, &|| {
            let place = passed.get(number - 1).unwrap_or(&"");
            format!(
                "server killed at place {place}: {}\n{}",
                ended.text,
                app.outputs()
            )
        });
    }
    tally::tell(engine, &format!("{way:?}, server killed"), total, killed);
}

/// Kills the server at moments that nobody chose, statements that take long among them.
fn dies_some_time(engine: &'static str, server: &mut impl Mortal, some: usize) {
    let undisturbed = App::new(engine, server.database(), Way::Long);
    let begun = Instant::now();
    let ended = undisturbed.forward().run();
    let whole = begun.elapsed();
    assert_eq!(ended.code(), 0, "on {engine}: {}", ended.text);
    let wanted = undisturbed.state();
    let mut chance = Chance::new(7);
    let mut killed = 0;
    for _ in 0..if tally::full() { 12 } else { some } {
        let app = App::new(engine, server.database(), Way::Long);
        // The first part of a run only looks.
        let moment = whole / 5 + whole * chance.thousandth() / 1000 * 4 / 5;
        let running = app.forward().start();
        std::thread::sleep(moment);
        server.kill();
        let ended = running.ended();
        killed += 1;
        server.again();
        app.arrives();
        app.stands_as(&wanted, &|| {
            format!(
                "server killed after {moment:?}: {}\n{}",
                ended.text,
                app.outputs()
            )
        });
    }
    tally::tell(engine, "Long, server killed at any moment", 0, killed);
}

#[test]
fn mariadb_dies() {
    let mut server = killable_mariadb();
    dies_at_places("mariadb", &mut server, Way::Migrate, 3);
    dies_at_places("mariadb", &mut server, Way::Update, 2);
    dies_some_time("mariadb", &mut server, 2);
}

#[test]
fn mysql_dies() {
    let Some(mut server) = killable_mysql() else {
        println!("not run: there is no MySQL server");
        return;
    };
    dies_at_places("mysql", &mut server, Way::Migrate, 1);
    dies_at_places("mysql", &mut server, Way::Update, 1);
    dies_some_time("mysql", &mut server, 1);
}

#[test]
fn postgresql_dies() {
    let mut server = killable_postgres();
    dies_at_places("postgresql", &mut server, Way::Migrate, 3);
    dies_at_places("postgresql", &mut server, Way::Update, 2);
    dies_some_time("postgresql", &mut server, 2);
}

#[test]
fn a_server_that_is_gone_is_said_and_gone_on_with_later() {
    let mut server = killable_postgres();
    let app = App::new("postgresql", Mortal::database(&server), Way::Migrate);
    let places = app.path("places.txt");
    let mut running = app.forward().counting_into(&places).halting_at(6).start();
    assert!(running.halted(), "{}", running.said());
    server.kill();
    running.signal(Signal::CONT);
    let ended = running.ended();
    assert_eq!(ended.code(), 69, "{}", ended.text);
    let refused = app.forward().run().with(69);
    assert!(refused.text.contains("can't connect"), "{}", refused.text);
    server.again();
    app.arrives();
}
