//! `realign doctor`.
