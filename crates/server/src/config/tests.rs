use super::*;
use std::time::Duration;

fn loaded(
    file: &str,
    environment: &[(&str, &str)],
    flags: &[(&'static str, &'static str, &str)],
) -> Result<Config, String> {
    let flags: Vec<Override> =
        flags.iter().map(|(flag, key, value)| Override { flag, key, value: (*value).to_owned() }).collect();
    Config::from_layers(Some((Path::new("paypier.toml"), file)), &Environment::of(environment), &flags)
        .map_err(|error| error.to_string())
}

#[test]
fn the_later_layer_wins() {
    let file = "[server]\nlisten = \"127.0.0.1:1\"\nreplicas = 2\n[log]\nformat = \"json\"\n";
    assert_eq!(loaded("", &[], &[]).unwrap(), Config::default());

    let config = loaded(file, &[], &[]).unwrap();
    assert_eq!(config.server.listen.port(), 1);
    assert_eq!(config.log.format, log::LogFormat::Json);

    let environment = [("PAYPIER_LISTEN", "127.0.0.1:2"), ("PAYPIER_REPLICAS", "")];
    let config = loaded(file, &environment, &[]).unwrap();
    assert_eq!(config.server.listen.port(), 2);
    assert_eq!(config.server.replicas, 2, "an empty variable is no value");

    let config = loaded(file, &environment, &[("--listen", "server.listen", "127.0.0.1:3")]).unwrap();
    assert_eq!(config.server.listen.port(), 3);
}

#[test]
fn a_refusal_names_the_key_the_value_and_what_is_accepted() {
    for (file, expected) in [
        (
            "[server]\nlisten = \"here\"",
            "paypier.toml: server.listen = \"here\" is not accepted; it takes an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080",
        ),
        (
            "[server]\nheader_read_timeout = 10",
            "paypier.toml: server.header_read_timeout = 10 is not accepted; it takes a time from 1s to 5m, with its unit (ms, s, m)",
        ),
        (
            "[server]\nheader_read_timeout = \"1h\"",
            "paypier.toml: server.header_read_timeout = \"1h\" is not accepted; it takes a time from 1s to 5m, with its unit (ms, s, m)",
        ),
        (
            "[limits]\nmax_attempts = 0",
            "paypier.toml: limits.max_attempts = 0 is not accepted; it takes a whole number from 1 to 10000",
        ),
        (
            "[limits]\nmax_attempts = -1",
            "paypier.toml: limits.max_attempts = -1 is not accepted; it takes a whole number from 1 to 10000",
        ),
        (
            "[limits]\nmax_attempts = \"100\"",
            "paypier.toml: limits.max_attempts = \"100\" is not accepted; it takes a whole number from 1 to 10000",
        ),
        (
            "[sandbox]\nenabled = \"yes\"",
            "paypier.toml: sandbox.enabled = \"yes\" is not accepted; it takes true or false",
        ),
        (
            "[server]\nlissen = \"127.0.0.1:1\"",
            "paypier.toml: there is no setting server.lissen (is server.listen meant?); config.example.toml lists all settings",
        ),
        (
            "listen = \"127.0.0.1:1\"",
            "paypier.toml: there is no setting listen; config.example.toml lists all settings",
        ),
        ("[payments]", "paypier.toml: there is no setting payments; config.example.toml lists all settings"),
    ] {
        assert_eq!(loaded(file, &[], &[]).unwrap_err(), expected, "{file}");
    }
    assert_eq!(
        loaded("", &[("PAYPIER_MAX_CONNECTIONS", "many")], &[]).unwrap_err(),
        "PAYPIER_MAX_CONNECTIONS: server.max_connections = \"many\" is not accepted; it takes a whole number from 10 to 1000000"
    );
    assert!(
        loaded("[server", &[], &[])
            .unwrap_err()
            .starts_with("the configuration file paypier.toml is not TOML")
    );
}

