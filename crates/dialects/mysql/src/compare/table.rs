//! Tables themselves.

use realign_model::{MySqlTable, Table};
use realign_planner::{Aspect, AspectDifference, Facts, Side};

use super::column::{normal_collation, same_collation};
use super::mysql_options;

/// Every way in which the table itself differs; `notes` takes what nobody declared.
pub(super) fn differences(
    is: &Table,
    wish: &Table,
    _facts: &Facts,
    notes: &mut Vec<AspectDifference>,
) -> Vec<AspectDifference> {
    let mut found = Vec::new();
    let none = MySqlTable::default();
    let live = mysql_options(is).unwrap_or(&none);
    let declared = mysql_options(wish).unwrap_or(&none);
    if let (Some(a), Some(b)) = (&live.engine, &declared.engine)
        && !a.eq_ignore_ascii_case(b)
    {
        let side = |name: &str| Side::new(format!("ENGINE = {name}"), name.to_ascii_lowercase());
        found.push(AspectDifference {
            aspect: Aspect::Engine,
            declared: side(b),
            database: side(a),
        });
    }
    let wanted = declared.collation.as_ref().or(declared.charset.as_ref());
    if let (Some(a), Some(b)) = (&live.collation, wanted)
        && !same_collation(a, b)
    {
        let side = |name: &str| Side::new(name, normal_collation(name));
        let list = if declared.collation_implied {
            &mut *notes
        } else {
            &mut found
        };
        list.push(AspectDifference {
            aspect: Aspect::Collation,
            declared: side(b),
            database: side(a),
        });
    }
    // One that nobody chose may change with the server's settings.
    let a = live.row_format.as_deref().unwrap_or("DEFAULT");
    if let Some(b) = &declared.row_format
        && !a.eq_ignore_ascii_case(b)
        && !b.eq_ignore_ascii_case("DEFAULT")
    {
        let side =
            |name: &str| Side::new(format!("ROW_FORMAT = {name}"), name.to_ascii_uppercase());
        found.push(AspectDifference {
            aspect: Aspect::Options,
            declared: side(b),
            database: side(a),
        });
    }
    for option in &declared.extra {
        if !live.extra.iter().any(|other| same_option(other, option)) {
            found.push(AspectDifference {
                aspect: Aspect::Options,
                declared: Side::new(option, normal_option(option)),
                database: Side::plain(format!("no {}", name_of(option))),
            });
        }
    }
    partitions(is, wish, declared, &mut found, notes);
    found
}

fn partitions(
    is: &Table,
    wish: &Table,
    declared: &MySqlTable,
    found: &mut Vec<AspectDifference>,
    notes: &mut Vec<AspectDifference>,
) {
    let side = |text: Option<&str>| {
        text.map_or_else(
            || Side::plain("not partitioned"),
            |text| Side::new(text, normal_clause(text)),
        )
    };
    let wanted = wish
        .partitioning
        .as_ref()
        .map(|p| p.clause.as_str())
        .or(declared.partition.as_deref());
    let live = is.partitioning.as_ref().map(|p| p.clause.as_str());
    let difference = AspectDifference {
        aspect: Aspect::Partitioning,
        declared: side(wanted),
        database: side(live),
    };
    if difference.declared.normalised == difference.database.normalised {
        return;
    }
    // New partitions are added and old ones dropped as time goes by; only a table that is
    // not partitioned at all is surely not what was declared.
    if wanted.is_some() && live.is_none() {
        found.push(difference);
    } else {
        notes.push(difference);
    }
}

/// The clause without quotes and blanks, in lower case.
fn normal_clause(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '`')
        .collect::<String>()
        .to_lowercase()
}

fn name_of(option: &str) -> &str {
    option
        .split_once('=')
        .map_or(option, |(name, _)| name.trim())
}

fn normal_option(option: &str) -> String {
    option
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '`' | '\'' | '"'))
        .collect::<String>()
        .to_lowercase()
}

fn same_option(a: &str, b: &str) -> bool {
    normal_option(a) == normal_option(b)
}
