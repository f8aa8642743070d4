//! The catalogue queries: as many for one table as for ten thousand.
//!
//! They read `pg_catalog` only, so that an account with no rights on any table sees the same.
//! What belongs to an extension, to the server or to a session is left out, and so is what a
//! partition or an heir only has from its parent. Names are resolved here or by number in
//! `assemble.rs`; whatever costs a call per row is asked only where it is needed.

mod others;

use realign_planner::{CatalogQuery, Facts};

use crate::facts::since;

/// Schemas of the server itself and of sessions.
const OWN_SCHEMA: &str = "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'";

/// Objects that CREATE EXTENSION made.
fn no_extension(class: &str, oid: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '{class}'::regclass \
         AND e.objid = {oid} AND e.deptype = 'e')"
    )
}

/// The queries, in the order that [`crate::assemble`] takes their answers.
pub(crate) fn queries(facts: &Facts) -> Vec<CatalogQuery> {
    let query = |name, sql: String| CatalogQuery { name, sql };
    vec![
        query("relations", relations()),
        query("columns", columns(facts)),
        query("indexes", indexes(facts)),
        query("constraints", constraints(facts)),
        query("sequences", sequences()),
        query("views", views()),
        query("routines and triggers", routines()),
        query("types", type_objects(facts)),
        query("schemas and extensions", schemas()),
        query("names", names()),
        query("others", others::others(facts)),
        query("comments", others::comments()),
    ]
}

/// The same, and what a type brings along: the functions and casts of a range.
fn nobody_brought(class: &str, oid: &str) -> String {
    no_extension(class, oid).replace("= 'e'", "IN ('e', 'i')")
}

fn relations() -> String {
    format!(
        "SELECT c.oid, n.nspname, c.relname, c.relkind, c.relpersistence, \
         d.description, array_to_string(c.reloptions, ', '), \
         CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, \
         c.reltuples::bigint, c.relpages::bigint * 8192, c.relrowsecurity::int, \
         (SELECT string_agg(i.inhparent::text, ' ' ORDER BY i.inhseqno) \
          FROM pg_inherits i WHERE i.inhrelid = c.oid), \
         CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END, \
         c.relforcerowsecurity::int, \
         CASE c.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' END \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_description d ON d.objoid = c.oid AND d.objsubid = 0 \
         AND d.classoid = 'pg_class'::regclass \
         WHERE c.relkind IN ('r', 'p', 'f') AND {OWN_SCHEMA} \
         AND {} ORDER BY n.nspname, c.relname",
        no_extension("pg_class", "c.oid")
    )
}

fn columns(facts: &Facts) -> String {
    let compression = if since(facts, 14) {
        "nullif(a.attcompression, '')"
    } else {
        "NULL"
    };
    format!(
        "SELECT a.attrelid, a.attnum, a.attname, format_type(a.atttypid, a.atttypmod), \
         a.attnotnull::int, a.attidentity, a.attgenerated, \
         pg_get_expr(d.adbin, d.adrelid), m.description, \
         CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation END, a.attcollation, \
         CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END, {compression}, \
         CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END, \
         array_to_string(a.attoptions, E'\\x1f') \
         FROM pg_attribute a \
         JOIN pg_class c ON c.oid = a.attrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_type t ON t.oid = a.atttypid \
         LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum \
         LEFT JOIN pg_description m ON m.objoid = a.attrelid AND m.objsubid = a.attnum \
         AND m.classoid = 'pg_class'::regclass \
         WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 \
         AND NOT a.attisdropped AND {OWN_SCHEMA} ORDER BY a.attrelid, a.attnum"
    )
}

fn indexes(facts: &Facts) -> String {
    let nulls = if since(facts, 15) {
        "i.indnullsnotdistinct::int"
    } else {
        "0"
    };
    format!(
        "SELECT i.indrelid, c.relname, i.indisunique::int, i.indisprimary::int, i.indisvalid::int, \
         m.amname, i.indnkeyatts, i.indkey::text, i.indoption::text, i.indclass::text, \
         i.indcollation::text, pg_get_expr(i.indpred, i.indrelid), \
         CASE WHEN i.indexprs IS NOT NULL THEN (SELECT string_agg(CASE WHEN i.indkey[k - 1] = 0 \
         THEN pg_get_indexdef(i.indexrelid, k, true) ELSE '' END, E'\\x1f' ORDER BY k) \
         FROM generate_series(1, i.indnkeyatts) k) END, \
         k.conname, k.contype, {nulls}, d.description, \
         k.condeferrable::int, k.condeferred::int, array_to_string(c.reloptions, E'\\x1f'), \
         s.targets, \
         i.indisclustered::int, i.indisreplident::int \
         FROM pg_index i \
         JOIN pg_class c ON c.oid = i.indexrelid \
         JOIN pg_class t ON t.oid = i.indrelid \
         JOIN pg_namespace n ON n.oid = t.relnamespace \
         JOIN pg_am m ON m.oid = c.relam \
         LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x') \
         LEFT JOIN pg_description d ON d.objoid = i.indexrelid AND d.objsubid = 0 \
         AND d.classoid = 'pg_class'::regclass \
         LEFT JOIN (SELECT a.attrelid, string_agg(a.attnum || '=' || a.attstattarget, E'\\x1f') \
         AS targets FROM pg_attribute a WHERE a.attnum > 0 AND a.attstattarget >= 0 \
         GROUP BY a.attrelid) s ON s.attrelid = i.indexrelid \
         WHERE t.relkind IN ('r', 'p') AND NOT c.relispartition AND {OWN_SCHEMA} \
         ORDER BY i.indrelid, c.relname"
    )
}

