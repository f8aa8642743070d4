//! What a session is asked before it has its settings.

use crate::support::TestDatabase;

#[test]
fn questions_do_without_settings_and_leave_them_to_what_comes_next() {
    let database = TestDatabase::with(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET datestyle = %L', current_database(), 'SQL, DMY'); END $$",
    );
    let mut connection = database.open();
    let style = "SHOW datestyle".to_owned();
    let style_of = |connection: &mut realign_runtime::Connection| {
        let asked = [style.clone(), "SELECT 'é', 7".to_owned()];
        let answers = connection.ask(&asked).expect("connected").expect("told");
        assert_eq!(answers[1].rows.rows[0].len(), 2);
        answers[0].rows.rows[0][0].display()
    };
    assert_eq!(style_of(&mut connection), "SQL, DMY");
    let refusal = connection.ask(&["SELECT nothing".to_owned()]);
    assert_eq!(
        refusal.expect("connected").expect_err("no column").code,
        "42703"
    );
    connection.query("SELECT 1").expect("told");
    assert_eq!(style_of(&mut connection), "ISO, YMD");
}
