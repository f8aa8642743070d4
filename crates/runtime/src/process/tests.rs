use std::time::{Duration, Instant};

use super::{Account, Channel, Ended, Finished, Kin, Process, Streams};
use crate::{ErrorKind, Secret, Stop};

fn shell(script: &str) -> Process {
    Process::new("sh").arg("-c").arg(script)
}

fn run(process: &Process) -> Finished {
    process.run(&Stop::new(), &mut |_, _| {}).expect("starts")
}

/// True while a process that was told by its number is there, as anything but a zombie.
fn lives(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
        !stat
            .rsplit(')')
            .next()
            .unwrap_or_default()
            .trim()
            .starts_with('Z')
    })
}

fn is_gone_soon(pid: &str) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        if !lives(pid) {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

#[test]
fn output_comes_line_by_line_with_its_channel() {
    let mut seen = Vec::new();
    let finished = shell("echo one; sleep 0.1; echo two >&2; printf three; exit 3")
        .run(&Stop::new(), &mut |channel, line| {
            seen.push((channel, line.to_owned()));
        })
        .expect("starts");
    assert_eq!(finished.ended, Ended::Exited(3));
    assert_eq!(seen.len(), 3);
    assert!(seen.contains(&(Channel::Err, "two".to_owned())));
    assert_eq!(finished.text(), "one\nthree\n");
    let error = finished.success().unwrap_err();
    assert!(error.message.ends_with("exit code 3"), "{error}");
    assert!(error.notes.contains(&"two".to_owned()));
}

#[test]
fn the_environment_is_clean_and_nobody_answers() {
    let finished = run(&shell("cat; env; tty; (echo x >/dev/tty) 2>&1; exit 0")
        .variable("GIVEN", "a value; $(with) 'signs'"));
    let text = finished.text();
    assert!(text.contains("GIVEN=a value; $(with) 'signs'"), "{text}");
    assert!(text.contains("HOME="), "{text}");
    assert!(!text.contains("CARGO"), "{text}");
    assert!(text.contains("not a tty"), "{text}");
    let inherited = run(&shell("env").inheriting());
    assert!(inherited.text().contains("CARGO"));
}

#[test]
fn no_word_is_read_by_a_shell() {
    let finished = run(&Process::new("printf").args(["%s", "$(id) `id` ; > x * \\"]));
    assert_eq!(finished.text(), "$(id) `id` ; > x * \\\n");
}

#[test]
fn a_program_that_hangs_is_ended_with_all_that_it_started() {
    let script =
        "trap '' TERM; (trap '' TERM; sleep 60) & echo $!; (exec sleep 61) & echo $!; sleep 62";
    let process = shell(script)
        .limit(Some(Duration::from_millis(400)))
        .grace(Duration::from_millis(300));
    let begun = Instant::now();
    let finished = run(&process);
    assert!(matches!(finished.ended, Ended::TimedOut(_)), "{finished:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
    let text = finished.text();
    let children: Vec<&str> = text.lines().collect();
    assert_eq!(children.len(), 2);
    for child in children {
        assert!(is_gone_soon(child), "{child} lives");
    }
    let error = finished.success().unwrap_err();
    assert!(
        error.message.contains("was ended after 0.4 seconds"),
        "{error}"
    );
}

#[test]
fn who_left_its_group_and_its_session_is_ended_as_well() {
    let script = "set -m; sleep 60 & echo $!; setsid sleep 61 & echo $!; wait";
    let folder = tempfile::tempdir().expect("folder");
    let record = folder.path().join("programs.json");
    let process = shell(script)
        .known("a/1", record.clone())
        .limit(Some(Duration::from_secs(1)))
        .grace(Duration::from_millis(300));
    let mut known = None;
    let finished = process
        .run(&Stop::new(), &mut |_, _| {
            known = known.take().or_else(|| Kin::read(&record));
        })
        .expect("starts");
    assert!(matches!(finished.ended, Ended::TimedOut(_)), "{finished:?}");
    let known = known.expect("it is written down who is at work");
    assert!(known.at_work().is_empty(), "{:?}", known.at_work());
    assert!(!record.exists());
    let text = finished.text();
    let children: Vec<&str> = text.lines().collect();
    assert_eq!(children.len(), 2, "{text}");
    for child in children {
        assert!(is_gone_soon(child), "{child} lives");
    }
}

#[test]
fn a_wish_to_stop_ends_it() {
    let stop = Stop::new();
    let asks = stop.clone();
    let asking = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(300));
        asks.ask(15);
    });
    let begun = Instant::now();
    let finished = shell("echo here; sleep 60")
        .run(&stop, &mut |_, _| {})
        .expect("starts");
    asking.join().expect("asks");
    assert_eq!(finished.ended, Ended::Stopped(15));
    assert!(begun.elapsed() < Duration::from_secs(5));
    assert_eq!(finished.success().unwrap_err().kind, ErrorKind::Stopped(15));
    let error = shell("echo never").run(&stop, &mut |_, _| {}).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Stopped(15));
}

#[test]
fn what_stays_in_the_background_is_not_waited_for() {
    for stays in ["sleep 600 &", "setsid sleep 600 &"] {
        let begun = Instant::now();
        let finished = run(&shell(&format!("{stays} echo $!")));
        assert!(finished.is_success());
        // Less than the silence after which it would be given up.
        assert!(begun.elapsed() < Duration::from_secs(45));
        let child = finished.text().trim().to_owned();
        assert!(lives(&child), "it was nobody's wish to end it");
        run(&shell(&format!("kill {child}")));
    }
}

