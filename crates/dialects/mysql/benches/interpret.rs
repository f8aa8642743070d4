//! Time and memory of reading a schema written in SQL.
//!
//! `cargo bench -p realign-mysql --bench interpret` writes a schema of many tables and a dump with
//! rows, of some megabytes each, and reads them seven times; with paths behind `--` it reads those
//! files instead. Told is the median, in milliseconds a megabyte, and the highest memory of the
//! process in all.

#![allow(clippy::print_stdout, reason = "a benchmark tells what it measured")]

use std::fmt::Write as _;
use std::time::Instant;

use realign_model::Database;
use realign_mysql::MYSQL;
use realign_planner::{Dialect as _, SchemaScript};

fn main() {
    let facts = MYSQL.offline_facts("mariadb-10.11").expect("this engine");
    let paths: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let mut texts: Vec<(String, String)> = paths
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a file of text");
            (path, text)
        })
        .collect();
    if texts.is_empty() {
        texts.push(("4,000 tables".to_owned(), tables(4_000)));
        texts.push(("a dump with rows".to_owned(), dump(4_000)));
    }
    for (name, text) in texts {
        let before = peak();
        let mut times: Vec<f64> = (0..7)
            .map(|_| {
                let script = SchemaScript {
                    path: &name,
                    text: &text,
                };
                let start = Instant::now();
                let read = MYSQL
                    .interpret()
                    .interpret(&script, Database::default(), &facts);
                let taken = start.elapsed().as_secs_f64();
                assert_eq!(read.skipped_bytes, 0, "{:?}", read.diagnostics.first());
                taken
            })
            .collect();
        times.sort_by(f64::total_cmp);
        #[allow(clippy::cast_precision_loss, reason = "sizes of files")]
        let megabytes = text.len() as f64 / 1_000_000.0;
        println!(
            "{name}: {megabytes:.1} MB, {:.1} ms/MB, memory {} -> {} kB",
            times[3] * 1000.0 / megabytes,
            before,
            peak()
        );
    }
}

/// Tables with keys between them, as an application has them.
fn tables(count: usize) -> String {
    let mut text = String::new();
    for at in 0..count {
        let _ = write!(
            text,
            "--\n-- Table {at}\n--\nCREATE TABLE `table_{at}` (\n  `id` int(10) unsigned NOT NULL AUTO_INCREMENT,\n  \
             `name` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '' COMMENT 'its name',\n  \
             `parent_id` int(10) unsigned DEFAULT NULL,\n  `kind` enum('a','b','c') NOT NULL DEFAULT 'a',\n  \
             `created` datetime NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),\n  `price` decimal(10,2) DEFAULT 0.00,\n  \
             `body` mediumtext,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `name` (`name`(191),`kind`),\n  KEY `created` (`created`),\n  \
             CONSTRAINT `fk_{at}` FOREIGN KEY (`parent_id`) REFERENCES `table_{}` (`id`) ON DELETE CASCADE ON UPDATE CASCADE,\n  \
             CONSTRAINT `positive_{at}` CHECK (`price` >= 0)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci ROW_FORMAT=DYNAMIC;\n\n",
            at.saturating_sub(1)
        );
    }
    text
}

/// What `mariadb-dump` writes of a table with rows.
fn dump(rows: usize) -> String {
    let mut text = "/*!40101 SET NAMES utf8mb4 */;\nDROP TABLE IF EXISTS `t`;\nCREATE TABLE `t` (`id` int(11) NOT NULL, `a` text, `b` blob, PRIMARY KEY (`id`));\n".to_owned();
    for at in 0..rows / 100 {
        text.push_str("INSERT INTO `t` VALUES ");
        for row in 0..100 {
            let comma = if row == 0 { "" } else { "," };
            let _ = write!(
                text,
                "{comma}({},'it\\'s a text; with -- all /* kinds */ of #marks and \\\\ in it {row}',_binary 'x\\0y')",
                at * 100 + row
            );
        }
        text.push_str(";\n");
    }
    text
}

/// The highest memory so far in kB, where the system tells it.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|value| value.trim().trim_end_matches("kB").trim().parse().ok())
        .unwrap_or(0)
}
