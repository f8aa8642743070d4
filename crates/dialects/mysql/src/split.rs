//! Scripts as the `mysql` and `mariadb` clients read them.

pub(crate) mod bodies;

use std::ops::Range;

use realign_planner::Facts;
use realign_planner::script::{Command, Cutter, LexKind, Lexeme, Nesting, Seen};

use crate::facts::is_mariadb;
use crate::lexer::{self, TokenKind};

/// How a session with these facts reads text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    facts: &'a Facts,
    escapes: bool,
    ansi: bool,
}

/// Modes in which double quotes hold names.
const ANSI: [&str; 7] = [
    "ANSI_QUOTES",
    "ANSI",
    "ORACLE",
    "MSSQL",
    "POSTGRESQL",
    "DB2",
    "MAXDB",
];

impl<'a> Reading<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        let mut reading = Self {
            facts,
            escapes: true,
            ansi: false,
        };
        for mode in facts.setting("sql_mode").split(',').map(str::trim) {
            let is = |known: &str| mode.eq_ignore_ascii_case(known);
            reading.escapes &= !is("NO_BACKSLASH_ESCAPES");
            reading.ansi |= ANSI.iter().any(|known| is(known));
        }
        reading
    }

    /// True when a name may stand in double quotes.
    pub(crate) fn names_in_quotes(&self) -> bool {
        self.ansi
    }

    /// True when quotes and backslashes mean what they usually do.
    pub(crate) fn is_usual(&self) -> bool {
        self.escapes && !self.ansi
    }

    /// True when a backslash in a string escapes what follows.
    pub(crate) fn escapes(&self) -> bool {
        self.escapes
    }

    /// The pieces of one statement that mean something to this server.
    pub(crate) fn lexemes<'t>(&self, sql: &'t str) -> Vec<Lexeme<'t>> {
        let mut found = Vec::new();
        let mut at = 0;
        while at < sql.len() {
            let (kind, length) = self.piece(sql, at);
            let span = at..at + length;
            let text = &sql[span.clone()];
            at += length;
            let text = match kind {
                LexKind::Blank | LexKind::Comment | LexKind::Bracket => continue,
                LexKind::Name | LexKind::Text => unquoted(text).into(),
                LexKind::Word | LexKind::Number | LexKind::Mark => text.into(),
            };
            found.push(Lexeme { kind, text, span });
        }
        found
    }

    /// True when the server carries out what an executable comment with this start holds.
    fn executes(&self, mariadb_only: bool, version: Option<u32>) -> bool {
        let server = &self.facts.version;
        let own = server.major * 10_000 + server.minor * 100 + server.patch;
        let mariadb = is_mariadb(self.facts);
        if mariadb_only && !mariadb {
            return false;
        }
        match version {
            None => true,
            // MariaDB takes nothing that is for the MySQL versions after it went its own way.
            Some(50_700..=99_999) if mariadb && !mariadb_only => false,
            Some(version) => version <= own || own == 0,
        }
    }

    /// The start of an executable comment: its length, when the server carries it out.
    fn bracket(&self, text: &str) -> Option<usize> {
        let (mark, mariadb_only) = if text.starts_with("/*!") {
            (3, false)
        } else if text.starts_with("/*M!") {
            (4, true)
        } else {
            return None;
        };
        let digits = text[mark..]
            .bytes()
            .take(6)
            .take_while(u8::is_ascii_digit)
            .count();
        let digits = if digits < 5 { 0 } else { digits };
        let version = text[mark..mark + digits].parse().ok();
        self.executes(mariadb_only, version)
            .then_some(mark + digits)
    }
}

/// The value of a quoted text; of one that is never closed, what there is.
fn unquoted(text: &str) -> String {
    let Some(quote) = text.chars().next() else {
        return String::new();
    };
    let body = &text[quote.len_utf8()..];
    let body = body.strip_suffix(quote).unwrap_or(body);
    body.replace(&format!("{quote}{quote}"), &quote.to_string())
}

