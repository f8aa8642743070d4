//! Columns.

use realign_model::{Column, DataType, FloatWidth, Identity, MySqlTable, Table, TableOptions};
use realign_planner::{Aspect, AspectDifference, Facts, Side, Verdict};

use crate::assemble::charset_of;
use crate::expr;
use crate::expr::default_of;
use crate::facts::{Capability, can, is_mariadb};
use crate::types;

/// Every way in which a live column differs from the declared one.
pub(super) fn differences(
    (is, is_table): (&Column, &Table),
    (wish, wish_table): (&Column, &Table),
    facts: &Facts,
    unknown: &mut Vec<AspectDifference>,
) -> Vec<AspectDifference> {
    let mut found = Vec::new();
    let mut differs = |aspect, declared: Side, database: Side| {
        found.push(AspectDifference {
            aspect,
            declared,
            database,
        });
    };
    if !same_type(is, wish, facts) {
        differs(
            Aspect::Type,
            type_side(&wish.data_type, facts),
            type_side(&is.data_type, facts),
        );
    }
    // A key's columns can't be NULL, whatever is declared.
    let in_key = wish_table.primary_key.as_deref().is_some_and(|key| {
        key.columns()
            .any(|name| name.text.eq_ignore_ascii_case(&wish.name.text))
    });
    let nullable = wish.nullable && !in_key;
    if is.nullable != nullable {
        let side = |nullable| Side::plain(if nullable { "NULL" } else { "NOT NULL" });
        differs(Aspect::Nullability, side(nullable), side(is.nullable));
    }
    default(is, wish, facts, &mut differs, unknown);
    let auto = |c: &Column| c.identity.is_some();
    if auto(is) != auto(wish) {
        let side = |c: &Column| {
            Side::plain(match c.identity {
                Some(Identity::AutoIncrement | Identity::Serial | Identity::Identity { .. }) => {
                    "AUTO_INCREMENT"
                }
                None => "no AUTO_INCREMENT",
            })
        };
        differs(Aspect::Identity, side(wish), side(is));
    }
    generated(is, wish, &mut differs, unknown);
    let updated = |c: &Column| match &c.on_update {
        None => Side::plain("no ON UPDATE"),
        Some(update) => Side::new(
            format!("ON UPDATE {update}"),
            default_of(Some(update), &c.data_type).text(),
        ),
    };
    if updated(is).normalised != updated(wish).normalised && !implied_timestamp(is, wish, facts) {
        differs(Aspect::OnUpdate, updated(wish), updated(is));
    }
    collation((is, is_table), (wish, wish_table), &mut differs);
    if is.invisible != wish.invisible {
        let side = |c: &Column| Side::plain(if c.invisible { "INVISIBLE" } else { "visible" });
        differs(Aspect::Visibility, side(wish), side(is));
    }
    found
}

fn type_side(data_type: &DataType, facts: &Facts) -> Side {
    Side::new(
        types::render(data_type, facts),
        types::render(&normal_type(data_type), facts),
    )
}

fn same_type(is: &Column, wish: &Column, facts: &Facts) -> bool {
    let (live, declared) = (normal_type(&is.data_type), normal_type(&wish.data_type));
    if live == declared {
        return true;
    }
    match (&live, &declared) {
        // A width that nobody declared says nothing; where the server keeps none, a declared
        // one can't be found.
        (
            DataType::Int {
                width: w1,
                unsigned: u1,
                display: d1,
                zerofill: z1,
            },
            DataType::Int {
                width: w2,
                unsigned: u2,
                display: d2,
                zerofill: z2,
            },
        ) => {
            w1 == w2
                && u1 == u2
                && z1 == z2
                && (d1 == d2 || d2.is_none() || can(facts, Capability::NoDisplayWidths) && !z1)
        }
        // Written by an application that declares it as text with Doctrine's mark for JSON,
        // the values are JSON anyway.
        (DataType::Json { .. }, DataType::Text { .. }) if is_mariadb(facts) => {
            wish.type_mark.as_deref() == Some("json")
        }
        _ => false,
    }
}

