//! Rights on PostgreSQL, where only its owner changes a table.

use realign::planner::Value;
use realign::runtime::Connection;

use super::super::{Report, State};

/// The account, its schema, the right to make things there, how many tables it may not read,
/// and the owners of what it may not change.
const QUERY: &str = "\
SELECT quote_ident(current_user), quote_ident(n.nspname), \
  has_schema_privilege(n.oid, 'CREATE')::int, \
  (SELECT count(*) FROM pg_class c WHERE c.relnamespace = n.oid \
     AND c.relkind IN ('r', 'p', 'v', 'm') AND NOT has_table_privilege(c.oid, 'SELECT')), \
  (SELECT string_agg(DISTINCT quote_ident(pg_get_userbyid(c.relowner)), ', ') FROM pg_class c \
     WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p', 'v', 'm', 'S') \
     AND NOT pg_has_role(c.relowner, 'USAGE')) \
FROM pg_namespace n WHERE n.nspname = current_schema()";

pub(super) fn check(connection: &mut Connection, report: &mut Report) -> anyhow::Result<()> {
    let row = match connection.run(QUERY)? {
        Ok(answer) => answer.rows.rows.into_iter().next(),
        Err(refusal) => {
            return report.say("privileges", State::Skipped, refusal.to_string(), None);
        }
    };
    let Some(row) = row else {
        return report.failed(
            "privileges",
            "this account may use no schema of its search path",
            "GRANT USAGE ON SCHEMA public TO the account, or ALTER ROLE … SET search_path",
        );
    };
    let text = |at: usize| match row.get(at) {
        None | Some(Value::Null) => String::new(),
        Some(value) => value.display(),
    };
    let (user, schema, unread, owners) = (text(0), text(1), text(3), text(4));
    if unread != "0" {
        report.note(
            "privileges",
            format!("{user} may not look at the rows of {unread} tables or views of {schema}"),
            format!("GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {user};"),
        )?;
    }
    let mut lacks = Vec::new();
    let mut grants = Vec::new();
    if text(2) != "1" {
        lacks.push(format!("no CREATE on schema {schema}"));
        grants.push(format!("GRANT CREATE ON SCHEMA {schema} TO {user};"));
    }
    if !owners.is_empty() {
        lacks.push(format!("objects belong to {owners}"));
        grants.push(format!("GRANT {owners} TO {user};"));
    }
    if lacks.is_empty() {
        return report.fine(
            "privileges",
            format!("{user} may read and change schema {schema}"),
        );
    }
    report.note(
        "privileges",
        format!("{user} may not apply changes: {}", lacks.join(", ")),
        format!("only if it shall: {}", grants.join(" ")),
    )
}
