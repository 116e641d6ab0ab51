use super::*;
use clap::CommandFactory;

fn parsed(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(std::iter::once("paypier").chain(line.split_whitespace()))
}

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_parses() {
    for line in [
        "",
        "dev",
        "dev --fresh --listen 127.0.0.1:0 --data-dir /tmp/x",
        "--log json serve --replicas 2 --migrate --database-url postgres://db/pay --public-url https://pay.example.com",
        "migrate --json",
        "verify --json --quiet --most-listed 5",
        "backup /tmp/x.db --json",
        "export /tmp/x.paypier --while-serving --quiet --json",
        "import /tmp/x.paypier --without-master-key --quiet --json",
        "bench --clients 8 --duration 2s --json",
        "bench --scenario read --rate 100 --warm-up 0s --existing 5 --folder /tmp --no-comparison",
        "webhooks listen --forward-to http://localhost:3000/hook --since start",
        "webhooks listen --url http://localhost:8080 --secret x",
        "webhooks replay 0198c0de",
        "webhooks replay --payment order-1",
        "webhooks replay --dead",
        "webhooks trigger payment.paid --payment-id order-1 --amount 500 --channel card=channel-key-1",
        "admin merchant create --name Acme",
        "admin merchant list --json",
        "admin store create --merchant merchant-1 --name Two --late-approval cancel",
        "admin store list",
        "admin secret create --store store-1 --name backend --expires-in-days 90",
        "admin secret list --store store-1 --all",
        "admin secret delete 0198",
        "admin channel create --store s --name n --connector sandbox --pg-provider TOSSPAYMENTS --pg-merchant-id m --environment test",
        "admin channel create --store s --name n --connector x --pg-provider DANAL --pg-merchant-id m --environment live --usage identity-verification --credentials-stdin",
        "admin channel list --store s",
        "admin channel enable channel-key-1 --store s",
        "admin channel disable channel-key-1 --store s",
        "admin channel rotate-credentials channel-key-1 --store s --credentials-env PSP_CREDENTIALS",
        "admin channel-group create --store s --environment live --name n --member a=70 --member b=30",
        "admin channel-group update g --store s --name n --disabled-member a",
        "admin channel-group list --store s",
        "admin channel-group delete g --store s",
        "admin webhook set-endpoint --store s --environment test --url https://a.example/h --version 2024-01-01 --content-type form",
        "admin webhook show --store s",
        "admin webhook secret create --store s --environment live",
        "admin webhook secret list --store s --all",
        "admin webhook secret expire 0198 --store s",
        "admin payment show order-1 --store s",
        "admin payment list --unknown --store s --most-listed 5",
        "admin payment resolve order-1 --store s --outcome paid --pg-tx-id t --operator a --approved-by b --reason r",
        "admin payment resolve order-1 --store s --outcome failed --operator a --approved-by b --reason r",
        "admin keys reseal",
    ] {
        if let Err(error) = parsed(line) {
            panic!("paypier {line}: {error}");
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for line in [
        "pay",
        "webhooks replay",
        "webhooks replay 0198 --dead",
        "webhooks trigger payment.paid",
        "webhooks trigger payment.unheard_of --payment-id p",
        "webhooks trigger payment.paid --payment-id p --amount 0",
        "backup",
        "export",
        "admin payment list",
        "bench --duration 10",
        "bench --clients 0",
        "bench --scenario sleep",
        "bench --rate 0",
        "admin secret create --store s --name n --expires-in-days 0",
        "admin channel create --store s --name n --connector x --pg-provider NOBODY --pg-merchant-id m --environment test",
        "admin channel create --store s --name n --connector x --pg-provider DANAL --pg-merchant-id m --environment test --credentials-stdin --credentials-env X",
        "admin channel-group create --store s --environment live --name n --member a=170",
        "admin payment resolve p --store s --outcome paid --operator a --approved-by b --reason r",
        "admin payment resolve p --store s --outcome perhaps --operator a --approved-by b --reason r",
        "admin payment resolve p --store s --outcome failed --operator a --reason r",
    ] {
        assert!(parsed(line).is_err(), "paypier {line}");
    }
}

#[test]
fn flags_win_over_everything_and_reach_their_setting() {
    let cli = parsed("serve --listen 127.0.0.1:9 --data-dir d --database-url sqlite:x.db --public-url http://h --log json --log-filter debug --replicas 3")
        .unwrap();
    let mut overrides = cli.global.overrides();
    let Some(Command::Serve(args)) = cli.command else { panic!("serve") };
    overrides.extend(args.overrides());
    let environment = Environment::of(&[("PAYPIER_LISTEN", "127.0.0.1:1"), ("PAYPIER_REPLICAS", "7")]);
    let config = Config::from_layers(None, &environment, &overrides).unwrap();
    assert_eq!(config.server.listen.port(), 9);
    assert_eq!(config.server.data_dir, PathBuf::from("d"));
    assert_eq!(config.database_url().to_string(), "sqlite:x.db");
    assert_eq!(config.public_url(config.server.listen), "http://h");
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.log.filter.as_str(), "debug");
    assert_eq!(config.server.replicas, 3);
}

#[test]
fn every_command_explains_itself() {
    fn check(command: &clap::Command, path: &str) {
        assert!(command.get_about().is_some(), "{path} has no description");
        for argument in command
            .get_arguments()
            .filter(|argument| argument.get_id() != "help" && argument.get_id() != "version")
        {
            let is_clear = argument.get_help().is_some()
                || EXPLAINED_BY_THEIR_VALUE.contains(&argument.get_id().as_str());
            assert!(is_clear, "{path} {} has no help", argument.get_id());
        }
        for subcommand in command.get_subcommands() {
            check(subcommand, &format!("{path} {}", subcommand.get_name()));
        }
    }
    check(&Cli::command(), "paypier");
}

/// `--store STORE_ID` and the like say everything by themselves.
const EXPLAINED_BY_THEIR_VALUE: [&str; 9] =
    ["store", "merchant", "environment", "id", "key", "name", "usage", "outcome", "sequence"];

#[test]
fn an_error_is_one_paragraph_without_repetition() {
    let error =
        anyhow::anyhow!("the disk is full").context("the database cannot be opened: the disk is full");
    assert_eq!(paragraph(&error), "the database cannot be opened: the disk is full");
    let error = anyhow::anyhow!("connection refused").context("the database cannot be opened");
    assert_eq!(paragraph(&error), "the database cannot be opened: connection refused");
}
