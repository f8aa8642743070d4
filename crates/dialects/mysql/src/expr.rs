//! Expressions: normal forms for comparison.