fn constraints(facts: &Facts) -> String {
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
    format!(
        "SELECT k.conrelid, k.conname, k.contype, array_to_string(k.conkey, ' '), k.confrelid, \
         array_to_string(k.confkey, ' '), k.confdeltype, k.confupdtype, k.confmatchtype, \
         k.condeferrable::int, k.condeferred::int, k.convalidated::int, \
         CASE WHEN k.contype = 'c' THEN pg_get_expr(k.conbin, k.conrelid) \
         WHEN k.contype = 'x' THEN pg_get_constraintdef(k.oid) END, {enforced}, k.connoinherit::int, {touched} \
         FROM pg_constraint k \
         JOIN pg_class c ON c.oid = k.conrelid \
         JOIN pg_namespace n ON n.oid = k.connamespace \
         WHERE k.contype IN ('f', 'c', 'x', 'u') AND k.conparentid = 0 AND k.conislocal \
         AND {OWN_SCHEMA} ORDER BY k.conrelid, k.conname"
    )
}

fn sequences() -> String {
    format!(
        "SELECT n.nspname, c.relname, format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement, \
         s.seqmin, s.seqmax, s.seqcache, s.seqcycle::int, d.refobjid, d.refobjsubid, d.deptype, c.relpersistence \
         FROM pg_sequence s \
         JOIN pg_class c ON c.oid = s.seqrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid \
         AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 \
         WHERE {OWN_SCHEMA} AND c.relpersistence <> 't' AND {} ORDER BY n.nspname, c.relname",
        no_extension("pg_class", "c.oid")
    )
}

/// Views with everything that has to be said again when one is made anew: owner, rights,
/// comments, and the indexes of a stored one.
fn views() -> String {
    format!(
        "SELECT n.nspname, c.relname, c.relkind, pg_get_viewdef(c.oid), \
         array_to_string(c.reloptions, ', '), c.relispopulated::int, \
         (SELECT string_agg(x.statement, E'\\x1f' ORDER BY x.place, x.statement) FROM ( \
           SELECT 1 AS place, format('ALTER %s %s OWNER TO %I', \
             CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, \
             c.oid::regclass, pg_get_userbyid(c.relowner)) AS statement \
           WHERE c.relowner <> (SELECT u.oid FROM pg_roles u WHERE u.rolname = current_user) \
           UNION ALL \
           SELECT 2, format('GRANT %s ON %s TO %s%s', a.privilege_type, c.oid::regclass, \
             CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, \
             CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
           FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner \
           UNION ALL \
           SELECT 3, format('COMMENT ON %s %s IS %L', \
             CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, \
             c.oid::regclass, obj_description(c.oid, 'pg_class')) \
           WHERE obj_description(c.oid, 'pg_class') IS NOT NULL \
           UNION ALL \
           SELECT 3, format('ALTER %s %s ALTER COLUMN %I SET %s', \
             CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, \
             c.oid::regclass, a.attname, s.said) \
           FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid, LATERAL ( \
             SELECT 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) AS said FROM pg_attrdef d \
             WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum \
             UNION ALL SELECT 'STATISTICS ' || a.attstattarget WHERE a.attstattarget >= 0 \
             UNION ALL SELECT 'STORAGE ' || CASE a.attstorage WHEN 'p' THEN 'PLAIN' \
               WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END \
             WHERE c.relkind = 'm' AND a.attstorage <> t.typstorage) s \
           WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
           UNION ALL \
           SELECT 4, pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = c.oid \
         ) x) \
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE c.relkind IN ('v', 'm') AND {OWN_SCHEMA} AND {} ORDER BY n.nspname, c.relname",
        no_extension("pg_class", "c.oid")
    )
}

