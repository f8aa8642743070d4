//! The commands, a module each.

pub(crate) mod alias;
pub(crate) mod backup;
pub(crate) mod cache;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod elsewhere;
pub(crate) mod history;
pub(crate) mod init;
pub(crate) mod last_run;
pub(crate) mod locked;
pub(crate) mod maintenance;
pub(crate) mod migrations;
pub(crate) mod planned;
pub(crate) mod schema;
pub(crate) mod status;
pub(crate) mod unlock;
pub(crate) mod upgrade;
