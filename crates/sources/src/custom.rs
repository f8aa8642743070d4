//! Types of the application's own: what `Type::addType` registers, told by the configuration, as
//! PHP is not run.

use std::borrow::Cow;

use realign_planner::{CustomName, DbalType, DoctrineColumn};

use crate::source::{CustomForm, CustomTypes};

/// Length of a `string` that is given none.
const DEFAULT_LENGTH: u32 = 255;

/// The column as the platform shall declare it: a type of the application's own gives way to what
/// it stands for. A length, precision or scale of the field goes before that of the type.
pub(crate) fn resolved<'a>(
    column: &'a DoctrineColumn,
    types: &CustomTypes,
) -> Cow<'a, DoctrineColumn> {
    let Some(custom) = types.get(&column.type_name) else {
        return Cow::Borrowed(column);
    };
    let mut made = column.clone();
    let mut name = CustomName {
        name: column.type_name.clone(),
        marked: custom.marked,
        sql: None,
    };
    match &custom.form {
        CustomForm::Sql(sql) => name.sql = Some(sql.clone()),
        CustomForm::Dbal {
            name,
            length,
            precision,
            scale,
            fixed,
        } => {
            made.type_name.clone_from(name);
            let text = DbalType::of(name) == Some(DbalType::String);
            made.length = made.length.or(*length).or(text.then_some(DEFAULT_LENGTH));
            made.precision = made.precision.or(*precision);
            made.scale = made.scale.or(*scale);
            made.fixed |= *fixed;
        }
    }
    made.custom = Some(name);
    Cow::Owned(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::CustomType;

    fn field(type_name: &str, length: Option<u32>) -> DoctrineColumn {
        DoctrineColumn {
            length,
            ..DoctrineColumn::new("a", type_name)
        }
    }

    fn types(name: &str, form: CustomForm) -> CustomTypes {
        let custom = CustomType { form, marked: true };
        [(name.to_owned(), custom)].into_iter().collect()
    }

    fn dbal(name: &str, length: Option<u32>) -> CustomForm {
        CustomForm::Dbal {
            name: name.to_owned(),
            length,
            precision: None,
            scale: None,
            fixed: true,
        }
    }

    #[test]
    fn a_type_of_dbals_stays_as_it_is() {
        let column = field("integer", None);
        let same = resolved(&column, &types("uuid", dbal("binary", Some(16))));
        assert!(matches!(same, Cow::Borrowed(_)));
    }

    #[test]
    fn a_type_of_the_applications_gives_what_the_field_leaves_out() {
        let types = types("uuid", dbal("binary", Some(16)));
        for (own, expected) in [(None, 16), (Some(32), 32)] {
            let column = field("uuid", own);
            let made = resolved(&column, &types);
            assert_eq!(made.type_name, "binary");
            assert_eq!(made.length, Some(expected));
            assert!(made.fixed);
            assert_eq!(made.mapped_type(), "uuid");
            assert_eq!(made.type_mark(false), "uuid");
        }
    }

    #[test]
    fn a_string_by_another_name_has_the_length_of_a_string() {
        let types = types("slug", dbal("string", None));
        assert_eq!(resolved(&field("slug", None), &types).length, Some(255));
    }

    #[test]
    fn a_type_may_take_the_name_of_one_of_dbals() {
        let types = types("datetime", dbal("datetime", None));
        let column = field("datetime", None);
        let made = resolved(&column, &types);
        assert_eq!(made.type_name, "datetime");
        assert_eq!(made.type_mark(false), "datetime");
    }
}