fn routines() -> String {
    format!(
        "SELECT 'routine', n.nspname, p.proname, p.prokind::text, \
         pg_get_function_identity_arguments(p.oid), \
         CASE WHEN p.prokind = 'a' THEN (SELECT 'CREATE AGGREGATE ' || p.oid::regproc || '(' || \
           CASE WHEN p.pronargs = 0 THEN '*' ELSE pg_get_function_arguments(p.oid) END || \
           ') (SFUNC = ' || g.aggtransfn || ', STYPE = ' || format_type(g.aggtranstype, NULL) || \
           CASE WHEN g.aggtransspace = 0 THEN '' ELSE ', SSPACE = ' || g.aggtransspace END || \
           CASE WHEN g.aggfinalfn = 0 THEN '' ELSE ', FINALFUNC = ' || g.aggfinalfn END || \
           CASE WHEN g.aggfinalextra THEN ', FINALFUNC_EXTRA' ELSE '' END || \
           CASE WHEN g.aggcombinefn = 0 THEN '' ELSE ', COMBINEFUNC = ' || g.aggcombinefn END || \
           CASE WHEN g.aggserialfn = 0 THEN '' ELSE ', SERIALFUNC = ' || g.aggserialfn END || \
           CASE WHEN g.aggdeserialfn = 0 THEN '' ELSE ', DESERIALFUNC = ' || g.aggdeserialfn END || \
           coalesce(', INITCOND = ' || quote_literal(g.agginitval), '') || \
           CASE WHEN g.aggmtransfn = 0 THEN '' ELSE ', MSFUNC = ' || g.aggmtransfn || \
             ', MINVFUNC = ' || g.aggminvtransfn || ', MSTYPE = ' || \
             format_type(g.aggmtranstype, NULL) END || \
           CASE WHEN g.aggsortop = 0 THEN '' ELSE ', SORTOP = ' || g.aggsortop::regoperator END || \
           CASE WHEN g.aggkind = 'h' THEN ', HYPOTHETICAL' ELSE '' END || \
           CASE p.proparallel WHEN 's' THEN ', PARALLEL = safe' WHEN 'r' THEN \
             ', PARALLEL = restricted' ELSE '' END || ')' \
           FROM pg_aggregate g WHERE g.aggfnoid = p.oid) \
         ELSE pg_get_functiondef(p.oid) END, NULL, NULL, {} \
         FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace \
         WHERE p.prokind IN ('f', 'p', 'a', 'w') AND {OWN_SCHEMA} AND {} \
         UNION ALL \
         SELECT 'trigger', n.nspname, t.tgname, NULL, NULL, pg_get_triggerdef(t.oid), \
         n.nspname, c.relname, NULL \
         FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND {OWN_SCHEMA} \
         ORDER BY 1, 2, 3, 5",
        legacy_of_routine(),
        nobody_brought("pg_proc", "p.oid")
    )
}

/// What has to be said again of a routine that is made anew: its owner, its rights, its comment.
/// Everybody may call one until that is taken back.
fn legacy_of_routine() -> &'static str {
    "(SELECT string_agg(x.statement, E'\\x1f' ORDER BY x.place, x.statement) FROM ( \
       SELECT 1 AS place, format('ALTER ROUTINE %s OWNER TO %I', p.oid::regprocedure, \
         pg_get_userbyid(p.proowner)) AS statement \
       WHERE p.proowner <> (SELECT u.oid FROM pg_roles u WHERE u.rolname = current_user) \
       UNION ALL \
       SELECT 2, format('REVOKE EXECUTE ON ROUTINE %s FROM PUBLIC', p.oid::regprocedure) \
       WHERE p.proacl IS NOT NULL \
       AND NOT EXISTS (SELECT 1 FROM aclexplode(p.proacl) a WHERE a.grantee = 0) \
       UNION ALL \
       SELECT 3, format('GRANT %s ON ROUTINE %s TO %I%s', a.privilege_type, p.oid::regprocedure, \
         pg_get_userbyid(a.grantee), CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
       FROM aclexplode(p.proacl) a WHERE a.grantee NOT IN (0, p.proowner) \
       UNION ALL \
       SELECT 4, format('COMMENT ON ROUTINE %s IS %L', p.oid::regprocedure, \
         obj_description(p.oid, 'pg_proc')) WHERE obj_description(p.oid, 'pg_proc') IS NOT NULL \
     ) x)"
}

