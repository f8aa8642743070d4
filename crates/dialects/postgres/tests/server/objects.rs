//! Objects beside tables, and in what order they are made.

use super::updates::goes;

#[test]
fn objects_are_made_in_schemas_that_are_there_and_in_new_ones() {
    let from = "CREATE SCHEMA app; CREATE TABLE app.t (id INT PRIMARY KEY);";
    goes(
        from,
        "CREATE SCHEMA app; CREATE TABLE app.t (id INT PRIMARY KEY); CREATE SCHEMA other;
         CREATE FUNCTION app.f() RETURNS INT LANGUAGE sql AS 'SELECT 1';
         CREATE TYPE app.e AS ENUM ('a'); CREATE DOMAIN other.d AS app.e CHECK (VALUE <> 'a');
         CREATE TYPE app.pair AS (a other.d, b TEXT); CREATE DOMAIN app.whole AS app.pair;
         CREATE COLLATION other.z (locale = 'C'); CREATE DOMAIN app.b AS TEXT COLLATE other.z;
         CREATE FUNCTION other.f() RETURNS INT LANGUAGE sql AS 'SELECT app.f()';
         CREATE TABLE other.u (d other.d, b app.b DEFAULT 'x');",
    );
}
