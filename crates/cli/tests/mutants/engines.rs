//! Engines, as the tables of what is absent name them.

pub(crate) const MYSQL: &[&str] = &["mariadb", "mysql"];
pub(crate) const NOT_MYSQL: &[&str] = &["sqlite", "postgresql"];
pub(crate) const NOT_POSTGRES: &[&str] = &["sqlite", "mariadb", "mysql"];
pub(crate) const NOT_SQLITE: &[&str] = &["mariadb", "mysql", "postgresql"];
pub(crate) const POSTGRES: &[&str] = &["postgresql"];
pub(crate) const NOT_MARIADB: &[&str] = &["sqlite", "mysql", "postgresql"];
pub(crate) const NOT_MYSQL_ALONE: &[&str] = &["sqlite", "mariadb", "postgresql"];
pub(crate) const SQLITE: &[&str] = &["sqlite"];
pub(crate) const MYSQL_AND_SQLITE: &[&str] = &["sqlite", "mariadb", "mysql"];
pub(crate) const ALL: &[&str] = &["sqlite", "mariadb", "mysql", "postgresql"];