fn type_objects(facts: &Facts) -> String {
    // The usual name of a multirange is put together from that of its range.
    let multirange = if since(facts, 14) {
        "|| CASE WHEN (SELECT m.typname FROM pg_type m WHERE m.oid = r.rngmultitypid) = \
         CASE WHEN strpos(t.typname, 'range') > 0 THEN regexp_replace(t.typname, 'range', 'multirange') \
         ELSE t.typname || '_multirange' END THEN '' \
         ELSE E'\\x1fmultirange_type_name=' || format_type(r.rngmultitypid, NULL) END"
    } else {
        ""
    };
    format!(
        "SELECT n.nspname, t.typname, t.typtype, \
         CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) \
         WHEN t.typtype = 'c' THEN (SELECT string_agg(a.attname || E'\\x1e' || \
           format_type(a.atttypid, a.atttypmod) || E'\\x1e' || CASE WHEN a.attcollation <> b.typcollation \
           THEN a.attcollation::text ELSE '' END, E'\\x1f' ORDER BY a.attnum) FROM pg_attribute a \
           JOIN pg_type b ON b.oid = a.atttypid \
           WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) \
         WHEN t.typtype = 'r' THEN (SELECT 'subtype=' || format_type(r.rngsubtype, NULL) || \
           CASE WHEN r.rngcanonical = 0 THEN '' ELSE E'\\x1fcanonical=' || r.rngcanonical END || \
           CASE WHEN r.rngsubdiff = 0 THEN '' ELSE E'\\x1fsubtype_diff=' || r.rngsubdiff END \
           || CASE WHEN r.rngsubopc <> 0 AND NOT (SELECT o.opcdefault FROM pg_opclass o WHERE o.oid = r.rngsubopc) \
           THEN E'\\x1fsubtype_opclass=' || (SELECT o.opcname FROM pg_opclass o WHERE o.oid = r.rngsubopc) ELSE '' END \
           || CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> (SELECT b.typcollation FROM pg_type b WHERE b.oid = r.rngsubtype) \
           THEN E'\\x1fcollation=' || r.rngcollation::regcollation ELSE '' END {multirange} \
           FROM pg_range r WHERE r.rngtypid = t.oid) END, \
         t.typnotnull::int, t.typdefault, \
         (SELECT string_agg(e.enumlabel, E'\\x1f' ORDER BY e.enumsortorder) \
          FROM pg_enum e WHERE e.enumtypid = t.oid), \
         (SELECT string_agg(k.conname || E'\\x1e' || pg_get_expr(k.conbin, 0) || E'\\x1e' || \
          k.convalidated::int, E'\\x1f' ORDER BY k.conname) \
          FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'), \
         CASE WHEN t.typtype = 'd' AND t.typcollation <> (SELECT b.typcollation FROM pg_type b \
          WHERE b.oid = t.typbasetype) THEN t.typcollation END \
         FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace \
         LEFT JOIN pg_class c ON c.oid = t.typrelid \
         WHERE (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c')) \
         AND {OWN_SCHEMA} AND {} ORDER BY n.nspname, t.typname",
        no_extension("pg_type", "t.oid")
    )
}

fn schemas() -> String {
    format!(
        "SELECT 'schema', n.nspname, NULL, NULL FROM pg_namespace n WHERE {OWN_SCHEMA} AND {} \
         UNION ALL SELECT 'extension', x.extname, n.nspname, x.extversion \
         FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace \
         WHERE x.extname <> 'plpgsql' ORDER BY 1, 2",
        no_extension("pg_namespace", "n.oid")
    )
}

/// Names of what indexes and columns refer to by number: collations and operator classes
/// that are not the default of their type.
fn names() -> String {
    "SELECT 'collation', c.oid, c.collname, n.nspname FROM pg_collation c \
     JOIN pg_namespace n ON n.oid = c.collnamespace WHERE c.oid IN ( \
       SELECT unnest(i.indcollation::oid[]) FROM pg_index i WHERE i.indexrelid >= 16384 \
       UNION SELECT a.attcollation FROM pg_attribute a WHERE a.attrelid >= 16384 \
       UNION SELECT t.typcollation FROM pg_type t WHERE t.oid >= 16384) \
     UNION ALL \
     SELECT 'class', o.oid, o.opcname, n.nspname FROM pg_opclass o \
     JOIN pg_namespace n ON n.oid = o.opcnamespace WHERE NOT o.opcdefault \
     ORDER BY 1, 2"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::queries;
    use crate::facts::offline;

    #[test]
    fn their_number_is_fixed_and_newer_columns_are_asked_of_newer_servers() {
        let old = queries(&offline("postgresql-13").expect("known"));
        let new = queries(&offline("postgresql-18").expect("known"));
        assert_eq!(old.len(), new.len());
        assert!(!old.iter().any(|q| q.sql.contains("indnullsnotdistinct")));
        assert!(new.iter().any(|q| q.sql.contains("indnullsnotdistinct")));
        assert!(new.iter().any(|q| q.sql.contains("conenforced")));
    }
}
