//! What a statement's answer is made of.

use mysql::Conn;
use mysql::consts::{ColumnFlags, ColumnType};
use mysql::prelude::Queryable;
use realign_planner::Value;
use realign_runtime::{Answer, ServerWarning};

pub(super) fn ask(connection: &mut Conn, sql: &str) -> Result<Answer, mysql::Error> {
    ask_after(connection, &[], sql)
}

/// A statement after others, in one message.
pub(super) fn ask_after(
    connection: &mut Conn,
    opening: &[String],
    sql: &str,
) -> Result<Answer, mysql::Error> {
    let sets = if opening.is_empty() {
        sets(connection, sql)?
    } else {
        sets(connection, &format!("{}; {sql}", opening.join("; ")))?
    };
    // A CALL may give several result sets; the first one is the answer.
    let first = sets.into_iter().nth(opening.len());
    let mut answer = first.unwrap_or_default();
    // What all of it changed is told with the last.
    answer.affected = connection.affected_rows();
    if connection.warnings() > 0 {
        answer.warnings = warnings(connection)?;
    }
    Ok(answer)
}

/// All result sets of a text: every one has to be read before the session can be used again.
pub(super) fn sets(connection: &mut Conn, sql: &str) -> Result<Vec<Answer>, mysql::Error> {
    let mut answers = Vec::new();
    all_sets(connection, sql, &mut answers)?;
    Ok(answers)
}

/// The same; those that came before a refusal are there as well.
pub(super) fn all_sets(
    connection: &mut Conn,
    sql: &str,
    answers: &mut Vec<Answer>,
) -> Result<(), mysql::Error> {
    let mut result = connection.query_iter(sql)?;
    while let Some(set) = result.iter() {
        let columns: Vec<mysql::Column> = set.columns().as_ref().to_vec();
        let mut answer = Answer {
            affected: set.affected_rows(),
            ..Answer::default()
        };
        answer.rows.columns = columns.iter().map(|c| c.name_str().into_owned()).collect();
        for row in set {
            let values = row?.unwrap().into_iter().zip(&columns);
            let row = values.map(|(value, column)| plain(value, column));
            answer.rows.rows.push(row.collect());
        }
        answers.push(answer);
    }
    Ok(())
}

fn warnings(connection: &mut Conn) -> Result<Vec<ServerWarning>, mysql::Error> {
    let rows = sets(connection, "SHOW WARNINGS")?.into_iter().next();
    Ok(rows.map(|set| told(&set.rows)).unwrap_or_default())
}

/// The rows of SHOW WARNINGS: level, code, words.
pub(super) fn told(rows: &realign_planner::Rows) -> Vec<ServerWarning> {
    let warning = |row: &Vec<Value>| {
        let word = |at: usize| row.get(at).map(Value::display).unwrap_or_default();
        (word(0), word(1).parse().unwrap_or(0_u16), word(2))
    };
    rows.rows
        .iter()
        .map(warning)
        .map(|(level, code, message)| ServerWarning {
            // 1292 and 1366 also tell of a comparison in a query, where nothing is
            // lost, but no generated statement compares what does not convert.
            // A note tells of rounding, which was asked about before.
            truncation: level != "Note"
                && matches!(
                    code,
                    1048 | 1062 | 1264 | 1265 | 1292 | 1364 | 1366 | 1406 | 1411 | 1452
                ),
            level,
            code: code.to_string(),
            message,
        })
        .collect()
}

/// A value of the text protocol, typed by its column.
fn plain(value: mysql::Value, column: &mysql::Column) -> Value {
    let bytes = match value {
        mysql::Value::NULL => return Value::Null,
        mysql::Value::Int(n) => return Value::Int(n),
        mysql::Value::UInt(n) => return i64::try_from(n).map_or(Value::UInt(n), Value::Int),
        mysql::Value::Float(n) => return Value::Real(f64::from(n)),
        mysql::Value::Double(n) => return Value::Real(n),
        mysql::Value::Bytes(bytes) => bytes,
        date @ (mysql::Value::Date(..) | mysql::Value::Time(..)) => {
            return Value::Text(date.as_sql(true).trim_matches('\'').to_owned());
        }
    };
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => return Value::Bytes(error.into_bytes().into()),
    };
    match column.column_type() {
        ColumnType::MYSQL_TYPE_TINY
        | ColumnType::MYSQL_TYPE_SHORT
        | ColumnType::MYSQL_TYPE_INT24
        | ColumnType::MYSQL_TYPE_LONG
        | ColumnType::MYSQL_TYPE_LONGLONG
        | ColumnType::MYSQL_TYPE_YEAR
            if !column.flags().contains(ColumnFlags::ZEROFILL_FLAG) =>
        {
            match (text.parse::<i64>(), text.parse::<u64>()) {
                (Ok(n), _) => Value::Int(n),
                (_, Ok(n)) => Value::UInt(n),
                _ => Value::Text(text),
            }
        }
        ColumnType::MYSQL_TYPE_FLOAT | ColumnType::MYSQL_TYPE_DOUBLE => {
            text.parse().map_or(Value::Text(text), Value::Real)
        }
        ColumnType::MYSQL_TYPE_BIT | ColumnType::MYSQL_TYPE_GEOMETRY => {
            Value::Bytes(text.into_bytes().into())
        }
        // The catalogue has text in binary collations; control characters give away
        // what is no text at all.
        _ if column.character_set() == BINARY
            && text.chars().any(|c| c.is_control() && !c.is_whitespace()) =>
        {
            Value::Bytes(text.into_bytes().into())
        }
        _ => Value::Text(text),
    }
}

/// The number of the collation `binary`.
const BINARY: u16 = 63;
