//! What a step costs and whom it breaks, as far as the server's version tells.

use std::fmt::Write as _;

use realign_model::{
    Column, DataType, Generated, GeneratedKind, Ident, Index, IndexKind, ObjectName,
};
use realign_planner::{Aspect, Facts, Loss, Risk, Step, TableChange};

use crate::compare::{character_bytes, mysql_options};
use crate::expr::mentions;
use crate::facts::is_mariadb;
use crate::lower::{Modified, Scene};
use crate::render::quote_ident;

/// Nobody waits.
pub(crate) const ONLINE: &str = "R101";
/// The table is written anew.
pub(crate) const REWRITES: &str = "R102";
/// Writers wait until it is done.
pub(crate) const LOCKS: &str = "R103";
/// Values are lost.
pub(crate) const LOSES: &str = "R301";
/// Another name.
pub(crate) const RENAMES: &str = "R303";
/// Code that does not know a column can't insert.
pub(crate) const MANDATORY: &str = "R304";
/// What present rows get.
pub(crate) const FILLS: &str = "R305";
/// A foreign key is away for a while.
pub(crate) const STANDS_ASIDE: &str = "R306";
/// A view or trigger names what goes.
pub(crate) const MENTIONED: &str = "R307";

/// How the server carries a change out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Cost {
    /// Only the catalogue changes.
    Instant,
    /// In place, without the rows, while others write.
    InPlace,
    /// In place, reading or writing all rows, while others write.
    Rebuild,
    /// In place, while writers wait.
    Shared,
    /// Into a new table, while writers wait.
    Copy,
}

impl Cost {
    fn words(self) -> &'static str {
        match self {
            Self::Instant => "ALGORITHM=INSTANT, only the catalogue changes",
            Self::InPlace => "ALGORITHM=INPLACE, LOCK=NONE: writers go on",
            Self::Rebuild => {
                "ALGORITHM=INPLACE, LOCK=NONE: the table is rebuilt while writers go on"
            }
            Self::Shared => "ALGORITHM=INPLACE, LOCK=SHARED: writers wait",
            Self::Copy => "ALGORITHM=COPY: the table is copied and writers wait",
        }
    }

    fn class(self) -> (Risk, &'static str) {
        match self {
            Self::Instant | Self::InPlace => (Risk::Safe, ONLINE),
            Self::Shared => (Risk::Locking, LOCKS),
            Self::Rebuild | Self::Copy => (Risk::Rewriting, REWRITES),
        }
    }
}

/// Gives a step the class of its cost, once each.
fn cost(step: &mut Step, cost: Cost, why: &str, table: &ObjectName, scene: &Scene<'_>) {
    let (risk, code) = cost.class();
    let mut text = format!("{why}: {}", cost.words());
    if cost > Cost::InPlace
        && let Some(size) = size(table, scene)
    {
        let _ = write!(text, "; {size}");
    }
    if step.reasons.iter().any(|reason| reason.text == text) {
        return;
    }
    step.raise(risk, code, text);
}

/// Rows and bytes of a table, as the server estimates them.
fn size(table: &ObjectName, scene: &Scene<'_>) -> Option<String> {
    let live = scene.names.old_table(table, scene.facts);
    let size = scene.lowering.sizes.get(&live.name.text)?;
    let rows = size.rows?;
    let bytes = size.bytes.unwrap_or(0);
    let mut text = format!("about {rows} rows");
    if bytes >= 1 << 30 {
        let _ = write!(text, ", {} GiB", bytes >> 30);
    } else if bytes >= 1 << 20 {
        let _ = write!(text, ", {} MiB", bytes >> 20);
    }
    Some(text)
}

/// True when the table is InnoDB's; other engines copy, and lock.
fn is_innodb(change: &TableChange) -> bool {
    mysql_options(&change.is)
        .and_then(|options| options.engine.as_deref())
        .is_none_or(|engine| engine.eq_ignore_ascii_case("InnoDB"))
}

/// True from these versions on.
fn since(facts: &Facts, mysql: (u32, u32, u32), mariadb: (u32, u32, u32)) -> bool {
    let (major, minor, patch) = if is_mariadb(facts) { mariadb } else { mysql };
    facts.version.at_least(major, minor, patch)
}

