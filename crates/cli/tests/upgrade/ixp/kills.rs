//! SIGKILL in every step of the whole way: `./test --full` alone.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use realign_testkit::{rows, rows_lost};

use super::Ixp;

#[test]
fn ixp_manager_goes_on_from_a_kill_in_every_step() {
    if std::env::var_os("REALIGN_PAIRS").is_none() {
        return;
    }
    let Some(first) = Ixp::found() else {
        return;
    };
    first.run("upgrade run").ended(0);
    let views = Ixp::views(&first.database);
    let text = fs::read(first.path("state/upgrade.json")).expect("a journal");
    let journal: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
    let entries = journal["entries"].as_array().expect("steps").clone();
    for (at, entry) in entries.iter().enumerate() {
        let key = entry["key"].as_str().expect("a key");
        let site = Ixp::found().expect("it was there");
        let before = rows(&site.database);
        let mut child = site
            .command("upgrade run")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("runs");
        loop {
            let text = fs::read(site.path("state/upgrade.json")).unwrap_or_default();
            let journal: serde_json::Value = serde_json::from_slice(&text).unwrap_or_default();
            let entries = journal["entries"].as_array().cloned().unwrap_or_default();
            let here =
                |entry: &serde_json::Value| entry["key"] == key && entry["status"] == "running";
            if entries.iter().any(here) {
                std::thread::sleep(Duration::from_millis(at as u64 % 5 * 40));
                let _ = child.kill();
                let _ = child.wait();
                break;
            }
            if child.try_wait().expect("looks").is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        let resumed = site.run("upgrade resume");
        // What can't be known is asked, and the stand-ins have been seen to run or not.
        if resumed.err.contains("--settle") {
            site.run("upgrade resume --settle did-not-run").ended(0);
        } else {
            resumed.ended(0);
        }
        site.run("schema validate").ended(0);
        assert_eq!(
            rows_lost(&before, &rows(&site.database)),
            "",
            "killed in {key}"
        );
        assert_eq!(Ixp::views(&site.database), views, "killed in {key}");
        assert!(!site.path("app/storage/framework/down").exists());
    }
}