impl Cutter for Reading<'_> {
    fn piece(&self, text: &str, at: usize) -> (LexKind, usize) {
        let rest = &text[at..];
        if let Some(length) = self.bracket(rest) {
            return (LexKind::Bracket, length);
        }
        if rest.starts_with("*/") {
            return (LexKind::Bracket, 2);
        }
        let Some(first) = rest.chars().next() else {
            return (LexKind::Blank, 1);
        };
        match first {
            // The client takes it for the begin of a command of its own, which the line ends.
            '\\' if rest[1..].is_empty() || rest[1..].starts_with(['\n', '\r']) => {
                return (LexKind::Blank, 1);
            }
            '"' if self.ansi => return (LexKind::Name, lexer::quoted_length(rest, b'"', false)),
            '"' | '\'' => {
                let length = lexer::quoted_length(rest, first as u8, self.escapes);
                return (LexKind::Text, length.min(rest.len()));
            }
            _ => {}
        }
        let (kind, length) = lexer::next_token(rest, first);
        let kind = match kind {
            TokenKind::Blank => LexKind::Blank,
            TokenKind::Comment => LexKind::Comment,
            TokenKind::Word => LexKind::Word,
            TokenKind::Quoted => LexKind::Name,
            TokenKind::String => LexKind::Text,
            TokenKind::Number => LexKind::Number,
            TokenKind::Symbol => LexKind::Mark,
        };
        (kind, length)
    }

    fn is_open(&self, text: &str, span: Range<usize>, kind: LexKind) -> bool {
        if span.end < text.len() {
            return false;
        }
        let piece = &text[span];
        match kind {
            LexKind::Comment => {
                piece.starts_with("/*") && (piece.len() < 4 || !piece.ends_with("*/"))
            }
            LexKind::Name | LexKind::Text => {
                let quote = piece.as_bytes()[0];
                let escapes = self.escapes && kind == LexKind::Text;
                !is_closed(piece.as_bytes(), quote, escapes)
            }
            // b'01' and x'1F' are numbers in quotes.
            LexKind::Number if piece.as_bytes().get(1) == Some(&b'\'') => {
                !is_closed(&piece.as_bytes()[1..], b'\'', false)
            }
            _ => false,
        }
    }

    fn command(&self, line: &str) -> Option<Command> {
        let line = line.trim();
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        if word.eq_ignore_ascii_case("delimiter") {
            let delimiter = rest.split_whitespace().next().unwrap_or_default();
            return Some(if delimiter.is_empty() {
                Command::Problem("DELIMITER names no delimiter".to_owned())
            } else {
                Command::Delimiter(delimiter.to_owned())
            });
        }
        let problem = |why: &str| Some(Command::Problem(why.to_owned()));
        match word {
            "\\." => problem("another file is read here, which only the client can do"),
            "\\!" => problem("a program is run here, which only the client can do"),
            _ if word.eq_ignore_ascii_case("source") && !rest.is_empty() => {
                problem("another file is read here, which only the client can do")
            }
            _ if word.eq_ignore_ascii_case("system") && !rest.is_empty() => {
                problem("a program is run here, which only the client can do")
            }
            _ if word.eq_ignore_ascii_case("xa")
                && ["start", "begin"].iter().any(|first| {
                    let given = rest.trim_start().get(..first.len());
                    given.is_some_and(|given| given.eq_ignore_ascii_case(first))
                }) =>
            {
                problem(
                    "what runs in a transaction of XA can't be recorded: leave the lines of XA out",
                )
            }
            "\\-" => Some(Command::Harmless),
            _ => None,
        }
    }

    fn nesting(&self, seen: &Seen<'_>, word: &str) -> Nesting {
        bodies::nesting(seen, word)
    }

    fn parentheses_hold(&self) -> bool {
        false
    }

    fn takes_rows(&self, _: &str) -> bool {
        false
    }
}

