//! Changes that need more than one statement: views around a type, keys around a key, rows.
