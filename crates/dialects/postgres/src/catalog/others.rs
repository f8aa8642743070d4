//! Objects that are kept as text, and comments of everything that has no place for one.

use realign_planner::Facts;

use super::{OWN_SCHEMA, no_extension, nobody_brought};
use crate::facts::since;

/// Kind, schema, table, name and text; some have more, with a unit separator between.
pub(super) fn others(facts: &Facts) -> String {
    let locale = if since(facts, 17) {
        "c.colllocale"
    } else if since(facts, 15) {
        "c.colliculocale"
    } else {
        "NULL::text"
    };
    [
        policies(),
        rules(),
        format!(
            "SELECT 'collation', n.nspname, NULL, c.collname, concat_ws(E'\\x1f', \
             'provider=' || CASE c.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' \
             ELSE 'libc' END, 'locale=' || coalesce({locale}, \
             CASE WHEN c.collcollate = c.collctype THEN c.collcollate END), \
             CASE WHEN c.collcollate <> c.collctype THEN 'lc_collate=' || c.collcollate END, \
             CASE WHEN c.collcollate <> c.collctype THEN 'lc_ctype=' || c.collctype END, \
             CASE WHEN NOT c.collisdeterministic THEN 'deterministic=false' END) \
             FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace \
             WHERE {OWN_SCHEMA} AND {}",
            no_extension("pg_collation", "c.oid")
        ),
        format!(
            "SELECT 'statistics', n.nspname, NULL, s.stxname, pg_get_statisticsobjdef(s.oid) \
             FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace \
             WHERE {OWN_SCHEMA} AND {}",
            no_extension("pg_statistic_ext", "s.oid")
        ),
        configurations(),
        format!(
            "SELECT 'text search dictionary', n.nspname, NULL, d.dictname, \
             'TEMPLATE = ' || t.tmplname || coalesce(', ' || d.dictinitoption, '') \
             FROM pg_ts_dict d JOIN pg_ts_template t ON t.oid = d.dicttemplate \
             JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE {OWN_SCHEMA} AND {}",
            no_extension("pg_ts_dict", "d.oid")
        ),
        operators(),
        format!(
            "SELECT 'event trigger', NULL, NULL, t.evtname, format( \
         'CREATE EVENT TRIGGER %I ON %s%s EXECUTE FUNCTION %s()', t.evtname, t.evtevent, \
         coalesce(' WHEN TAG IN (' || (SELECT string_agg(quote_literal(x), ', ') \
         FROM unnest(t.evttags) x) || ')', ''), t.evtfoid::regproc) FROM pg_event_trigger t \
         WHERE {}",
            no_extension("pg_event_trigger", "t.oid")
        ),
        format!(
            "SELECT 'cast', NULL, NULL, format_type(c.castsource, NULL) || ' AS ' || \
             format_type(c.casttarget, NULL), format('CREATE CAST (%s AS %s) %s%s', \
             format_type(c.castsource, NULL), format_type(c.casttarget, NULL), \
             CASE c.castmethod WHEN 'f' THEN 'WITH FUNCTION ' || c.castfunc::regprocedure \
             WHEN 'i' THEN 'WITH INOUT' ELSE 'WITHOUT FUNCTION' END, \
             CASE c.castcontext WHEN 'i' THEN ' AS IMPLICIT' WHEN 'a' THEN ' AS ASSIGNMENT' \
             ELSE '' END) FROM pg_cast c WHERE c.oid >= 16384 AND {}",
            nobody_brought("pg_cast", "c.oid")
        ),
        format!(
            "SELECT 'language', NULL, NULL, l.lanname, NULL FROM pg_language l \
             WHERE l.oid >= 16384 AND {}",
            no_extension("pg_language", "l.oid")
        ),
        "SELECT 'publication', NULL, NULL, p.pubname, NULL FROM pg_publication p".to_owned(),
        "SELECT 'server', NULL, NULL, s.srvname, NULL FROM pg_foreign_server s".to_owned(),
        format!(
            "SELECT 'foreign data wrapper', NULL, NULL, f.fdwname, NULL \
             FROM pg_foreign_data_wrapper f WHERE {}",
            no_extension("pg_foreign_data_wrapper", "f.oid")
        ),
        switched_triggers(),
    ]
    .join(" UNION ALL ")
        + " ORDER BY 1, 2, 3, 4"
}

fn policies() -> String {
    format!(
        "SELECT 'policy', n.nspname, c.relname, p.polname, concat_ws(E'\\x1f', \
         p.polpermissive::int::text, CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' \
         WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END, \
         (SELECT string_agg(CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r) END, ', ' \
         ORDER BY CASE WHEN r = 0 THEN 'public' ELSE pg_get_userbyid(r)::text END) \
         FROM unnest(p.polroles) r), coalesce(pg_get_expr(p.polqual, p.polrelid), ''), \
         coalesce(pg_get_expr(p.polwithcheck, p.polrelid), '')) \
         FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {OWN_SCHEMA}"
    )
}

fn rules() -> String {
    format!(
        "SELECT 'rule', n.nspname, c.relname, r.rulename, pg_get_ruledef(r.oid) \
         FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE r.rulename <> '_RETURN' AND {OWN_SCHEMA}"
    )
}