/// The type with all that the engine fills in.
fn normal_type(data_type: &DataType) -> DataType {
    match data_type.clone() {
        DataType::Decimal {
            precision,
            scale,
            unsigned,
        } => DataType::Decimal {
            precision: Some(precision.unwrap_or(10)),
            scale: Some(scale.unwrap_or(0)),
            unsigned,
        },
        DataType::Char { len } => DataType::Char {
            len: Some(len.unwrap_or(1)),
        },
        DataType::Binary { len } => DataType::Binary {
            len: Some(len.unwrap_or(1)),
        },
        DataType::Bit { len, varying } => DataType::Bit {
            len: Some(len.unwrap_or(1)),
            varying,
        },
        DataType::Time { precision, zone } => DataType::Time {
            precision: Some(precision.unwrap_or(0)),
            zone,
        },
        DataType::DateTime { precision } => DataType::DateTime {
            precision: Some(precision.unwrap_or(0)),
        },
        DataType::Timestamp { precision } => DataType::Timestamp {
            precision: Some(precision.unwrap_or(0)),
        },
        DataType::Json { .. } => DataType::Json { binary: false },
        DataType::Native(text) => DataType::Native(text.to_lowercase()),
        DataType::Float {
            width: FloatWidth::Single | FloatWidth::Double,
            ..
        }
        | DataType::Int { .. }
        | DataType::Boolean
        | DataType::Varchar { .. }
        | DataType::Text { .. }
        | DataType::Varbinary { .. }
        | DataType::Blob { .. }
        | DataType::Date
        | DataType::Year
        | DataType::Interval
        | DataType::Uuid
        | DataType::Enum { .. }
        | DataType::Set { .. }
        | DataType::Array(_) => data_type.clone(),
    }
}

fn default(
    is: &Column,
    wish: &Column,
    facts: &Facts,
    differs: &mut impl FnMut(Aspect, Side, Side),
    unknown: &mut Vec<AspectDifference>,
) {
    use crate::expr::Default;

    // A generated column has none.
    if is.generated.is_some() || wish.generated.is_some() || implied_timestamp(is, wish, facts) {
        return;
    }
    // Both are read as values of the declared type: a difference of the types is told apart.
    let (live, declared) = (
        default_of(is.default.as_ref(), &wish.data_type),
        default_of(wish.default.as_ref(), &wish.data_type),
    );
    if live == declared {
        return;
    }
    let side = |column: &Column, normal: &Default| {
        Side::new(
            column
                .default
                .as_ref()
                .map_or_else(|| "no default".to_owned(), |d| format!("DEFAULT {d}")),
            normal.text(),
        )
    };
    let sides = (side(wish, &declared), side(is, &live));
    let verdict = match (&is.default, &wish.default) {
        (Some(a), Some(b))
            if matches!(live, Default::Computed(_) | Default::Unread(_))
                && matches!(declared, Default::Computed(_) | Default::Unread(_)) =>
        {
            expr::same(a, b)
        }
        _ => Verdict::Different,
    };
    match verdict {
        Verdict::Same => {}
        Verdict::Different => differs(Aspect::Default, sides.0, sides.1),
        Verdict::Unknown => unknown.push(AspectDifference {
            aspect: Aspect::Default,
            declared: sides.0,
            database: sides.1,
        }),
    }
}

/// Servers with `explicit_defaults_for_timestamp` off give a TIMESTAMP NOT NULL without a
/// default one of their own.
fn implied_timestamp(is: &Column, wish: &Column, facts: &Facts) -> bool {
    matches!(
        facts.setting("explicit_defaults_for_timestamp"),
        "0" | "OFF"
    ) && matches!(wish.data_type, DataType::Timestamp { .. })
        && !wish.nullable
        && wish.default.is_none()
        && wish.on_update.is_none()
        && is.default.is_some()
}

