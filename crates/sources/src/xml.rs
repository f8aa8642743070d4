//! Reading XML that may be hostile: a cheap scan first, then the parser.

use realign_model::{FileName, Origin, Span};
use realign_planner::Diagnostic;
use roxmltree::{Document, Node, ParsingOptions};

use crate::codes;
use crate::place::Places;
use crate::source::MAX_FILE_BYTES;

/// Elements inside elements. Real mappings have seven levels.
const MAX_DEPTH: usize = 48;
/// Elements, texts and comments of one file.
const MAX_NODES: u32 = 100_000;
/// Attributes of one element: the parser compares each with each.
const MAX_ATTRIBUTES: usize = 128;
/// The longest value of an attribute, in bytes. No engine takes a name of a thousand, and a
/// `column-definition` of an enum with all the words it may have is shorter.
const MAX_VALUE_BYTES: usize = 64 * 1024;
/// Namespace declarations of one file: the parser looks through all that are in force at
/// every element. Real mappings have two.
const MAX_NAMESPACES: usize = 64;

/// A parsed file.
pub(crate) struct XmlFile<'t> {
    path: FileName,
    text: &'t str,
    document: Document<'t>,
    places: Places<'t>,
}

impl<'t> XmlFile<'t> {
    /// Parses a file, or says why not.
    pub(crate) fn parse(path: &str, text: &'t str) -> Result<Self, Diagnostic> {
        // One text for all places of the file.
        let path: FileName = path.into();
        let refuse = |offset: usize, message: String| {
            let places = Places::of(&text[..text.len().min(MAX_FILE_BYTES)]);
            Diagnostic::error(codes::REFUSED, message).at(places.origin(&path, offset, offset))
        };
        if text.len() > MAX_FILE_BYTES {
            return Err(refuse(
                0,
                format!(
                    "the file has {} bytes; no mapping needs more than {MAX_FILE_BYTES}",
                    text.len()
                ),
            ));
        }
        // In an encoding that is told and not read, every letter beyond ASCII is another.
        if let Some(encoding) = foreign_encoding(text).filter(|_| !text.is_ascii()) {
            let message = format!("the file says that it is {encoding}, and its bytes are UTF-8");
            return Err(
                refuse(0, message).with_help("write encoding=\"utf-8\", or save it as it says")
            );
        }
        if let Err((offset, message)) = scan(text.as_bytes()) {
            return Err(refuse(offset, message));
        }
        let places = Places::of(text);
        let options = ParsingOptions {
            allow_dtd: false,
            nodes_limit: MAX_NODES,
            ..ParsingOptions::default()
        };
        match Document::parse_with_options(text, options) {
            Ok(document) => Ok(Self {
                path,
                text,
                document,
                places,
            }),
            Err(error) => {
                let at = error.pos();
                if matches!(error, roxmltree::Error::NodesLimitReached) {
                    let message =
                        format!("the file has more than {MAX_NODES} elements, texts and comments");
                    return Err(refuse(0, message));
                }
                let offset = places.offset_of(at.row, at.col);
                let message = without_place(&error);
                Err(
                    Diagnostic::error(codes::NOT_XML, format!("not well-formed XML: {message}"))
                        .at(places.origin(&path, offset, offset)),
                )
            }
        }
    }

    /// The root element.
    pub(crate) fn root(&self) -> Element<'_> {
        Element {
            file: self,
            node: self.document.root_element(),
        }
    }
}

/// The parser's message without the position in it, which the origin has.
fn without_place(error: &roxmltree::Error) -> String {
    let message = error.to_string();
    let Some((head, tail)) = message.rsplit_once(" at ") else {
        return message;
    };
    let is_place = |text: &str| text.bytes().all(|b| b.is_ascii_digit() || b == b':');
    match tail.split_once(' ') {
        None if is_place(tail) => head.to_owned(),
        Some((place, rest)) if is_place(place) => format!("{head} {rest}"),
        _ => message,
    }
}

