//! Certificates for servers that speak TLS, made by openssl.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::client::{need, run};
use crate::launch;

/// An authority, a server's certificate of it, and an authority that nobody knows.
#[derive(Debug)]
pub struct Certificates {
    folder: PathBuf,
}

/// The certificates of this account, made when they are first asked for and then kept: a
/// server's settings name them, and servers with equal settings are one server.
pub fn certificates() -> &'static Certificates {
    static MADE: LazyLock<Certificates> = LazyLock::new(|| {
        let folder = launch::base().join("tls");
        fs::create_dir_all(&folder).expect("the temporary folder can be written");
        let lock = launch::lock_file(&folder.join("lock"));
        lock.lock().expect("a lock file can be locked");
        let made = Certificates { folder };
        // The key comes last: with it, all are there.
        if !made.key().exists() {
            made.make();
        }
        made
    });
    &MADE
}

impl Certificates {
    /// The authority that signed the server's certificate.
    pub fn authority(&self) -> PathBuf {
        self.folder.join("authority.pem")
    }

    /// An authority that signed nothing.
    pub fn stranger(&self) -> PathBuf {
        self.folder.join("stranger.pem")
    }

    /// What makes a MariaDB or MySQL server speak TLS, as `localhost` and no other name.
    pub fn mysql_options(&self) -> Vec<String> {
        vec![
            format!("--ssl-ca={}", self.authority().display()),
            format!("--ssl-cert={}", self.certificate().display()),
            format!("--ssl-key={}", self.key().display()),
        ]
    }

    /// What makes a PostgreSQL server speak TLS, as `localhost` and no other name.
    pub fn postgres_options(&self) -> Vec<String> {
        vec![
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", self.certificate().display()),
            format!("ssl_key_file={}", self.key().display()),
        ]
    }

    /// The server's certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("server.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.join("server.key")
    }

    fn make(&self) {
        for name in ["authority", "stranger"] {
            let subject = format!("/CN=Realign test {name}");
            self.openssl(name, &subject, &["keyUsage=critical,keyCertSign"], &[]);
        }
        let authority = self.authority();
        let signer = [
            ("-CA", authority.as_path()),
            ("-CAkey", &self.folder.join("authority.key")),
        ];
        let extensions = [
            "basicConstraints=critical,CA:FALSE",
            "subjectAltName=DNS:localhost",
        ];
        self.openssl("server.new", "/CN=localhost", &extensions, &signer);
        let key = self.folder.join("server.new.key");
        fs::rename(self.folder.join("server.new.pem"), self.certificate()).expect("own folder");
        // PostgreSQL wants that nobody else can read it.
        fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("own file");
        if let Some((uid, gid)) = launch::server_account() {
            chown(&key, Some(uid), Some(gid)).expect("root gives files away");
        }
        fs::rename(&key, self.key()).expect("own folder");
    }

    /// Makes `NAME.pem` and `NAME.key`, signed by itself unless a signer is given.
    fn openssl(&self, name: &str, subject: &str, extensions: &[&str], signer: &[(&str, &Path)]) {
        const REQUEST: &str =
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650";
        let file = |ending: &str| self.folder.join(format!("{name}.{ending}"));
        let (key, certificate) = (file("key"), file("pem"));
        let mut words: Vec<String> = REQUEST.split(' ').map(str::to_owned).collect();
        words.extend(["-subj".to_owned(), subject.to_owned()]);
        for extension in extensions {
            words.extend(["-addext".to_owned(), (*extension).to_owned()]);
        }
        let files = [("-keyout", key.as_path()), ("-out", &certificate)];
        for (option, path) in files.iter().chain(signer) {
            words.extend([(*option).to_owned(), path.display().to_string()]);
        }
        run(need("openssl", "openssl"), &words, &[], "")
            .unwrap_or_else(|error| panic!("openssl: {error}"));
    }
}
