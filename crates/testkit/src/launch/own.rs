//! A server of one test, which may kill it and start it again.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::{Launched, Place, Recipe, await_ready, free_port, lock_file, scratch};

/// A server of this process alone. It ends with the value, and with its process.
pub(crate) struct Own {
    recipe: Box<dyn Recipe + Send + Sync>,
    place: Place,
    port: u16,
    child: Option<Child>,
    folder: TempDir,
}

impl Own {
    /// Sets a server up and starts it.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    pub(crate) fn start(recipe: impl Recipe + Send + Sync + 'static) -> Self {
        let folder = TempDir::with_prefix_in("realign-own-", scratch())
            .expect("the temporary folder can be written");
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).expect("own folder");
        let place = Place::empty(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        recipe
            .install(&place)
            .unwrap_or_else(|error| panic!("{}: {error}", recipe.kind()));
        let mut own = Self {
            recipe: Box::new(recipe),
            place,
            port: free_port(),
            child: None,
            folder,
        };
        own.again();
        own
    }

    /// Starts it, after a kill with what it finds on its disk.
    ///
    /// # Panics
    /// When it does not start, with what it said.
    pub(crate) fn again(&mut self) {
        let log = self.folder.path().join("server.log");
        let file = File::create(&log).expect("own folder");
        let words = self.recipe.server(&self.place, self.port);
        let mut command: Command = self.place.command(&words[0]);
        command
            .args(&words[1..])
            .current_dir("/")
            .stdout(file.try_clone().expect("a file"))
            .stderr(file)
            .stdin(Stdio::null());
        self.child = Some(command.spawn().expect("the server's program runs"));
        let socket = self.recipe.socket(&self.place, self.port);
        await_ready(&socket, &log, self.recipe.ready())
            .unwrap_or_else(|error| panic!("{} does not start: {error}", self.recipe.kind()));
    }

    /// Kills it with SIGKILL, by its process id, and every process that it has begun itself.
    pub(crate) fn kill(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        let below = children(child.id());
        // It is a child of this process, and not yet waited for: the number is still its own.
        let _ = child.kill();
        let _ = child.wait();
        for id in below {
            let _ = Command::new("kill")
                .args(["-KILL", &id.to_string()])
                .status();
            while parent(id).is_some() {
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
        }
    }

    /// The server's process id; 0 while it is dead.
    pub(crate) fn id(&self) -> u32 {
        self.child.as_ref().map_or(0, Child::id)
    }

    /// Where it listens.
    pub(crate) fn launched(&self) -> Launched {
        Launched {
            port: self.port,
            socket: self.recipe.socket(&self.place, self.port),
            user: lock_file(&self.folder.path().join("users.lock")),
        }
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The parent of a process that lives.
fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let mut fields = stat[stat.rfind(')')? + 1..].split_whitespace();
    if fields.next() == Some("Z") {
        return None;
    }
    fields.next()?.parse().ok()
}

fn children(of: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|id| parent(*id) == Some(of))
        .collect()
}