fn is_closed(bytes: &[u8], quote: u8, escapes: bool) -> bool {
    let mut at = 1;
    while at < bytes.len() {
        if escapes && bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use realign_planner::script::{Scripts as _, split};

    use super::*;
    use crate::MySql;

    fn cut(script: &str) -> Vec<String> {
        let facts = crate::facts::offline("mariadb-10.11").unwrap();
        let found = split(script, &Reading::of(&facts));
        assert_eq!(found.problems, [], "{script}");
        found.statements.into_iter().map(|s| s.sql).collect()
    }

    #[test]
    fn statements_end_at_the_delimiter() {
        assert_eq!(
            cut("SELECT ';' -- a;\n, \";\", `;` /* ; */;\n# c;\n;; SELECT 2"),
            ["SELECT ';' -- a;\n, \";\", `;`", "SELECT 2"]
        );
        assert_eq!(
            cut(
                "DELIMITER //\r\nCREATE PROCEDURE p() BEGIN SELECT 1; END//\r\ndelimiter ;\r\nSELECT 2;"
            ),
            ["CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT 2"]
        );
        assert_eq!(
            cut(
                "/*!40101 SET NAMES utf8 */;\n/*!50003 CREATE*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a = 1; END */;"
            ),
            [
                "/*!40101 SET NAMES utf8 */",
                "/*!50003 CREATE*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN SET @a = 1; END */"
            ]
        );
    }

    #[test]
    fn bodies_are_whole_without_a_delimiter() {
        let bodies = [
            "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW IF NEW.a > 1 THEN SET NEW.a = IF(NEW.a > 2, 3, 4); END IF",
            "CREATE DEFINER=`root`@`%` PROCEDURE p(IN x INT) READS SQL DATA BEGIN IF (x) THEN SELECT CASE x WHEN 1 THEN 2 ELSE IF(x, 1, 2) END; ELSEIF x = 2 THEN SELECT 2; END IF; CASE x WHEN 1 THEN SELECT 1; END CASE; l: LOOP LEAVE l; END LOOP; WHILE x DO SET x = 0; END WHILE; REPEAT SET x = REPEAT('a', 2); UNTIL x END REPEAT; END",
            "CREATE OR REPLACE FUNCTION f(a INT) RETURNS INT DETERMINISTIC RETURN IF(a, 1, 2)",
            "CREATE PROCEDURE p() BEGIN DECLARE CONTINUE HANDLER FOR 3141 BEGIN END; DECLARE EXIT HANDLER FOR SQLSTATE '23000', 1062 BEGIN SELECT 1; END; DECLARE EXIT HANDLER FOR NOT FOUND, SQLEXCEPTION BEGIN SELECT 1; END; DECLARE EXIT HANDLER FOR SQLWARNING, `mine` BEGIN SELECT 2; END; END",
            "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO BEGIN DELETE FROM a; DELETE FROM b; END",
            "BEGIN NOT ATOMIC SELECT 1; IF 1 THEN SELECT 2; END IF; END",
            "IF (SELECT COUNT(*) FROM a) > 0 THEN INSERT INTO a VALUES (1); ELSEIF 1 THEN SELECT 2; END IF",
            "CASE WHEN 1 THEN SELECT 1; ELSE BEGIN SELECT 2; END; END CASE",
            "WHILE @i < 3 DO SET @i = @i + 1; END WHILE",
            "FOR r IN (SELECT a FROM t) DO INSERT INTO u VALUES (r.a); END FOR",
            "LOOP SELECT 1; END LOOP",
            "REPEAT SET @i = IF(@i, 1, 2); UNTIL @i END REPEAT",
            "CREATE TABLE t (event INT, `begin` DATE, begin_at INT)",
        ];
        for body in bodies {
            assert_eq!(cut(&format!("{body};\nSELECT 1;")), [body, "SELECT 1"]);
        }
        assert_eq!(
            cut("BEGIN;\nINSERT INTO t VALUES (1);\nCOMMIT;"),
            ["BEGIN", "INSERT INTO t VALUES (1)", "COMMIT"]
        );
    }

    #[test]
    fn several_statements_may_stand_before_a_delimiter() {
        let script = "DELIMITER //\nSET @a = 1;\nCREATE TABLE t (a INT);\nDROP PROCEDURE IF EXISTS p;\nCREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; SELECT CASE 1 WHEN 1 THEN 2 END; END;\nCREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW IF 1 THEN SET NEW.a = 1; END IF;\nCREATE TRIGGER h BEFORE DELETE ON t FOR EACH ROW SET @b = 2\n//\nDELIMITER ;\nSELECT 1;";
        assert_eq!(
            cut(script),
            [
                "SET @a = 1",
                "CREATE TABLE t (a INT)",
                "DROP PROCEDURE IF EXISTS p",
                "CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; SELECT CASE 1 WHEN 1 THEN 2 END; END",
                "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW IF 1 THEN SET NEW.a = 1; END IF",
                "CREATE TRIGGER h BEFORE DELETE ON t FOR EACH ROW SET @b = 2",
                "SELECT 1",
            ]
        );
        assert_eq!(
            cut(
                "DELIMITER $$\nCREATE PROCEDURE p() BEGIN SELECT 1; END$$\nSELECT 2$$\nDELIMITER ;"
            ),
            ["CREATE PROCEDURE p() BEGIN SELECT 1; END", "SELECT 2"]
        );
        assert_eq!(
            cut(
                "DELIMITER ;;\n/*!50003 CREATE*/ /*!50003 PROCEDURE p() BEGIN SELECT 1; END */;;\nSELECT 2;;"
            ),
            [
                "/*!50003 CREATE*/ /*!50003 PROCEDURE p() BEGIN SELECT 1; END */",
                "SELECT 2"
            ]
        );
    }

    #[test]
    fn a_backslash_that_ends_a_line_is_the_clients() {
        assert_eq!(
            cut("SELECT 1, \\\n  2, 'a\\\nb' \\\r\n;\nSELECT 3;"),
            ["SELECT 1, \n  2, 'a\\\nb'", "SELECT 3"]
        );
    }

    #[test]
    fn the_sessions_modes_decide_what_a_quote_is() {
        let mut facts = crate::facts::offline("mysql-8.0").unwrap();
        facts.settings.insert(
            "sql_mode".to_owned(),
            "NO_BACKSLASH_ESCAPES,ANSI_QUOTES".to_owned(),
        );
        let found = MySql.split("SELECT '\\'; SELECT \"a\"\";\";", &facts);
        let texts: Vec<&str> = found.statements.iter().map(|s| s.sql.as_str()).collect();
        assert_eq!(texts, ["SELECT '\\'", "SELECT \"a\"\";\""]);
    }

    #[test]
    fn places_and_problems_are_named() {
        let facts = crate::facts::offline("mysql-8.0").unwrap();
        let found = MySql.split(
            "\u{feff}SELECT 1;\r\n  SELECT é, 'x';\nsource a.sql\nxa  begin 'x';\nSELECT 'open",
            &facts,
        );
        assert_eq!(
            found
                .statements
                .iter()
                .map(|s| (s.line, s.column))
                .collect::<Vec<_>>(),
            [(1, 1), (2, 3), (5, 1)]
        );
        assert_eq!(found.problems.len(), 3, "{:?}", found.problems);
    }

    #[test]
    fn numbers_in_quotes_are_closed_as_well() {
        for (text, problems) in [("SELECT b'01", 1), ("SELECT x'1F", 1), ("SELECT x'1F'", 0)] {
            let found = MySql.split(text, &Facts::default());
            assert_eq!(found.problems.len(), problems, "{text}");
        }
    }
}
