//! Files of a revision, read without touching the checkout.

use std::ffi::OsString;
use std::io::Cursor;
use std::path::Path;

use super::{Git, LOOK};
use crate::process::Streams;
use crate::{Error, ErrorKind, Stop};

/// A file of a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Blob {
    /// Its path in the repository.
    pub path: String,
    /// Its name in git's store.
    id: String,
    /// How many bytes it has.
    pub size: u64,
}

impl Git {
    /// Runs a command that only looks, and gives what it prints as it is.
    pub(super) fn bytes<S: Into<OsString>>(
        &self,
        arguments: impl IntoIterator<Item = S>,
        input: Option<Vec<u8>>,
    ) -> Result<Vec<u8>, Error> {
        let mut output = Vec::new();
        let streams = Streams {
            input: input.map(|bytes| Box::new(Cursor::new(bytes)) as _),
            output: Some(&mut output),
        };
        self.process(arguments)
            .variable("GIT_OPTIONAL_LOCKS", "0")
            .limit(Some(LOOK))
            .run_with(streams, &Stop::new(), &mut |_, _| {})?
            .success()?;
        Ok(output)
    }

    /// The plain files at and below a path of a commit, in the order of their paths. Links are
    /// left out: where they lead is not part of the revision.
    pub fn blobs(&self, commit: &str, path: &Path) -> Result<Vec<Blob>, Error> {
        let words: [OsString; 8] = [
            "ls-tree".into(),
            "-r".into(),
            "-z".into(),
            "--long".into(),
            "--full-tree".into(),
            super::named(commit)?.into(),
            "--".into(),
            path.into(),
        ];
        let output = self.bytes(words, None)?;
        let mut blobs = Vec::new();
        for entry in output.split(|byte| *byte == 0) {
            let text = String::from_utf8_lossy(entry);
            let Some((head, path)) = text.split_once('\t') else {
                continue;
            };
            let fields: Vec<&str> = head.split_whitespace().collect();
            let [mode, "blob", id, size] = fields.as_slice() else {
                continue;
            };
            if *mode == "120000" {
                continue;
            }
            blobs.push(Blob {
                path: path.to_owned(),
                id: (*id).to_owned(),
                size: size.parse().unwrap_or(0),
            });
        }
        blobs.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(blobs)
    }

    /// The contents of these files, in their order, in one call.
    pub fn contents(&self, blobs: &[Blob]) -> Result<Vec<Vec<u8>>, Error> {
        if blobs.is_empty() {
            return Ok(Vec::new());
        }
        let mut asked = String::new();
        for blob in blobs {
            asked.push_str(&blob.id);
            asked.push('\n');
        }
        let output = self.bytes(["cat-file", "--batch"], Some(asked.into_bytes()))?;
        let mut rest = output.as_slice();
        blobs
            .iter()
            .map(|blob| next(&mut rest).ok_or_else(|| torn(&blob.path)))
            .collect()
    }
}

/// One answer of `cat-file --batch`: `ID blob SIZE`, a line end, the bytes, a line end.
fn next(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let head = std::str::from_utf8(&rest[..end]).ok()?;
    let size: usize = head.rsplit(' ').next()?.parse().ok()?;
    let start = end + 1;
    let content = rest.get(start..start + size)?.to_vec();
    *rest = rest.get(start + size + 1..)?;
    Some(content)
}

fn torn(path: &str) -> Error {
    Error::new(
        ErrorKind::Failed,
        format!("git did not give the whole of {path}"),
    )
    .with_help("`git fsck` tells whether the repository is whole")
}