fn generated(
    is: &Column,
    wish: &Column,
    differs: &mut impl FnMut(Aspect, Side, Side),
    unknown: &mut Vec<AspectDifference>,
) {
    let side = |column: &Column| match &column.generated {
        None => Side::plain("not generated"),
        Some(generated) => {
            let kind = match generated.kind {
                realign_model::GeneratedKind::Virtual => "VIRTUAL",
                realign_model::GeneratedKind::Stored => "STORED",
            };
            let text = &generated.expr.text;
            Side::new(
                format!("GENERATED ALWAYS AS ({text}) {kind}"),
                format!(
                    "{} {kind}",
                    expr::canonical(text).map_or_else(|| text.clone(), |c| c.text)
                ),
            )
        }
    };
    let verdict = match (&is.generated, &wish.generated) {
        (None, None) => Verdict::Same,
        (Some(a), Some(b)) if a.kind == b.kind => expr::same(&a.expr, &b.expr),
        _ => Verdict::Different,
    };
    match verdict {
        Verdict::Same => {}
        Verdict::Different => differs(Aspect::Generated, side(wish), side(is)),
        Verdict::Unknown => unknown.push(AspectDifference {
            aspect: Aspect::Generated,
            declared: side(wish),
            database: side(is),
        }),
    }
}

/// The typed options of a table, where it has them.
pub(crate) fn mysql_options(table: &Table) -> Option<&MySqlTable> {
    match &table.options {
        TableOptions::MySql(options) => Some(options),
        TableOptions::None | TableOptions::Sqlite(_) | TableOptions::Postgres(_) => None,
    }
}

/// The collation of a live column: its own, else that of its table.
pub(crate) fn collation_of<'a>(column: &'a Column, table: &'a Table) -> Option<&'a str> {
    if !column.data_type.is_text() {
        return None;
    }
    column
        .collation
        .as_deref()
        .or_else(|| mysql_options(table).and_then(|options| options.collation.as_deref()))
}

/// The collation that is declared for a table itself, or the character set if only that is.
pub(crate) fn declared_collation(table: &Table) -> Option<&str> {
    let options = mysql_options(table).filter(|options| !options.collation_implied)?;
    options.collation.as_deref().or(options.charset.as_deref())
}

fn collation(
    (is, is_table): (&Column, &Table),
    (wish, wish_table): (&Column, &Table),
    differs: &mut impl FnMut(Aspect, Side, Side),
) {
    // JSON has a collation of its own, and so has what is no text.
    if !wish.data_type.is_text() || !is.data_type.is_text() {
        return;
    }
    let Some(live) = collation_of(is, is_table) else {
        return;
    };
    let live_default = mysql_options(is_table).and_then(|options| options.collation.as_deref());
    let own = wish.collation.as_deref().or(wish.charset.as_deref());
    let same = match own {
        Some(declared) => same_collation(live, declared),
        // The one of the table: as declared for it, or as it is. Where the two differ the
        // table is converted, and its columns with it.
        None => {
            live_default.is_none_or(|default| same_collation(live, default))
                || declared_collation(wish_table).is_some_and(|d| same_collation(live, d))
        }
    };
    if !same {
        let declared = own
            .or_else(|| declared_collation(wish_table))
            .or(live_default)
            .unwrap_or_default();
        differs(
            Aspect::Collation,
            Side::new(declared, normal_collation(declared)),
            Side::new(live, normal_collation(live)),
        );
    }
}

/// Whether a live collation is the declared one. A declared character set alone is met by
/// any of its collations: which one is its default is up to the server.
pub(super) fn same_collation(live: &str, declared: &str) -> bool {
    let (live, declared) = (normal_collation(live), normal_collation(declared));
    live == declared || (!declared.contains('_') && charset_of(&live) == declared)
}

/// `utf8` is the old name of `utf8mb3`.
pub(crate) fn normal_collation(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    if name == "utf8" {
        return "utf8mb3".to_owned();
    }
    match name.strip_prefix("utf8_") {
        Some(rest) => format!("utf8mb3_{rest}"),
        None => name,
    }
}