/// The answer of a program that has ended is read to its end, also where that takes its time.
#[test]
fn an_answer_is_whole_however_busy_the_reader_is() {
    let mut heard = 0;
    let finished = shell("yes answer | head -n 40000")
        .keeping(1024 * 1024)
        .run(&Stop::new(), &mut |_, _| {
            heard += 1;
            if heard == 1 {
                // The program has long ended when the rest is read.
                std::thread::sleep(Duration::from_millis(700));
            }
        })
        .expect("starts");
    assert!(finished.is_success());
    assert_eq!(heard, 40_000);
}

#[test]
fn huge_output_is_bounded_and_masked() {
    let process = shell("yes 'a line with sesame in it' | head -n 200000; echo last")
        .keeping(1000)
        .secret(Secret::new("sesame"));
    let mut lines = 0;
    let finished = process
        .run(&Stop::new(), &mut |_, line| {
            assert!(!line.contains("sesame"));
            lines += 1;
        })
        .expect("starts");
    assert_eq!(lines, 200_001);
    assert_eq!(finished.dropped + finished.output.len(), lines);
    assert!(finished.text().len() <= 1000);
    assert!(finished.text().ends_with("it\nlast\n"));
    assert!(finished.text().contains("with *** in"));
    let shown = Process::new("mount").args(["-p", "sesame"]);
    assert_eq!(shown.secret(Secret::new("sesame")).shown(), "mount -p ***");
}

#[test]
fn streams_go_through_as_they_are() {
    let bytes: Vec<u8> = (0..=255).cycle().take(3_000_000).collect();
    let mut copy = Vec::new();
    let streams = Streams {
        input: Some(Box::new(std::io::Cursor::new(bytes.clone()))),
        output: Some(&mut copy),
    };
    let finished = Process::new("cat")
        .run_with(streams, &Stop::new(), &mut |_, _| {})
        .expect("starts");
    assert!(finished.is_success());
    assert!(copy == bytes);
}

/// Reads a few bytes, then fails.
struct Failing(usize);

impl std::io::Read for Failing {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::Error::other("the disk is gone"));
        }
        self.0 -= 1;
        buffer[0] = b'x';
        Ok(1)
    }
}

#[test]
fn a_broken_input_is_never_taken_for_the_whole() {
    let folder = tempfile::tempdir().expect("folder");
    let done = folder.path().join("done");
    let streams = Streams {
        input: Some(Box::new(Failing(3))),
        output: None,
    };
    let finished = Process::new("sh")
        .args(["-c", "cat; touch \"$0\""])
        .arg(done.clone())
        .run_with(streams, &Stop::new(), &mut |_, _| {})
        .expect("starts");
    assert!(matches!(&finished.ended, Ended::Broken(why) if why.contains("the disk is gone")));
    assert!(!done.exists());
}

#[test]
fn an_output_that_can_not_be_written_ends_it() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::Error::from(std::io::ErrorKind::StorageFull))
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let streams = Streams {
        input: None,
        output: Some(&mut Full),
    };
    let begun = Instant::now();
    let finished = Process::new("yes")
        .run_with(streams, &Stop::new(), &mut |_, _| {})
        .expect("starts");
    assert!(matches!(finished.ended, Ended::Broken(_)));
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_missing_program_is_named() {
    let error = Process::new("no-such-program")
        .run(&Stop::new(), &mut |_, _| {})
        .unwrap_err();
    assert_eq!(error.message, "there is no program `no-such-program`");
    assert!(
        error.notes[0].starts_with("looked for in /"),
        "{:?}",
        error.notes
    );
    assert!(Process::of::<String>(&[]).is_err());
    let folder = shell("true").folder("/no/such/folder");
    let error = folder.run(&Stop::new(), &mut |_, _| {}).unwrap_err();
    assert_eq!(error.notes, ["there is no folder /no/such/folder"]);
}

#[test]
fn another_user_has_its_own_home_and_groups() {
    let own = Account::own().expect("has a name");
    let nobody = Account::named("nobody").expect("is everywhere");
    if own.user != 0 {
        let error = shell("id")
            .account(nobody)
            .run(&Stop::new(), &mut |_, _| {})
            .unwrap_err();
        assert_eq!(error.message, "only root can run a program as nobody");
        return;
    }
    let finished = run(&shell("id -u; id -G; echo $HOME; echo $USER; cd /")
        .account(nobody.clone())
        .folder("/"));
    let home = nobody.home.display();
    assert_eq!(
        finished.text(),
        format!("{}\n{}\n{home}\nnobody\n", nobody.user, nobody.group)
    );
    let refused = run(&shell("cat /etc/shadow").account(nobody).folder("/"));
    assert!(!refused.is_success());
}

/// A reader that takes its time gets all of it, also of a program that has long ended.
#[test]
fn no_output_is_lost_to_a_slow_reader() {
    struct Slow(usize);
    impl std::io::Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            std::thread::sleep(Duration::from_millis(40));
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let mut slow = Slow(0);
    let streams = Streams {
        input: None,
        output: Some(&mut slow),
    };
    let finished = Process::new("head")
        .args(["-c", "2000000", "/dev/zero"])
        .run_with(streams, &Stop::new(), &mut |_, _| {})
        .expect("it runs");
    assert!(finished.is_success(), "{finished:?}");
    assert_eq!(slow.0, 2_000_000);
}
