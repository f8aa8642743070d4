//! DBAL's platform classes for MySQL and MariaDB.

use indexmap::IndexMap;
use realign_model::{Column, DataType, ForeignKey, Ident, Index, ObjectName, TableOptions};
use realign_planner::{
    Diagnostic, DoctrineColumn, DoctrineIndex, DoctrinePlatform, Facts, IdSource, OptionValue,
    TableDefaults,
};

/// The one value.
pub(crate) static PLATFORM: Platform = Platform;

/// The platform that DBAL would choose for a server.
pub(crate) struct Platform;

impl DoctrinePlatform for Platform {
    fn column(
        &self,
        column: &DoctrineColumn,
        _facts: &Facts,
        _remarks: &mut Vec<Diagnostic>,
    ) -> Result<Column, Diagnostic> {
        Ok(Column::new(column.name.clone(), DataType::Year))
    }

    fn index(
        &self,
        index: &DoctrineIndex,
        _facts: &Facts,
        _remarks: &mut Vec<Diagnostic>,
    ) -> Index {
        Index::over(
            Some(index.name.clone()),
            index.columns.clone(),
            index.unique,
        )
    }

    fn table_options(
        &self,
        _options: &IndexMap<String, OptionValue>,
        _defaults: &TableDefaults,
        _facts: &Facts,
    ) -> (TableOptions, Option<String>) {
        (TableOptions::None, None)
    }

    fn id_source(&self, _strategy: &str, _facts: &Facts) -> IdSource {
        IdSource::Identity
    }

    fn supports_foreign_keys(&self, _facts: &Facts) -> bool {
        true
    }

    fn foreign_key(&self, key: ForeignKey, _facts: &Facts) -> ForeignKey {
        key
    }

    fn quote(&self, name: &str) -> String {
        crate::render::quote_ident(name)
    }

    fn max_identifier_length(&self, _facts: &Facts) -> usize {
        63
    }

    fn table_name(&self, schema: Option<Ident>, name: Ident, _facts: &Facts) -> ObjectName {
        ObjectName::new(schema, name)
    }
}
