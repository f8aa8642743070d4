//! `realign init` in small trees like those of real applications.

mod session;

use session::Session;

const MAPPING: &str = r#"<?xml version="1.0"?>
<doctrine-mapping xmlns="https://doctrine-project.org/schemas/orm/doctrine-mapping">
  <entity name="Entities\Vlan" table="vlan">
    <id name="id" type="integer"><generator strategy="AUTO"/></id>
    <field name="name" type="string" length="64"/>
  </entity>
</doctrine-mapping>
"#;

const LOCK: &str = r#"{
  "packages": [
    {"name": "doctrine/dbal", "version": "v2.5.13"},
    {"name": "doctrine/orm", "version": "v2.5.14"}
  ]
}"#;

/// A checkout like that of IXP Manager v4.
fn ixp_manager() -> Session {
    let app = Session::new();
    app.write("artisan", "#!/usr/bin/env php\n");
    app.write("database/xml/Entities.Vlan.dcm.xml", MAPPING);
    app.write("vendor/other/xml/Other.Thing.dcm.xml", MAPPING);
    app.write("tools/sql/views.sql", "DROP VIEW IF EXISTS v;\n");
    app.write("composer.lock", LOCK);
    app.write(
        "config/doctrine.php",
        "<?php\nreturn [\n  /*\n   * 'naming_strategy' => Some\\Example::class\n   */\n  'managers' => ['default' => ['meta' => 'xml']],\n];\n",
    );
    app.write(
        "config/database.php",
        "<?php\nreturn [\n  'migrations' => 'migrations',\n];\n",
    );
    app.write(
        ".env",
        "DB_HOST=\"127.0.0.1\"\nDB_DATABASE=\"ixp\"\nDB_USERNAME=\"ixp\"\nDB_PASSWORD=\"geheim @:/#\"\n",
    );
    app
}

#[test]
fn an_ixp_manager_checkout() {
    let app = ixp_manager();
    let init = app.run("init").ended(0);
    insta::assert_snapshot!(init.shown() + &app.read("realign.toml"));
    assert!(!app.read("realign.toml").contains("geheim"));
    // The file works: nothing but the server itself is missing.
    let doctor = app.run("doctor").ended(1);
    assert!(
        doctor.out.contains("1 class, 1 table"),
        "{}",
        doctor.shown()
    );
    assert!(doctor.out.contains("127.0.0.1:3306"), "{}", doctor.shown());
    assert!(!doctor.all().contains("geheim"));
}

#[test]
fn a_symfony_application() {
    let app = Session::new();
    app.write("config/doctrine/Vlan.orm.xml", MAPPING);
    app.write(
        "config/packages/doctrine.yaml",
        "doctrine:\n    dbal:\n        url: '%env(resolve:DATABASE_URL)%'\n        default_table_options:\n            \
         charset: utf8mb4\n            collate: utf8mb4_unicode_ci\n    orm:\n        \
         naming_strategy: doctrine.orm.naming_strategy.underscore_number_aware\n\
         when@test:\n    doctrine:\n        orm:\n            naming_strategy: doctrine.orm.naming_strategy.default\n",
    );
    app.write(
        "config/packages/doctrine_migrations.yaml",
        "doctrine_migrations:\n    migrations_paths:\n        'App\\Migrations': '%kernel.project_dir%/src/Migrations'\n",
    );
    app.write(
        ".env",
        "APP_ENV=dev\n# DATABASE_URL=\"sqlite:///%kernel.project_dir%/var/data.db\"\n\
         DATABASE_URL=\"mysql://app:!ChangeMe!@127.0.0.1:3306/app?serverVersion=10.11.2-MariaDB&charset=utf8mb4\"\n",
    );
    let init = app.run("init").ended(0);
    insta::assert_snapshot!(init.shown() + &app.read("realign.toml"));
    assert!(!init.all().contains("ChangeMe"));

    // What .env.local says wins, as in Symfony.
    app.write(
        ".env.local",
        "DATABASE_URL=\"sqlite:///%kernel.project_dir%/var/data.db\"\n",
    );
    std::fs::create_dir(app.path("var")).expect("made");
    app.run("init --force").ended(0);
    app.run("schema create --force").ended(0);
    assert!(app.path("var/data.db").is_file());
    app.run("schema validate").ended(0);
}

#[test]
fn a_laravel_application_on_sqlite() {
    let app = Session::new();
    app.write("artisan", "#!/usr/bin/env php\n");
    app.write("app/Entities/xml/Vlan.dcm.xml", MAPPING);
    app.write(
        "config/doctrine.php",
        "<?php return [\n'naming_strategy' => Doctrine\\ORM\\Mapping\\UnderscoreNamingStrategy::class,\n];\n",
    );
    app.write(
        ".env",
        "DB_CONNECTION=sqlite\nDB_DATABASE=database/app.sqlite\n",
    );
    std::fs::create_dir(app.path("database")).expect("made");
    let init = app.run("init").ended(0);
    insta::assert_snapshot!(init.shown() + &app.read("realign.toml"));
    app.run("schema create --force").ended(0);
    app.run("doctor").ended(0);
}

#[test]
fn a_file_that_is_there_stays() {
    let app = Session::new();
    app.write("realign.toml", "# mine\n");
    let refused = app.run("init").ended(1);
    insta::assert_snapshot!(refused.shown());
    assert_eq!(app.read("realign.toml"), "# mine\n");
    let printed = app.run("init --print").ended(0);
    assert!(
        printed.out.starts_with("# How realign"),
        "{}",
        printed.shown()
    );
    assert_eq!(app.read("realign.toml"), "# mine\n");
    app.run("init --force").ended(0);
    assert_ne!(app.read("realign.toml"), "# mine\n");
}

#[test]
fn a_typed_url_loses_its_password() {
    let app = Session::new();
    let init = app
        .run("init --database-url mysql://ixp:geheim@db/ixp --schema doctrine-xml:m --doctrine 3 --naming underscore")
        .ended(0);
    assert!(!init.all().contains("geheim"));
    let text = app.read("realign.toml");
    assert!(
        text.contains("url = \"mysql://ixp:${DB_PASSWORD}@db/ixp\""),
        "{text}"
    );
    assert!(
        text.contains("doctrine = \"3\"") && text.contains("naming = \"underscore\""),
        "{text}"
    );
}

#[test]
fn an_empty_folder_says_what_is_missing() {
    let app = Session::new();
    insta::assert_snapshot!(app.run("init").ended(0).shown());
    let json = app.run("init --force --format json").ended(0);
    let document: serde_json::Value = serde_json::from_str(&json.out).expect("JSON");
    assert_eq!(document["file"], "realign.toml");
    assert_eq!(document["warnings"].as_array().map(Vec::len), Some(2));
}
