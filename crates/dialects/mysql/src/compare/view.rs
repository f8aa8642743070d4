//! Views: whether two queries are the same.

use realign_model::{Database, View};
use realign_planner::{Facts, Verdict};

use crate::expr::{self, Columns};

/// Compares a live view with a declared one, each in its database.
///
/// `*` was written out when the view was made, so the declared one stands for the columns that its
/// tables have now, those that nobody declares among them, or for the declared ones alone.
pub(super) fn same(
    (is, live): (&View, &Database),
    (wish, declared): (&View, &Database),
    facts: &Facts,
) -> Verdict {
    if !same_options(is, wish) {
        return Verdict::Different;
    }
    if wish.columns == is.columns && expr::same_query(&is.query, &wish.query) == Verdict::Same {
        return Verdict::Same;
    }
    let own = facts.setting("current_database");
    let form = |view: &View, columns: Columns<'_>| {
        let names: Vec<String> = view
            .columns
            .iter()
            .map(|name| name.text.to_lowercase())
            .collect();
        expr::canonical_query(&view.query.text, &names, &columns)
    };
    let Some(found) = form(is, Columns::of(live, own)) else {
        return Verdict::Unknown;
    };
    let mut certain = found.certain;
    for columns in [
        Columns::after(live, declared, own),
        Columns::of(declared, own),
    ] {
        match form(wish, columns) {
            Some(wanted) if wanted.text == found.text => return Verdict::Same,
            Some(wanted) => certain &= wanted.certain,
            None => certain = false,
        }
    }
    if certain {
        Verdict::Different
    } else {
        Verdict::Unknown
    }
}

/// Whether both are run with the rights of the same side, where that is declared, and check what
/// is written through them alike. The definer differs from machine to machine, and the algorithm
/// is the server's to choose.
fn same_options(is: &View, wish: &View) -> bool {
    let starts = |view: &View, word: &str| {
        let mut options = view.options.iter();
        options
            .find(|option| option.starts_with(word))
            .map(|option| option.to_ascii_uppercase())
    };
    let security = starts(wish, "SQL SECURITY ")
        .is_none_or(|wanted| starts(is, "SQL SECURITY ").is_none_or(|found| found == wanted));
    security && starts(is, "WITH ") == starts(wish, "WITH ")
}

#[cfg(test)]
mod tests {
    use realign_model::{Database, Expr};
    use realign_planner::{Dialect as _, SchemaScript, Verdict};

    use super::same;
    use crate::MYSQL;
    use crate::facts::offline;

    const TABLES: &str = "
        CREATE TABLE pi (id INT, vi INT, s INT);
        CREATE TABLE vi (id INT, n VARCHAR(5), c VARCHAR(5));
        CREATE TABLE vli (id INT, vi INT, v4 INT);
        CREATE TABLE v4 (id INT, address VARCHAR(5), vi INT);
        CREATE VIEW both_of_them AS SELECT * FROM pi;";

    fn database() -> Database {
        let facts = offline("mariadb-10.11").unwrap();
        let script = SchemaScript {
            path: "t.sql",
            text: TABLES,
        };
        MYSQL
            .interpret()
            .interpret(&script, Database::default(), &facts)
            .database
    }

    fn verdict(kept: &str, written: &str) -> Verdict {
        let database = database();
        let mut facts = offline("mariadb-10.11").unwrap();
        facts
            .settings
            .insert("current_database".to_owned(), "shop".to_owned());
        let with = |query: &str| {
            let mut view = database.views[0].clone();
            view.query = Expr::new(query);
            view
        };
        same(
            (&with(kept), &database),
            (&with(written), &database),
            &facts,
        )
    }

