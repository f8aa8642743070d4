//! The dialect against real servers: inspected, compared and changed as the program does it.

mod accounts;
mod chains;
mod everything;
mod forecast;
mod interpret;
mod mutants;
mod objects;
mod pairs;
mod refusals;
mod session;
mod shop;