fn configurations() -> String {
    format!(
        "SELECT 'text search configuration', n.nspname, NULL, c.cfgname, \
         concat_ws(E'\\x1f', p.prsname, (SELECT string_agg(line, E'\\x1f' ORDER BY line) FROM ( \
         SELECT (SELECT t.alias FROM ts_token_type(c.cfgparser) t WHERE t.tokid = m.maptokentype) \
         || E'\\x1e' || string_agg(CASE WHEN o.nspname IN ('pg_catalog', 'public') THEN quote_ident(d.dictname) \
         ELSE quote_ident(o.nspname) || '.' || quote_ident(d.dictname) END, ', ' ORDER BY m.mapseqno) AS line \
         FROM pg_ts_config_map m JOIN pg_ts_dict d ON d.oid = m.mapdict \
         JOIN pg_namespace o ON o.oid = d.dictnamespace \
         WHERE m.mapcfg = c.oid GROUP BY m.maptokentype) x)) \
         FROM pg_ts_config c JOIN pg_ts_parser p ON p.oid = c.cfgparser \
         JOIN pg_namespace n ON n.oid = c.cfgnamespace WHERE {OWN_SCHEMA} AND {}",
        no_extension("pg_ts_config", "c.oid")
    )
}

fn operators() -> String {
    format!(
        "SELECT 'operator', n.nspname, NULL, o.oprname || ' (' || \
         coalesce(format_type(nullif(o.oprleft, 0), NULL), 'none') || ', ' || \
         coalesce(format_type(nullif(o.oprright, 0), NULL), 'none') || ')', concat_ws(', ', \
         'FUNCTION = ' || o.oprcode, \
         'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL), \
         'RIGHTARG = ' || format_type(nullif(o.oprright, 0), NULL), \
         CASE WHEN o.oprcom <> 0 THEN 'COMMUTATOR = OPERATOR(' || (SELECT m.nspname || '.' || x.oprname \
         FROM pg_operator x JOIN pg_namespace m ON m.oid = x.oprnamespace WHERE x.oid = o.oprcom) || ')' END, \
         CASE WHEN o.oprnegate <> 0 THEN 'NEGATOR = OPERATOR(' || (SELECT m.nspname || '.' || x.oprname \
         FROM pg_operator x JOIN pg_namespace m ON m.oid = x.oprnamespace WHERE x.oid = o.oprnegate) || ')' END, \
         CASE WHEN o.oprcanmerge THEN 'MERGES' END, CASE WHEN o.oprcanhash THEN 'HASHES' END, \
         CASE WHEN o.oprrest <> 0 THEN 'RESTRICT = ' || o.oprrest END, \
         CASE WHEN o.oprjoin <> 0 THEN 'JOIN = ' || o.oprjoin END) \
         FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace \
         WHERE o.oprcode <> 0 AND {OWN_SCHEMA} AND {}",
        no_extension("pg_operator", "o.oid")
    )
}

/// Triggers that do not fire as they usually would.
fn switched_triggers() -> String {
    format!(
        "SELECT 'switch', n.nspname, c.relname, t.tgname, CASE t.tgenabled WHEN 'D' \
         THEN 'DISABLED' WHEN 'A' THEN 'ENABLED ALWAYS' ELSE 'ENABLED ON A REPLICA' END \
         FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
         JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE t.tgenabled <> 'O' AND NOT t.tgisinternal AND t.tgparentid = 0 AND {OWN_SCHEMA}"
    )
}

/// Comments: of tables with their columns and of indexes by number; of anything else by what it
/// is and its name in parts, and so is that of a primary key's index, which nothing else keeps.
/// Views have theirs with them.
pub(super) fn comments() -> String {
    "SELECT '', m.objoid::text, m.objsubid::text, m.description FROM pg_description m \
     WHERE m.classoid = 'pg_class'::regclass \
     UNION ALL SELECT o.type, o.object_names, o.object_args, d.description \
     FROM (SELECT m.classoid, m.objoid, m.objsubid, m.description FROM pg_description m \
       LEFT JOIN pg_class c ON m.classoid = 'pg_class'::regclass AND c.oid = m.objoid \
       WHERE (m.objoid >= 16384 OR (m.classoid = 'pg_namespace'::regclass \
         AND m.description <> 'standard public schema' \
         AND m.objoid = (SELECT p.oid FROM pg_namespace p WHERE p.nspname = 'public'))) AND (c.oid IS NULL OR c.relkind IN ('S', 'c', 'f') \
         OR (c.relkind IN ('v', 'm') AND m.objsubid > 0) OR (c.relkind IN ('i', 'I') AND EXISTS (SELECT 1 FROM pg_index i \
           WHERE i.indexrelid = c.oid AND i.indisprimary))) \
       AND m.classoid <> 'pg_extension'::regclass \
       AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.classid = m.classoid \
         AND e.objid = m.objoid AND e.deptype = 'e')) d, \
     LATERAL (SELECT a.type, array_to_string(a.object_names, E'\\x1f') AS object_names, \
       array_to_string(a.object_args, E'\\x1f') AS object_args \
       FROM pg_identify_object_as_address(d.classoid, d.objoid, d.objsubid) a) o \
     ORDER BY 1, 2, 3"
        .to_owned()
}
