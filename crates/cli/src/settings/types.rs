//! `[schema.types]`, resolved for the engine in use.

use std::collections::BTreeMap;

use realign::runtime::{Error, ErrorKind};
use realign::sources::{CustomForm, CustomType, CustomTypes};
use realign::{Engine, vendors};

use crate::config;

/// The types as written, with nothing in them that no engine could understand.
pub(super) fn checked(
    written: &BTreeMap<String, config::CustomType>,
) -> Result<BTreeMap<String, config::CustomType>, Error> {
    for (name, custom) in written {
        check(name, custom)?;
    }
    Ok(written.clone())
}

/// What they are on an engine. What `on` says for the very product goes first, then what it says
/// for another product of the same engine, then the rest.
pub(crate) fn on(
    written: &BTreeMap<String, config::CustomType>,
    engine: &Engine,
    vendor: &str,
) -> CustomTypes {
    let resolve = |custom: &config::CustomType| {
        let config::CustomType::Described(described) = custom else {
            return form(custom, false);
        };
        let marked = described.marked.unwrap_or_default();
        let related = || engine.vendors().find_map(|vendor| described.on.get(vendor));
        let own = described.on.get(vendor).or_else(related);
        form(own.unwrap_or(custom), marked)
    };
    written
        .iter()
        .map(|(name, custom)| (name.clone(), resolve(custom)))
        .collect()
}

fn form(custom: &config::CustomType, marked: bool) -> CustomType {
    match custom {
        config::CustomType::Like(name) => CustomType {
            form: CustomForm::Dbal {
                name: name.clone(),
                length: None,
                precision: None,
                scale: None,
                fixed: false,
            },
            marked,
        },
        config::CustomType::Described(described) => CustomType {
            form: match &described.sql {
                Some(sql) => CustomForm::Sql(sql.clone()),
                None => CustomForm::Dbal {
                    name: described.like.clone().unwrap_or_default(),
                    length: described.length,
                    precision: described.precision,
                    scale: described.scale,
                    fixed: described.fixed.unwrap_or_default(),
                },
            },
            marked: described.marked.unwrap_or(marked),
        },
    }
}

fn check(name: &str, custom: &config::CustomType) -> Result<(), Error> {
    let wrong = |what: String| {
        Error::new(ErrorKind::Usage, what).with_note(format!("at schema.types.{name}"))
    };
    let config::CustomType::Described(described) = custom else {
        return Ok(());
    };
    match (&described.like, &described.sql) {
        (None, None) => {
            return Err(wrong(format!("nothing says what the type `{name}` is"))
                .with_help("write `type` with the name of a type of DBAL's, or `sql`"));
        }
        (Some(_), Some(_)) => {
            return Err(wrong(format!(
                "the type `{name}` is given both ways, as `type` and as `sql`"
            ))
            .with_help("leave one of them out"));
        }
        (None, Some(sql)) if sql.trim().is_empty() => {
            return Err(wrong(format!("the SQL of the type `{name}` is empty")));
        }
        _ => {}
    }
    for (vendor, custom) in &described.on {
        if !vendors().any(|known| known == vendor) {
            return Err(
                wrong(format!("no engine is called `{vendor}`")).with_help(format!(
                    "known are: {}",
                    vendors().collect::<Vec<_>>().join(", ")
                )),
            );
        }
        if matches!(custom, config::CustomType::Described(inner) if !inner.on.is_empty()) {
            return Err(wrong(format!(
                "what the type `{name}` is on {vendor} can't depend on the engine once more"
            )));
        }
        check(name, custom)?;
    }
    Ok(())
}
