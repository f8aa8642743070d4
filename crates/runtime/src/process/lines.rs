//! Bytes of a program into lines that may be shown.

use crate::Secret;

/// A line longer than this is handed on in pieces.
const LONGEST: usize = 16 * 1024;

/// Hides secrets.
#[derive(Debug, Clone, Default)]
pub(super) struct Mask {
    words: Vec<String>,
}

impl Mask {
    pub(super) fn new(secrets: &[Secret]) -> Self {
        let mut words: Vec<String> = secrets
            .iter()
            .flat_map(|secret| secret.expose().lines())
            .filter(|word| !word.trim().is_empty())
            .map(str::to_owned)
            .collect();
        // One may be the beginning of another.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Self { words }
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for word in &self.words {
            if text.contains(word.as_str()) {
                text = text.replace(word.as_str(), "***");
            }
        }
        text
    }

    /// Bytes at the end of a piece in which a secret may only have begun.
    fn open(&self) -> usize {
        self.words
            .first()
            .map_or(0, |word| word.len().saturating_sub(1))
    }
}

/// Puts lines together from pieces of any size.
#[derive(Debug)]
pub(super) struct Splitter {
    mask: Mask,
    rest: Vec<u8>,
}

impl Splitter {
    pub(super) fn new(mask: Mask) -> Self {
        Self {
            mask,
            rest: Vec::new(),
        }
    }

    /// Takes a piece and hands on the lines that it ends. A carriage return ends one as well:
    /// so do programs draw a progress bar.
    pub(super) fn feed(&mut self, bytes: &[u8], line: &mut dyn FnMut(String)) {
        for part in bytes.split_inclusive(|byte| matches!(byte, b'\n' | b'\r')) {
            self.rest.extend_from_slice(part);
            if part.ends_with(b"\n") || part.ends_with(b"\r") {
                self.rest.pop();
                self.hand_on(part.ends_with(b"\n"), line);
            } else if self.rest.len() > LONGEST + self.mask.open() {
                self.cut(line);
            }
        }
    }

    /// The last line, when nothing ended it.
    pub(super) fn end(&mut self, line: &mut dyn FnMut(String)) {
        self.hand_on(false, line);
    }

    fn hand_on(&mut self, even_empty: bool, line: &mut dyn FnMut(String)) {
        if even_empty || !self.rest.is_empty() {
            let text = String::from_utf8_lossy(&self.rest);
            line(self.mask.apply(&text));
        }
        self.rest.clear();
    }

    /// Hands on what can't be a part of a secret any more.
    fn cut(&mut self, line: &mut dyn FnMut(String)) {
        let masked = self.mask.apply(&String::from_utf8_lossy(&self.rest));
        let mut at = masked.len().saturating_sub(self.mask.open());
        while !masked.is_char_boundary(at) {
            at -= 1;
        }
        line(masked[..at].to_owned());
        self.rest = masked.as_bytes()[at..].to_vec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(pieces: &[&[u8]], secrets: &[&str]) -> Vec<String> {
        let secrets: Vec<Secret> = secrets.iter().map(|word| Secret::new(*word)).collect();
        let mut splitter = Splitter::new(Mask::new(&secrets));
        let mut lines = Vec::new();
        for piece in pieces {
            splitter.feed(piece, &mut |line| lines.push(line));
        }
        splitter.end(&mut |line| lines.push(line));
        lines
    }

    #[test]
    fn lines_come_whole_whatever_the_pieces_are() {
        assert_eq!(
            split(&[b"on", b"e\ntwo\r\n", b"\nfour\r50%\rend"], &[]),
            ["one", "two", "", "", "four", "50%", "end"]
        );
        assert_eq!(split(&[b"\xff\xc3", b"\xa4\n"], &[]), ["\u{fffd}ä"]);
    }

    #[test]
    fn a_secret_is_masked_also_across_pieces() {
        assert_eq!(
            split(
                &[b"pass=sesa", b"me-open sesame\n"],
                &["sesame", "sesame-open"]
            ),
            ["pass=*** ***"]
        );
        let long = "x".repeat(LONGEST - 2);
        let whole = format!("{long}sesame{}", "y".repeat(LONGEST));
        for cut in [LONGEST - 2, LONGEST, LONGEST + 3] {
            let (a, b) = whole.as_bytes().split_at(cut);
            let text = split(&[a, b], &["sesame"]).concat();
            assert!(!text.contains("sesame") && text.contains("x***y"), "{cut}");
        }
    }

    #[test]
    fn an_endless_line_is_cut() {
        let piece = vec![b'x'; LONGEST * 3];
        let lines = split(&[&piece, &piece], &["secret"]);
        assert!(lines.len() >= 2);
        assert_eq!(lines.concat().len(), LONGEST * 6);
    }
}