/// Looks for what must not reach the parser: document types, deep nesting and
/// crowds of attributes. It understands no more of XML than it needs for that.
fn scan(bytes: &[u8]) -> Result<(), (usize, String)> {
    let mut depth = 0_usize;
    let mut namespaces = 0;
    let mut position = 0;
    while let Some(offset) = find(bytes, position, b'<') {
        let rest = &bytes[offset..];
        if rest.starts_with(b"<!--") {
            position = find_text(bytes, offset + 4, b"-->").map_or(bytes.len(), |end| end + 3);
        } else if rest.starts_with(b"<![CDATA[") {
            position = find_text(bytes, offset + 9, b"]]>").map_or(bytes.len(), |end| end + 3);
        } else if rest.starts_with(b"<?") {
            position = find_text(bytes, offset + 2, b"?>").map_or(bytes.len(), |end| end + 2);
        } else if rest.starts_with(b"<!") {
            let message =
                "the file has a document type, which may define entities; a mapping needs none";
            return Err((offset, message.to_owned()));
        } else if rest.starts_with(b"</") {
            depth = depth.saturating_sub(1);
            position = find(bytes, offset, b'>').map_or(bytes.len(), |end| end + 1);
        } else {
            let Tag {
                end,
                attributes,
                long_value,
            } = tag_end(bytes, offset);
            if attributes > MAX_ATTRIBUTES {
                let message = format!("the element has more than {MAX_ATTRIBUTES} attributes");
                return Err((offset, message));
            }
            if let Some(at) = long_value {
                let message = format!("the value is longer than {MAX_VALUE_BYTES} bytes");
                return Err((at, message));
            }
            namespaces += count(&bytes[offset..end], b"xmlns");
            if namespaces > MAX_NAMESPACES {
                let message = format!("the file has more than {MAX_NAMESPACES} namespaces");
                return Err((offset, message));
            }
            if end == 0 || bytes.get(end - 1) != Some(&b'/') {
                depth += 1;
                if depth > MAX_DEPTH {
                    let message = format!("elements are nested more than {MAX_DEPTH} levels deep");
                    return Err((offset, message));
                }
            }
            position = end + 1;
        }
    }
    Ok(())
}

fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.iter().position(|b| *b == wanted).map(|at| from + at)
}

fn find_text(bytes: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.windows(wanted.len())
        .position(|window| window == wanted)
        .map(|at| from + at)
}

fn count(bytes: &[u8], wanted: &[u8]) -> usize {
    bytes
        .windows(wanted.len())
        .filter(|window| *window == wanted)
        .count()
}

/// A start tag, as far as its size tells.
struct Tag {
    /// The `>` that ends it, or the end of the file.
    end: usize,
    /// How many `=` it has outside quotes.
    attributes: usize,
    /// Where the first value begins that is too long.
    long_value: Option<usize>,
}

fn tag_end(bytes: &[u8], from: usize) -> Tag {
    let mut tag = Tag {
        end: bytes.len(),
        attributes: 0,
        long_value: None,
    };
    let mut quote = None;
    for (at, byte) in bytes.iter().enumerate().skip(from) {
        match (quote, byte) {
            (None, b'>') => {
                tag.end = at;
                break;
            }
            (None, b'"' | b'\'') => quote = Some((*byte, at + 1)),
            (None, b'=') => tag.attributes += 1,
            (Some((open, start)), byte) if open == *byte => {
                if at - start > MAX_VALUE_BYTES {
                    tag.long_value = tag.long_value.or(Some(start));
                }
                quote = None;
            }
            _ => {}
        }
    }
    tag
}

/// The encoding that the XML declaration names, when it is another than the one that is read.
fn foreign_encoding(text: &str) -> Option<&str> {
    let declaration = text.strip_prefix("<?xml")?.split_once("?>")?.0;
    let (_, behind) = declaration.split_once("encoding")?;
    let value = behind.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (name, _) = value[1..].split_once(quote)?;
    let known = ["utf-8", "utf8", "us-ascii", "ascii"];
    let read = known.iter().any(|known| name.eq_ignore_ascii_case(known));
    (!read).then_some(name)
}

