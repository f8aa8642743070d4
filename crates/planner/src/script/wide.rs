//! Text of two bytes a letter, which editors of Windows call Unicode.

/// How many bytes are looked at where the text does not say what it is.
const SAMPLE: usize = 1024;

/// The name of the encoding when these bytes are text in UTF-16: they say so at their beginning,
/// or most letters are ASCII's, so that nearly every second byte is zero and no other is.
pub fn utf16(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Some("UTF-16");
    }
    let (pairs, _) = bytes[..bytes.len().min(SAMPLE)].as_chunks::<2>();
    let zeros = |at: usize| pairs.iter().filter(|pair| pair[at] == 0).count();
    let most = |zeros: usize| pairs.len() >= 2 && zeros * 2 > pairs.len();
    match (zeros(0), zeros(1)) {
        (0, second) if most(second) => Some("UTF-16LE"),
        (first, 0) if most(first) => Some("UTF-16BE"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_known_by_its_beginning_or_by_its_zeros() {
        let wide = |text: &str, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            text.encode_utf16().flat_map(bytes).collect()
        };
        let text = "CREATE TABLE t (name TEXT); INSERT INTO t VALUES ('Łódź 日本');";
        assert_eq!(utf16(&wide(text, u16::to_le_bytes)), Some("UTF-16LE"));
        assert_eq!(utf16(&wide(text, u16::to_be_bytes)), Some("UTF-16BE"));
        let marked = format!("\u{feff}{text}");
        assert_eq!(utf16(&wide(&marked, u16::to_le_bytes)), Some("UTF-16"));
        for other in [
            text,
            "",
            ";",
            "a\0b",
            "\0\0\0\0",
            "SELECT '\0';",
            "a\0b\0\0\0",
        ] {
            assert_eq!(utf16(other.as_bytes()), None, "{other:?}");
        }
    }
}