    /// What a server keeps (recorded from MariaDB 10.11), and what was written.
    const SAME: &[(&str, &str)] = &[
        (
            "select `p`.`id` AS `id`,`p`.`vi` AS `vi`,`p`.`s` AS `s` from `pi` `p` where `p`.`s` <= curdate() and (`p`.`id` is null or `p`.`id` < '1970-01-01' or `p`.`s` >= curdate()) and (`p`.`s` = 1 or `p`.`s` = 2)",
            "SELECT * FROM pi p WHERE (p.s <= CURDATE() AND ((p.id IS NULL) OR (p.id < '1970-01-01') OR p.s >= CURDATE())) AND (p.s = 1 OR p.s=2)",
        ),
        (
            "select `pi`.`id` AS `id`,`vi`.`n` AS `n`,concat(`vi`.`n`,`vi`.`c`) AS `x`,`v4`.`address` AS `address` from `pi` join `vi` join ((`vli` left join `v4` on(`vli`.`v4` = `v4`.`id`)) left join `vi` `q` on(`q`.`id` = `vli`.`id`)) where `pi`.`vi` = `vi`.`id` and `vli`.`vi` = `vi`.`id`",
            "select `pi`.`id` as `id`, vi.n, concat(vi.n,vi.c) as x, v4.address from pi, shop.vi, vli left join (v4) on vli.v4 = v4.id left join vi q on q.id=vli.id where pi.vi = vi.id and vli.vi = vi.id",
        ),
        (
            "select count(0) AS `count(*)`,count(distinct `pi`.`s`) AS `k`,max(`pi`.`s`) + 1 AS `max(s)+1`,'abc' AS `abc`,1 AS `1`,current_timestamp() + interval 1 day AS `d`,octet_length(`pi`.`s`) AS `l`,`pi`.`s` = 0 AS `a`,`pi`.`s` = 0 AS `b`,!(`pi`.`s` in (select `vi`.`id` from `vi`)) AS `e`,exists(select 1 from `vi` where `vi`.`id` = `pi`.`id` limit 1) AS `f` from `pi` group by `pi`.`s` having count(0) > 1 order by count(distinct `pi`.`s`) desc,2 limit 5",
            "select count(*), count(distinct s) k, max(s)+1, 'abc' AS abc, 1, date_add(now(), interval 1 day) d, length(s) l, not s a, !s b, s not in (select id from vi) e, exists(select 1 from vi where vi.id = pi.id) f from pi group by s having count(*) > 1 order by k desc, 2 limit 5",
        ),
        (
            "select cast(`pi`.`s` as char charset utf8mb3) AS `a`,`pi`.`s` DIV 2 AS `b`,`pi`.`s` MOD 2 AS `c`,substr('abc',2,1) AS `d`,extract(year from current_timestamp()) AS `e`,`pi`.`s` <> 0 or 1 AS `f` from `pi`",
            "select cast(s as char) a, s div 2 b, mod(s, 2) c, substring('abc' from 2 for 1) d, extract(year from now()) e, s or true f from pi",
        ),
        (
            "select `d`.`id` AS `id`,`d`.`s` AS `s` from (select `pi`.`id` AS `id`,`pi`.`s` AS `s` from `pi` where `pi`.`s` > 1) `d` join `vi` where `d`.`id` = `vi`.`id`",
            "select d.* from (select id, s from pi where s > 1) d, vi where d.id = vi.id",
        ),
        (
            "with q as (select `pi`.`id` AS `id` from `pi`)select `q`.`id` AS `id`,row_number() over ( partition by `q`.`id` order by `q`.`id`) AS `rn`,sum(`q`.`id`) over () AS `t` from `q`",
            "with q as (select id from pi) select q.id, row_number() over (partition by q.id order by q.id) rn, sum(q.id) over () t from q",
        ),
        (
            "select `p`.`id` AS `id`,`v`.`id` AS `vid` from (((`pi` `p` join `vli` `v` on(`p`.`id` = `v`.`id` and `p`.`vi` = `v`.`vi`)) join `vi`) straight_join `v4` `f`)",
            "select p.id, v.id as vid from pi p natural join vli v cross join vi straight_join v4 f",
        ),
        (
            "select `b`.`s` AS `s` from `vi` left join `both_of_them` `b` on(`b`.`id` = `vi`.`id`)",
            "select s from both_of_them b right join vi using (id)",
        ),
    ];