#[test]
fn a_refusal_never_repeats_a_secret() {
    for (variable, value) in
        [("PAYPIER_MASTER_KEY", "hunter2"), ("PAYPIER_DATABASE_URL", "mysql://me:hunter2@db/pay")]
    {
        let refusal = loaded("", &[(variable, value)], &[]).unwrap_err();
        assert!(!refusal.contains("hunter2"), "{refusal}");
    }
    let refusal = loaded("[security]\nmaster_key = \"hunter2\"", &[], &[]).unwrap_err();
    assert!(!refusal.contains("hunter2") && refusal.contains("security.master_key_file"), "{refusal}");
    let config = loaded("", &[("PAYPIER_DATABASE_URL", "postgres://me:hunter2@db/pay")], &[]).unwrap();
    assert!(!format!("{config:?} {:?}", config.shown()).contains("hunter2"));
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    for (file, named) in [
        ("[limits]\nanswer_overdue = \"30s\"", "limits.caller_patience"),
        ("[limits]\nrequest_deadline = \"30s\"", "limits.caller_patience"),
        ("[limits]\ncaller_patience = \"2s\"\n[sandbox]\nread_timeout = \"2s\"", "sandbox.read_timeout"),
        ("[security]\naccess_token_lifetime = \"1d\"", "security.refresh_token_lifetime"),
    ] {
        let refusal = loaded(file, &[], &[]).unwrap_err();
        assert!(refusal.contains(named), "{refusal}");
    }
}

#[test]
fn misspelt_variables_are_warned_about() {
    let environment = Environment::of(&[
        ("PAYPIER_LISTN", "x"),
        ("PAYPIER_CONFIG", "x"),
        ("PAYPIER_LISTEN", "x"),
        ("PAYPIER_SERVICE_HOST", "x"),
        ("PAYPIER_PORT_8080_TCP", "x"),
        ("PATH", "x"),
    ]);
    assert_eq!(
        warnings(&environment),
        ["the environment variable PAYPIER_LISTN is not a setting and was ignored; is PAYPIER_LISTEN meant?"]
    );
}

#[test]
fn keys_and_variables_are_unique() {
    let mut keys: Vec<_> = settings().map(|setting| setting.key).collect();
    let mut variables: Vec<_> = settings().map(|setting| setting.env).collect();
    let count = keys.len();
    keys.sort_unstable();
    keys.dedup();
    variables.sort_unstable();
    variables.dedup();
    assert_eq!((keys.len(), variables.len()), (count, count));
}

const EXAMPLE: &str = include_str!("../../../../config.example.toml");

#[test]
fn the_example_file_is_the_defaults() {
    assert_eq!(loaded(EXAMPLE, &[], &[]).unwrap(), Config::default());
}

#[test]
fn the_example_file_has_every_setting_with_its_variable_and_what_it_accepts() {
    let document: toml::Table = toml::from_str(EXAMPLE).unwrap();
    for setting in settings() {
        assert!(EXAMPLE.contains(setting.env), "{} is not mentioned", setting.env);
        // The master key itself has no place in a file; the example says so in a comment.
        if setting.key != "security.master_key" {
            let (section, name) = setting.key.split_once('.').unwrap();
            assert!(document[section].as_table().unwrap().contains_key(name), "{} is missing", setting.key);
        }
    }
}

#[test]
fn every_shown_value_reads_back() {
    let config = Config::default();
    for ((key, shown), setting) in config.shown().into_iter().zip(settings()) {
        if key != "security.master_key" {
            let value: toml::Table = toml::from_str(&format!("value = {shown}")).unwrap();
            let mut again = Config::default();
            assert_eq!((setting.set)(&mut again, &Given::Typed(&value["value"])), Some(()), "{key}");
            assert_eq!(again, config, "{key}");
        }
    }
}

#[test]
fn addresses_are_derived_from_what_is_bound() {
    let mut config = Config::default();
    assert_eq!(config.public_url("127.0.0.1:4321".parse().unwrap()), "http://127.0.0.1:4321");
    config = loaded("[server]\npublic_url = \"https://pay.example.com/\"", &[], &[]).unwrap();
    assert_eq!(config.public_url("127.0.0.1:4321".parse().unwrap()), "https://pay.example.com");
    assert_eq!(config.database_url().to_string(), "sqlite:./paypier-data/paypier.db");
    assert_eq!(config.server.header_read_timeout, Duration::from_secs(10));
}