pub(crate) fn add_column(
    step: &mut Step,
    column: &Column,
    change: &TableChange,
    scene: &Scene<'_>,
) {
    let stored = matches!(
        column.generated,
        Some(Generated {
            kind: GeneratedKind::Stored,
            ..
        })
    );
    let how = if !is_innodb(change) || stored || column.identity.is_some() {
        Cost::Copy
    } else if since(scene.facts, (8, 0, 12), (10, 3, 2)) {
        Cost::Instant
    } else {
        Cost::Rebuild
    };
    cost(step, how, "a new column", &change.target.name, scene);
    if column.can_be_left_out() {
        return;
    }
    step.raise(
        Risk::Breaking,
        MANDATORY,
        format!(
            "inserts of code that does not know {} yet fail: it is NOT NULL without a default",
            column.name
        ),
    );
    let filler = match &column.data_type {
        DataType::Int { .. }
        | DataType::Boolean
        | DataType::Decimal { .. }
        | DataType::Float { .. }
        | DataType::Year
        | DataType::Bit { .. } => Some("0".to_owned()),
        DataType::Char { .. }
        | DataType::Varchar { .. }
        | DataType::Text { .. }
        | DataType::Binary { .. }
        | DataType::Varbinary { .. }
        | DataType::Blob { .. }
        | DataType::Set { .. } => Some("an empty text".to_owned()),
        DataType::Enum { values } => values.first().map(|word| format!("'{word}'")),
        DataType::Time { .. } => Some("00:00:00".to_owned()),
        _ => None,
    };
    if let Some(filler) = filler {
        step.raise(
            Risk::Safe,
            FILLS,
            format!("rows that are there get {filler} as {}", column.name),
        );
    }
}

pub(crate) fn drop_column(step: &mut Step, change: &TableChange, scene: &Scene<'_>) {
    let how = if !is_innodb(change) {
        Cost::Copy
    } else if since(scene.facts, (8, 0, 29), (10, 4, 0)) {
        Cost::Instant
    } else {
        Cost::Rebuild
    };
    cost(step, how, "a column goes", &change.target.name, scene);
}

pub(crate) fn modify_column(
    step: &mut Step,
    modified: &Modified<'_>,
    change: &TableChange,
    scene: &Scene<'_>,
) {
    let name = &modified.wish.name;
    let how = modified
        .differences
        .iter()
        .map(|difference| aspect_cost(difference.aspect, modified, change, scene.facts))
        .max()
        .unwrap_or(Cost::Instant);
    let how = if is_innodb(change) || how <= Cost::InPlace {
        how
    } else {
        Cost::Copy
    };
    cost(
        step,
        how,
        &format!("{name} changes"),
        &change.target.name,
        scene,
    );
}

/// A column that is dropped and added in one statement, since only so it can become computed
/// on each reading, or cease to be it.
pub(crate) fn made_anew(
    step: &mut Step,
    modified: &Modified<'_>,
    change: &TableChange,
    scene: &Scene<'_>,
) {
    let name = &modified.wish.name;
    cost(
        step,
        Cost::Copy,
        &format!("{name} is made anew"),
        &change.target.name,
        scene,
    );
    if modified.wish.generated.is_some() && modified.is.generated.is_some() {
        return;
    }
    step.raise(
        Risk::Destructive,
        LOSES,
        format!("column {}.{name} loses its values", change.target.name),
    );
    let table = scene.names.old_table(&change.is.name, scene.facts);
    step.losses.push(Loss {
        object: format!("column {}.{name}", change.target.name),
        count_sql: format!(
            "SELECT COUNT({}) FROM {}",
            quote_ident(&modified.from.text),
            quote_ident(&table.name.text)
        ),
        unit: "values".to_owned(),
    });
}

fn aspect_cost(
    aspect: Aspect,
    modified: &Modified<'_>,
    change: &TableChange,
    facts: &Facts,
) -> Cost {
    match aspect {
        Aspect::Default | Aspect::Comment | Aspect::TypeMark | Aspect::OnUpdate | Aspect::Name => {
            Cost::Instant
        }
        Aspect::Visibility => Cost::Instant,
        Aspect::Nullability => Cost::Rebuild,
        Aspect::Type => type_cost(modified, change, facts),
        _ => Cost::Copy,
    }
}