    #[test]
    fn what_a_server_keeps_is_what_was_written() {
        for (kept, written) in SAME {
            assert_eq!(verdict(kept, written), Verdict::Same, "{written}");
        }
    }

    #[test]
    fn another_query_is_seen() {
        let kept = "select `p`.`id` AS `id`,count(0) AS `n` from (`pi` `p` left join `vi` on(`vi`.`id` = `p`.`vi`)) where `p`.`s` > 1 group by `p`.`id` order by `p`.`id`";
        let written = "SELECT p.id, COUNT(*) AS n FROM pi p LEFT JOIN vi ON vi.id = p.vi WHERE s > 1 GROUP BY p.id ORDER BY p.id";
        assert_eq!(verdict(kept, written), Verdict::Same);
        for (from, to) in [
            ("s > 1", "s > 2"),
            ("s > 1", "s > 1 AND p.id = 1"),
            ("LEFT JOIN", "JOIN"),
            ("vi.id = p.vi", "vi.id = p.id"),
            ("AS n", "AS m"),
            ("COUNT(*)", "COUNT(p.s)"),
            ("GROUP BY p.id", "GROUP BY p.s"),
            ("ORDER BY p.id", "ORDER BY p.id DESC"),
            ("ORDER BY p.id", "ORDER BY p.id LIMIT 1"),
            ("SELECT p.id", "SELECT DISTINCT p.id"),
            ("SELECT p.id", "SELECT p.s"),
            ("LEFT JOIN vi ON", "LEFT JOIN vli vi ON"),
        ] {
            let other = written.replace(from, to);
            assert_eq!(verdict(kept, &other), Verdict::Different, "{other}");
        }
    }

    #[test]
    fn rights_and_checks_of_a_view_are_seen() {
        let database = database();
        let facts = offline("mariadb-10.11").unwrap();
        let with = |options: &[&str]| {
            let mut view = database.views[0].clone();
            view.options = options.iter().map(|option| (*option).to_owned()).collect();
            view
        };
        let live = ["ALGORITHM=UNDEFINED", "DEFINER=a@%", "SQL SECURITY DEFINER"];
        for (declared, expected) in [
            (&[][..], Verdict::Same),
            (&["DEFINER=b@%", "ALGORITHM=MERGE"], Verdict::Same),
            (&["SQL SECURITY DEFINER"], Verdict::Same),
            (&["SQL SECURITY INVOKER"], Verdict::Different),
            (&["WITH LOCAL CHECK OPTION"], Verdict::Different),
        ] {
            let sides = ((&with(&live), &database), (&with(declared), &database));
            assert_eq!(same(sides.0, sides.1, &facts), expected, "{declared:?}");
        }
    }

    #[test]
    fn what_is_not_understood_is_not_judged() {
        for written in [
            "SELECT FROM WHERE",
            "SELECT * FROM nowhere",
            "SELECT MATCH (n) AGAINST ('x') FROM vi",
            "WITH RECURSIVE q AS (SELECT 1) SELECT * FROM q",
            "",
        ] {
            let kept = "select 1 AS `1`";
            assert_eq!(verdict(kept, written), Verdict::Unknown, "{written}");
        }
        let deep = format!("SELECT {}1{}", "(".repeat(5_000), ")".repeat(5_000));
        assert_eq!(verdict("select 1 AS `1`", &deep), Verdict::Unknown);
        let deep = format!("SELECT * FROM {}pi", "(SELECT * FROM ".repeat(5_000));
        assert_eq!(verdict("select 1 AS `1`", &deep), Verdict::Unknown);
        let long = format!("SELECT 1{}", " + 1".repeat(5_000));
        assert_eq!(verdict("select 1 AS `1`", &long), Verdict::Unknown);
    }
}
