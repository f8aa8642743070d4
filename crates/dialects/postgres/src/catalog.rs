//! The catalogue queries: as many for one table as for ten thousand.
//!
//! They read `pg_catalog` only, so that an account with no rights on any table sees the same.
//! What belongs to an extension, to the server or to a session is left out, and so is what a
//! partition or an heir only has from its parent. Names are resolved here or by number in
//! `assemble.rs`; whatever costs a call per row is asked only where it is needed. What the
//! planner of the server knows of its own catalogue may be old: no condition here makes it expect
//! few rows where there are many.

mod details;
mod others;
mod tables;

use realign_planner::{CatalogQuery, Facts};

pub(crate) use details::details;

use crate::facts::since;

/// Schemas of the server itself and of sessions.
const OWN_SCHEMA: &str = "n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'";

/// Objects that CREATE EXTENSION made.
fn no_extension(class: &str, oid: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '{class}'::regclass \
         AND e.objid = {oid} AND e.refclassid = 'pg_extension'::regclass AND e.deptype = 'e')"
    )
}

/// Where the answer to each query stands.
pub(crate) mod at {
    pub(crate) const RELATIONS: usize = 1;
    pub(crate) const COLUMNS: usize = 2;
    pub(crate) const INDEXES: usize = 3;
    pub(crate) const CONSTRAINTS: usize = 4;
    pub(crate) const SEQUENCES: usize = 5;
    pub(crate) const VIEWS: usize = 6;
    pub(crate) const ROUTINES: usize = 7;
    pub(crate) const TYPES: usize = 8;
    pub(crate) const SCHEMAS: usize = 9;
    pub(crate) const OTHERS: usize = 10;
    pub(crate) const COMMENTS: usize = 11;
    /// The answer to [`super::details`].
    pub(crate) const NAMES: usize = 12;
}

/// The queries, in the order of [`at`].
pub(crate) fn queries(facts: &Facts) -> Vec<CatalogQuery> {
    let query = |name, sql: String| CatalogQuery {
        name,
        sql,
        optional: false,
        setting: false,
    };
    vec![
        // The planner has no idea of how little these queries find, and would translate the larger
        // ones into machine code first: that takes longer than all of them. Only for this
        // transaction, as a pooler may hand the session on.
        CatalogQuery {
            setting: true,
            ..query("settings", "SET LOCAL jit = off".to_owned())
        },
        query("relations", tables::relations()),
        query("columns", tables::columns(facts)),
        query("indexes", tables::indexes(facts)),
        query("constraints", tables::constraints(facts)),
        query("sequences", sequences()),
        query("views", views()),
        query("routines and triggers", routines()),
        query("types", type_objects(facts)),
        query("schemas and extensions", schemas()),
        query("others", others::others(facts)),
        query("comments", others::comments()),
    ]
}

/// The same, and what a type brings along: the functions and casts of a range.
fn nobody_brought(class: &str, oid: &str) -> String {
    format!(
        "NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = '{class}'::regclass \
         AND e.objid = {oid} AND e.deptype IN ('e', 'i'))"
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
           SELECT 2, format('GRANT %s (%I) ON %s TO %s%s', a.privilege_type, t.attname, c.oid::regclass, \
             CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END, \
             CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) \
           FROM pg_attribute t, LATERAL aclexplode(t.attacl) a WHERE t.attrelid = c.oid \
           AND t.attnum > 0 AND NOT t.attisdropped AND a.grantee <> c.relowner \
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
