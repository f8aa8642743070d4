//! `realign demo`.
