//! The realign command.
fn main() {}