fn type_cost(modified: &Modified<'_>, change: &TableChange, facts: &Facts) -> Cost {
    let options = mysql_options(&change.is);
    let width = modified
        .is
        .charset
        .as_deref()
        .or_else(|| options.and_then(|options| options.charset.as_deref()))
        .map_or(4, character_bytes);
    match (&modified.is.data_type, &modified.wish.data_type) {
        // Up to 255 bytes a value has one byte for its length, beyond that two.
        (DataType::Varchar { len: Some(a) }, DataType::Varchar { len: Some(b) }) if a <= b => {
            let (a, b) = (a.saturating_mul(width), b.saturating_mul(width));
            if a > 255 || b <= 255 || since(facts, (99, 0, 0), (10, 4, 3)) {
                if is_mariadb(facts) {
                    Cost::Instant
                } else {
                    Cost::InPlace
                }
            } else {
                Cost::Copy
            }
        }
        // New words at the end need no new row, as long as a byte holds all of them.
        (DataType::Enum { values: a }, DataType::Enum { values: b })
            if b.starts_with(a) && (b.len() < 256) == (a.len() < 256) =>
        {
            Cost::Instant
        }
        _ => Cost::Copy,
    }
}

pub(crate) fn primary_key(step: &mut Step, has_new: bool, change: &TableChange, scene: &Scene<'_>) {
    let how = if has_new && is_innodb(change) {
        Cost::Rebuild
    } else {
        Cost::Copy
    };
    cost(
        step,
        how,
        "rows are stored by their primary key",
        &change.target.name,
        scene,
    );
}

pub(crate) fn create_index(
    step: &mut Step,
    index: &Index,
    change: &TableChange,
    scene: &Scene<'_>,
) {
    let how = match index.kind {
        _ if !is_innodb(change) => Cost::Copy,
        IndexKind::Fulltext { .. } | IndexKind::Spatial => Cost::Shared,
        IndexKind::Plain | IndexKind::Method(_) => Cost::InPlace,
    };
    cost(step, how, "a new index", &change.target.name, scene);
}

pub(crate) fn add_foreign_key(step: &mut Step, table: &ObjectName, scene: &Scene<'_>) {
    // A new table has no rows to copy.
    if scene.live(table).is_some() {
        cost(
            step,
            Cost::Copy,
            "each row is checked against its new foreign key",
            table,
            scene,
        );
    }
}

pub(crate) fn add_check(step: &mut Step, change: &TableChange, scene: &Scene<'_>) {
    cost(
        step,
        Cost::Copy,
        "each row is checked",
        &change.target.name,
        scene,
    );
}

/// A change of options that copies the table.
pub(crate) fn rewrite(step: &mut Step, table: &ObjectName, scene: &Scene<'_>, why: &str) {
    cost(step, Cost::Copy, why, table, scene);
}

/// Another row format.
pub(crate) fn row_format(step: &mut Step, change: &TableChange, scene: &Scene<'_>) {
    let how = if is_innodb(change) {
        Cost::Rebuild
    } else {
        Cost::Copy
    };
    cost(step, how, "another row format", &change.target.name, scene);
}

/// Names the views that mention what goes or changes its name.
pub(crate) fn mention_views(step: &mut Step, table: &str, column: Option<&str>, scene: &Scene<'_>) {
    for view in &scene.lowering.is.views {
        if mentions(&view.query, table) && column.is_none_or(|name| mentions(&view.query, name)) {
            let what = column.map_or_else(|| table.to_owned(), |name| format!("{table}.{name}"));
            step.raise(
                Risk::Breaking,
                MENTIONED,
                format!(
                    "view {} mentions {what}, and may fail from then on",
                    view.name
                ),
            );
        }
    }
}

/// Names the triggers that mention a column that goes or changes its name.
pub(crate) fn triggers(step: &mut Step, column: &Ident, change: &TableChange, scene: &Scene<'_>) {
    let live = scene.names.old_table(&change.is.name, scene.facts);
    for trigger in &scene.lowering.is.triggers {
        let own = trigger
            .table
            .name
            .text
            .eq_ignore_ascii_case(&live.name.text)
            || mentions(&trigger.source_text, &live.name.text);
        if own && mentions(&trigger.source_text, column.as_str()) {
            step.raise(
                Risk::Breaking,
                MENTIONED,
                format!(
                    "trigger {} mentions {column}; writes to {} may fail from then on",
                    trigger.name, trigger.table
                ),
            );
        }
    }
}