/// An element with its file, so that it can say where it stands.
#[derive(Clone, Copy)]
pub(crate) struct Element<'f> {
    file: &'f XmlFile<'f>,
    node: Node<'f, 'f>,
}

impl<'f> Element<'f> {
    /// The local name.
    pub(crate) fn name(self) -> &'f str {
        self.node.tag_name().name()
    }

    /// An attribute without namespace.
    pub(crate) fn attribute(self, name: &str) -> Option<&'f str> {
        self.node.attribute(name)
    }

    /// An attribute of that local name in whatever namespace.
    pub(crate) fn attribute_in_any_namespace(self, name: &str) -> Option<&'f str> {
        self.node
            .attributes()
            .find(|attribute| attribute.name() == name)
            .map(|attribute| attribute.value())
    }

    /// The names of the attributes without namespace.
    pub(crate) fn attribute_names(self) -> impl Iterator<Item = &'f str> {
        self.node
            .attributes()
            .filter(|attribute| attribute.namespace().is_none())
            .map(|attribute| attribute.name())
    }

    /// Child elements, in order. Prefixed ones are left out: Doctrine does not see them.
    pub(crate) fn children(self) -> impl Iterator<Item = Element<'f>> {
        self.node
            .children()
            .filter(Node::is_element)
            .map(move |node| Element {
                file: self.file,
                node,
            })
            .filter(|element| !element.is_prefixed())
    }

    /// Child elements of that name.
    pub(crate) fn all(self, name: &'static str) -> impl Iterator<Item = Element<'f>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The first child of that name: where Doctrine reads one, it reads the first.
    pub(crate) fn first(self, name: &'static str) -> Option<Element<'f>> {
        self.all(name).next()
    }

    /// The text directly inside.
    pub(crate) fn text(self) -> String {
        self.node
            .children()
            .filter(Node::is_text)
            .filter_map(|node| node.text())
            .collect()
    }

    /// Doctrine's booleans: `true` and `1`, nothing else.
    pub(crate) fn flag(self, name: &str) -> Option<bool> {
        self.attribute(name).map(is_true)
    }

    /// Where the start tag stands.
    pub(crate) fn origin(self) -> Origin {
        let start = self.node.range().start;
        let end = tag_end(self.file.text.as_bytes(), start).end;
        let end = (end + 1).min(self.file.text.len());
        self.file.places.origin(&self.file.path, start, end)
    }

    /// Where the value of an attribute stands, or the start tag without it.
    pub(crate) fn origin_of(self, name: &str) -> Origin {
        match self.node.attribute_node(name) {
            Some(attribute) => {
                let range = attribute.range_value();
                self.file
                    .places
                    .origin(&self.file.path, range.start, range.end)
            }
            None => self.origin(),
        }
    }

    fn is_prefixed(self) -> bool {
        let start = self.node.range().start + 1;
        let tag = &self.file.text[start..];
        !tag.starts_with(self.name()) || tag[self.name().len()..].starts_with(':')
    }
}

/// `evaluateBoolean`.
pub(crate) fn is_true(text: &str) -> bool {
    text == "true" || text == "1"
}

/// The same place with another span end; for diagnostics about nothing in particular.
pub(crate) fn start_of(path: &str) -> Origin {
    Origin::File {
        path: path.into(),
        line: 1,
        column: 1,
        span: Span::new(0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> Diagnostic {
        match XmlFile::parse("a.xml", text) {
            Ok(_) => panic!("accepted"),
            Err(diagnostic) => diagnostic,
        }
    }

    #[test]
    fn entities_and_document_types_are_refused() {
        let bomb = "<?xml version=\"1.0\"?>\n<!DOCTYPE r [<!ENTITY a \"x\"><!ENTITY b \"&a;&a;\">]><r>&b;</r>";
        let diagnostic = refused(bomb);
        assert_eq!(diagnostic.code, codes::REFUSED);
        assert_eq!(diagnostic.origin.to_string(), "a.xml:2");
        assert_eq!(
            refused("<!DOCTYPE r SYSTEM \"file:///etc/passwd\"><r/>").code,
            codes::REFUSED
        );
        assert_eq!(refused("<r>&lol;</r>").code, codes::NOT_XML);
    }

    #[test]
    fn size_depth_and_crowds_are_refused() {
        assert_eq!(
            refused(&" ".repeat(MAX_FILE_BYTES + 1)).code,
            codes::REFUSED
        );
        let deep = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
        assert_eq!(refused(&deep).code, codes::REFUSED);
        let wide = format!("<a>{}</a>", "<b/>".repeat(300_000));
        assert_eq!(refused(&wide).code, codes::REFUSED);
        let mut attributes = String::from("<a ");
        for number in 0..50_000 {
            attributes.extend([" a", &number.to_string(), "=''"]);
        }
        attributes.push_str("/>");
        assert_eq!(refused(&attributes).code, codes::REFUSED);
        let namespaces = format!("<a>{}</a>", "<b xmlns:c='d'/>".repeat(100));
        assert_eq!(refused(&namespaces).code, codes::REFUSED);
    }

    #[test]
    fn broken_xml_says_where() {
        let diagnostic = refused("<a>\n  <b>\n</a>");
        assert_eq!(diagnostic.code, codes::NOT_XML);
        assert_eq!(diagnostic.origin.to_string(), "a.xml:3");
    }

    #[test]
    fn what_is_wrong_is_told_whole() {
        for (text, told) in [
            (
                "<a b='1' b='2'/>",
                "not well-formed XML: attribute 'b' is already defined",
            ),
            (
                "<a>",
                "not well-formed XML: the root node was opened but never closed",
            ),
        ] {
            assert_eq!(refused(text).message, told);
        }
    }

    #[test]
    fn another_encoding_is_no_matter_until_it_changes_a_letter() {
        let text = "<?xml version='1.0' encoding = 'ISO-8859-1'?><a b=''/>";
        assert!(XmlFile::parse("a.xml", text).is_ok());
        let text = text.replace("b=''", "b='é'");
        assert_eq!(refused(&text).code, codes::REFUSED);
        let utf8 = text.replace("ISO-8859-1", "UTF-8");
        assert!(XmlFile::parse("a.xml", &utf8).is_ok());
    }

    #[test]
    fn a_value_of_megabytes_is_refused_at_its_place() {
        let text = format!("<a>\n<b c='{}'/></a>", "x".repeat(MAX_VALUE_BYTES + 1));
        let diagnostic = refused(&text);
        assert_eq!(diagnostic.code, codes::REFUSED);
        assert_eq!(diagnostic.origin.to_string(), "a.xml:2");
        let text = format!("<b c='{}'/>", "x".repeat(MAX_VALUE_BYTES));
        assert!(XmlFile::parse("a.xml", &text).is_ok());
    }

    #[test]
    fn comments_and_cdata_hide_nothing_from_the_scan() {
        let text = "<?xml version='1.0'?><!-- <!DOCTYPE --><a b='>'><![CDATA[<!DOCTYPE]]></a>";
        assert!(XmlFile::parse("a.xml", text).is_ok());
    }

    #[test]
    fn origins_count_characters_and_cover_the_start_tag() {
        let text = "<a>\n<!-- é --><b c=\"d\">text</b></a>";
        let file = XmlFile::parse("a.xml", text).expect("well-formed");
        let b = file.root().first("b").expect("there");
        assert_eq!(
            b.origin(),
            Origin::File {
                path: "a.xml".into(),
                line: 2,
                column: 11,
                span: Span::new(15, 24),
            }
        );
        let Origin::File { span, .. } = b.origin_of("c") else {
            panic!("no place");
        };
        assert_eq!(&text[span.start()..span.end()], "d");
    }

    #[test]
    fn prefixed_elements_are_not_seen() {
        let text = "<m xmlns:x='u'><x:entity/><entity/></m>";
        let file = XmlFile::parse("a.xml", text).expect("well-formed");
        assert_eq!(file.root().children().count(), 1);
    }
}
