//! Tables with their columns, indexes and constraints.

use realign_planner::Facts;

use super::{OWN_SCHEMA, no_extension};
use crate::facts::since;

pub(super) fn relations() -> String {
    format!(
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, \
         array_to_string(c.reloptions, ', '), \
         CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, \
         c.reltuples::bigint, c.relpages::bigint * 8192, c.relrowsecurity::int, p.parents, \
         CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END, \
         c.relforcerowsecurity::int, \
         CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' END \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN (SELECT i.inhrelid, string_agg(i.inhparent::text, ' ' ORDER BY i.inhseqno) \
         AS parents FROM pg_inherits i GROUP BY i.inhrelid) p ON p.inhrelid = c.oid \
         WHERE c.relkind IN ('r', 'p', 'f') AND {OWN_SCHEMA} \
         AND {} ORDER BY n.nspname, c.relname",
        no_extension("pg_class", "c.oid")
    )
}

/// A line for each column, in no order. What most columns do not have is in one value.
///
/// An expression is printed for the table that its columns belong to, which the server then
/// opens: that takes longer than all the rest of the line. A default has no columns.
pub(super) fn columns(facts: &Facts) -> String {
    let compression = if since(facts, 14) {
        "a.attcompression"
    } else {
        "''"
    };
    format!(
        "SELECT a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attnotnull::int, \
         a.attcollation, a.attstorage, \
         CASE WHEN a.atthasdef THEN (SELECT CASE a.attgenerated WHEN '' \
           THEN pg_get_expr(d.adbin, 0) ELSE pg_get_expr(d.adbin, d.adrelid) END \
           FROM pg_attrdef d WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum) END, \
         CASE WHEN a.attidentity <> '' OR a.attgenerated <> '' OR {compression} <> '' \
         OR a.attstattarget >= 0 OR a.attoptions IS NOT NULL THEN \
         concat(a.attidentity, E'\\x1e', a.attgenerated, E'\\x1e', {compression}, E'\\x1e', \
         CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END, E'\\x1e', \
         array_to_string(a.attoptions, E'\\x1f')) END \
         FROM pg_attribute a \
         JOIN pg_class c ON c.oid = a.attrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND {OWN_SCHEMA}"
    )
}

/// A line for each index, in no order. Only a part that is an expression has statistics.
pub(super) fn indexes(facts: &Facts) -> String {
    let nulls = if since(facts, 15) {
        "i.indnullsnotdistinct::int"
    } else {
        "0"
    };
    format!(
        "SELECT i.indrelid, i.indexrelid, c.relname, i.indisunique::int, i.indisprimary::int, \
         i.indisvalid::int, m.amname, i.indnkeyatts, i.indkey, i.indoption, i.indclass, \
         i.indcollation, pg_get_expr(i.indpred, i.indrelid), \
         CASE WHEN i.indexprs IS NOT NULL THEN (SELECT string_agg(CASE WHEN i.indkey[k - 1] = 0 \
         THEN pg_get_indexdef(i.indexrelid, k, true) ELSE '' END, E'\\x1f' ORDER BY k) \
         FROM generate_series(1, i.indnkeyatts) k) END, \
         CASE WHEN i.indexprs IS NOT NULL THEN (SELECT string_agg(a.attnum || '=' || \
         a.attstattarget, E'\\x1f') FROM pg_attribute a WHERE a.attrelid = i.indexrelid \
         AND a.attnum > 0 AND a.attstattarget >= 0) END, \
         {nulls}, array_to_string(c.reloptions, E'\\x1f'), \
         i.indisclustered::int, i.indisreplident::int \
         FROM pg_index i \
         JOIN pg_class c ON c.oid = i.indexrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_am m ON m.oid = c.relam \
         WHERE NOT c.relispartition AND {OWN_SCHEMA}"
    )
}

/// A line for each constraint, in no order. Those that an index keeps tell its number; of an
/// exclusion that the table has from its parent there is no text.
pub(super) fn constraints(facts: &Facts) -> String {
    let enforced = if since(facts, 18) {
        "k.conenforced::int"
    } else {
        "1"
    };
    let touched = if since(facts, 15) {
        "array_to_string(k.confdelsetcols, ' ')"
    } else {
        "NULL"
    };
    let own = "k.conparentid = 0 AND k.conislocal";
    format!(
        "SELECT k.conrelid, k.conname, k.contype, k.conindid, array_to_string(k.conkey, ' '), \
         k.confrelid, array_to_string(k.confkey, ' '), k.confdeltype, k.confupdtype, \
         k.confmatchtype, k.condeferrable::int, k.condeferred::int, k.convalidated::int, \
         CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) \
         WHEN k.contype = 'x' AND {own} THEN pg_get_constraintdef(k.oid) END, \
         {enforced}, k.connoinherit::int, {touched} \
         FROM pg_constraint k \
         JOIN pg_namespace n ON n.oid = k.connamespace \
         WHERE k.conrelid <> 0 AND (k.contype IN ('p', 'u', 'x') \
         OR (k.contype IN ('f', 'c') AND {own})) AND {OWN_SCHEMA}"
    )
}
