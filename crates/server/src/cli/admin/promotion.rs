//! `paypier admin promotion`: discounts for the cards of one company, out of a budget.

use super::{Desk, Environment, at, changed, checked_name};
use crate::cli::Misuse;
use crate::cli::report::Report;
use anyhow::Context;
use clap::{Args, Subcommand};
use jiff::Timestamp;
use paypier_domain::account::Store;
use paypier_domain::change::Write;
use paypier_domain::channel;
use paypier_domain::id::PromotionId;
use paypier_domain::money::{Amount, Currency};
use paypier_domain::promotion::{
    Budget, CardCompany, DiscountPolicy, Edit, Partition, Promotion, Recovery, Scheme, Spare, TermsRefusal,
};
use serde_json::{Value, json};

const EXAMPLE: &str = "\
Example, 10 % off from 10,000 won on and 20 % from 50,000 on, at most 15,000, for cards of Shinhan:
  paypier admin promotion create --store store-… --environment test --name 'Spring' \\
      --card-company SHINHAN_CARD --currency KRW --discount 10000=10% --discount 50000=20% \\
      --max-discount 15000 --budget 5000000 --start 2026-03-01T00:00:00+09:00 --end 2026-04-01T00:00:00+09:00

A payment names it by promotionId and pays the full price, silently, when the promotion is not in progress, the
order is below every discount, the currency is another one, or the budget has less than the whole discount left.
A card of another company is refused. Amounts are minor units of the currency (1000 is 1,000 won, or 10 dollars).
Each discount must be at a higher rate than the one below it; at most five.";

const EDITING: &str = "\
Everything can be changed while the promotion is SCHEDULED; afterwards its name and its schedule, of a PAUSED one
its name and its end; nothing when it is over.";

#[derive(Debug, Subcommand)]
pub enum PromotionCommand {
    /// Make a promotion
    #[command(after_help = EXAMPLE)]
    Create(Box<CreateArgs>),
    /// Show a store's promotions and what is left of their budgets
    List {
        #[arg(long, value_name = "STORE_ID")]
        store: String,
    },
    /// Show one promotion
    Show {
        #[arg(value_name = "PROMOTION_ID")]
        id: String,
    },
    /// Grant no discounts for now; payments that were begun keep theirs
    Pause {
        #[arg(value_name = "PROMOTION_ID")]
        id: String,
    },
    /// Go on where it was paused
    Resume {
        #[arg(value_name = "PROMOTION_ID")]
        id: String,
    },
    /// End it for good; payments that were begun keep their discount
    Terminate {
        #[arg(value_name = "PROMOTION_ID")]
        id: String,
    },
    /// Change a promotion
    #[command(after_help = EDITING)]
    Edit(Box<EditArgs>),
}

#[derive(Debug, Args)]
pub struct CreateArgs {
    #[arg(long, value_name = "STORE_ID")]
    store: String,
    /// Whose payments spend its budget
    #[arg(long, value_enum)]
    environment: Environment,
    /// What people call it, 1 to 100 characters
    #[arg(long)]
    name: String,
    /// WOORI_CARD, BC_CARD, SAMSUNG_CARD, SHINHAN_CARD, HYUNDAI_CARD, LOTTE_CARD, NH_CARD, HANA_CARD or KOOKMIN_CARD
    #[arg(long, value_parser = company)]
    card_company: CardCompany,
    /// ISO 4217
    #[arg(long, default_value = "KRW", value_parser = currency)]
    currency: Currency,
    /// From which order amount on there is which discount, an amount or a percentage; repeat it
    #[arg(long = "discount", value_name = "FROM=DISCOUNT", value_parser = partition, required = true)]
    discounts: Vec<Partition>,
    /// The most that a discount in percent may be
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    max_discount: Option<Amount>,
    /// What the discounts may cost in all
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    budget: Amount,
    /// When it starts; now when absent
    #[arg(long, value_name = "INSTANT")]
    start: Option<Timestamp>,
    /// When it ends
    #[arg(long, value_name = "INSTANT")]
    end: Timestamp,
    #[command(flatten)]
    recovery: RecoveryArgs,
}

#[derive(Debug, Clone, Default, Args)]
pub struct RecoveryArgs {
    /// Discounts that cancellations give back do not return to the budget
    #[arg(long)]
    no_recover: bool,
    /// What is set aside beyond the budget for that, an amount or a percentage of the budget
    #[arg(long, value_name = "SPARE", value_parser = spare, requires = "no_recover")]
    spare_budget: Option<Spare>,
}

impl RecoveryArgs {
    const fn recovery(&self) -> Recovery {
        if self.no_recover { Recovery::NoRecover { spare: self.spare_budget } } else { Recovery::Recover }
    }
}

#[derive(Debug, Args)]
pub struct EditArgs {
    #[arg(value_name = "PROMOTION_ID")]
    id: String,
    /// What people call it, 1 to 100 characters
    #[arg(long)]
    name: Option<String>,
    /// When it starts
    #[arg(long, value_name = "INSTANT")]
    start: Option<Timestamp>,
    /// When it ends
    #[arg(long, value_name = "INSTANT")]
    end: Option<Timestamp>,
    /// As with `create`
    #[arg(long, value_parser = company)]
    card_company: Option<CardCompany>,
    /// ISO 4217
    #[arg(long, value_parser = currency)]
    currency: Option<Currency>,
    /// Replaces all discounts; repeat it
    #[arg(long = "discount", value_name = "FROM=DISCOUNT", value_parser = partition)]
    discounts: Vec<Partition>,
    /// Goes with --discount; without it there is no cap any more
    #[arg(long, value_name = "AMOUNT", value_parser = amount, requires = "discounts")]
    max_discount: Option<Amount>,
    /// What the discounts may cost in all
    #[arg(long, value_name = "AMOUNT", value_parser = amount)]
    budget: Option<Amount>,
    /// Discounts that cancellations give back return to the budget
    #[arg(long, conflicts_with = "no_recover")]
    recover: bool,
    #[command(flatten)]
    recovery: RecoveryArgs,
}

fn company(text: &str) -> Result<CardCompany, String> {
    CardCompany::parse(text).ok_or_else(|| {
        let all: Vec<_> = CardCompany::ALL.into_iter().map(CardCompany::as_str).collect();
        format!("a card company is one of {}", all.join(", "))
    })
}

fn currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).ok_or_else(|| "a currency is an ISO 4217 code, as KRW".to_owned())
}

fn amount(text: &str) -> Result<Amount, String> {
    let units = text.parse::<i64>().map_err(|_| "an amount is a whole number of minor units".to_owned())?;
    Amount::new(units).map_err(|error| error.to_string())
}

fn percentage(text: &str) -> Option<Result<u8, String>> {
    let digits = text.strip_suffix('%')?;
    let percent = digits.parse::<u8>().ok().filter(|percent| (1..=100).contains(percent));
    Some(percent.ok_or_else(|| "a percentage is a whole number from 1 to 100 and %".to_owned()))
}

fn partition(text: &str) -> Result<Partition, String> {
    let (from, discount) = text
        .split_once('=')
        .ok_or_else(|| "a discount is FROM=DISCOUNT, as 10000=10% or 10000=500".to_owned())?;
    let scheme = match percentage(discount) {
        Some(percent) => Scheme::Percent(percent?),
        None => Scheme::Amount(amount(discount)?),
    };
    Ok(Partition { from: amount(from)?, scheme })
}

fn spare(text: &str) -> Result<Spare, String> {
    match percentage(text) {
        Some(percent) => Ok(Spare::Percent(percent?)),
        None => amount(text).map(Spare::Amount),
    }
}

/// # Errors
/// No such store or promotion, what the promotion's status does not allow, or the database.
pub async fn run(desk: &Desk, command: PromotionCommand) -> anyhow::Result<Report> {
    match command {
        PromotionCommand::Create(args) => create(desk, *args).await,
        PromotionCommand::List { store } => list(desk, &store).await,
        PromotionCommand::Show { id } => {
            let (store, promotion) = existing(desk, &id).await?;
            Ok(Report::record(described(&promotion, now(desk, &store, &promotion))))
        }
        PromotionCommand::Pause { id } => {
            decided(desk, &id, "was paused", |promotion, now| promotion.paused(now)).await
        }
        PromotionCommand::Resume { id } => {
            decided(desk, &id, "goes on", |promotion, now| promotion.resumed(now)).await
        }
        PromotionCommand::Terminate { id } => {
            decided(desk, &id, "was ended for good", |promotion, now| promotion.terminated(now)).await
        }
        PromotionCommand::Edit(args) => edit(desk, *args).await,
    }
}

async fn create(desk: &Desk, args: CreateArgs) -> anyhow::Result<Report> {
    let store = desk.store(&args.store).await?;
    let environment = channel::Environment::from(args.environment);
    let mut promotion = Promotion {
        id: PromotionId::known(desk.ids.prefixed("promotion-id-")),
        store: store.id.clone(),
        environment,
        name: checked_name(&args.name)?,
        card_company: args.card_company,
        currency: args.currency,
        policy: policy(args.discounts, args.max_discount)?,
        total_budget: args.budget,
        recovery: args.recovery.recovery(),
        start_at: Timestamp::UNIX_EPOCH,
        end_at: args.end,
        created_at: desk.now(),
        paused_at: None,
        terminated_at: None,
        terms: 1,
        budget: Budget::default(),
    };
    let now = now(desk, &store, &promotion);
    promotion.start_at = args.start.unwrap_or(now);
    promotion.check().map_err(|refusal| Misuse(refusal.to_string()))?;
    if promotion.end_at <= now {
        return Err(Misuse(format!("--end is {}, which is past (it is {now})", promotion.end_at)).into());
    }
    desk.commit(vec![Write::Promotion { promotion: Box::new(promotion.clone()), expects: None }]).await?;
    let members = described(&promotion, now);
    Ok(changed(format!("The promotion {} was made.", promotion.name), members)
        .noted(format!("Payments name it: \"promotionId\": \"{}\".", promotion.id)))
}

fn policy(discounts: Vec<Partition>, cap: Option<Amount>) -> Result<DiscountPolicy, Misuse> {
    DiscountPolicy::new(discounts, cap).map_err(|error| Misuse(format!("--discount: {error}")))
}

async fn edit(desk: &Desk, args: EditArgs) -> anyhow::Result<Report> {
    let policy =
        if args.discounts.is_empty() { None } else { Some(policy(args.discounts, args.max_discount)?) };
    let edit = Edit {
        name: args.name.as_deref().map(checked_name).transpose()?,
        start_at: args.start,
        end_at: args.end,
        card_company: args.card_company,
        currency: args.currency,
        policy,
        total_budget: args.budget,
        recovery: (args.recover || args.recovery.no_recover).then(|| args.recovery.recovery()),
    };
    if edit == Edit::default() {
        return Err(Misuse("say what is to be changed; there is nothing to change".into()).into());
    }
    decided(desk, &args.id, "was changed", move |promotion, now| promotion.edited(edit, now)).await
}

async fn decided(
    desk: &Desk,
    id: &str,
    what: &str,
    decide: impl FnOnce(&Promotion, Timestamp) -> Result<Promotion, TermsRefusal>,
) -> anyhow::Result<Report> {
    let (store, promotion) = existing(desk, id).await?;
    let now = now(desk, &store, &promotion);
    let changes = decide(&promotion, now).map_err(|refusal| Misuse(refusal.to_string()))?;
    let write = Write::Promotion { promotion: Box::new(changes.clone()), expects: Some(promotion.terms) };
    desk.commit(vec![write]).await?;
    Ok(changed(format!("The promotion {} {what}.", changes.name), described(&changes, now)))
}

async fn existing(desk: &Desk, id: &str) -> anyhow::Result<(Store, Promotion)> {
    let found = desk.storage.promotion(&PromotionId::known(id)).await?;
    let promotion = found.with_context(|| {
        format!("there is no promotion {id:?}; `paypier admin promotion list --store …` shows a store's")
    })?;
    Ok((desk.store(promotion.store.as_str()).await?, promotion))
}

/// The time of the promotion's payments: a TEST promotion lives by its store's test clock.
fn now(desk: &Desk, store: &Store, promotion: &Promotion) -> Timestamp {
    match promotion.environment {
        channel::Environment::Live => desk.now(),
        channel::Environment::Test => {
            desk.now().checked_add(store.test_clock_offset).unwrap_or(Timestamp::MAX)
        }
    }
}

async fn list(desk: &Desk, store: &str) -> anyhow::Result<Report> {
    let store = desk.store(store).await?;
    let promotions = desk.storage.promotions_of(&store.id).await?;
    let rows = promotions
        .iter()
        .map(|promotion| {
            vec![
                json!(promotion.id.as_str()),
                json!(promotion.name),
                json!(promotion.status(now(desk, &store, promotion)).as_str()),
                json!(promotion.environment.as_str()),
                json!(promotion.card_company.as_str()),
                json!(told(&promotion.policy)),
                json!(promotion.currency.code()),
                json!(promotion.room().minor_units()),
                at(Some(promotion.end_at)),
            ]
        })
        .collect();
    let columns =
        vec!["id", "name", "status", "environment", "cardCompany", "discount", "currency", "left", "endAt"];
    Ok(Report::list(
        columns,
        rows,
        "The store has no promotions; `paypier admin promotion create` makes one.",
    ))
}

/// `10000=10% 50000=20%`, as it is asked for.
fn told(policy: &DiscountPolicy) -> String {
    let partitions: Vec<String> = policy
        .partitions()
        .iter()
        .map(|partition| match partition.scheme {
            Scheme::Amount(amount) => format!("{}={amount}", partition.from),
            Scheme::Percent(percent) => format!("{}={percent}%", partition.from),
        })
        .collect();
    partitions.join(" ")
}

fn described(promotion: &Promotion, now: Timestamp) -> Vec<(&'static str, Value)> {
    let units = |amount: Amount| json!(amount.minor_units());
    vec![
        ("id", json!(promotion.id.as_str())),
        ("store", json!(promotion.store.as_str())),
        ("environment", json!(promotion.environment.as_str())),
        ("name", json!(promotion.name)),
        ("status", json!(promotion.status(now).as_str())),
        ("cardCompany", json!(promotion.card_company.as_str())),
        ("currency", json!(promotion.currency.code())),
        ("discount", json!(told(&promotion.policy))),
        ("maxDiscount", promotion.policy.max_discount().map_or(Value::Null, units)),
        ("startAt", at(Some(promotion.start_at))),
        ("endAt", at(Some(promotion.end_at))),
        ("terminatedAt", at(promotion.terminated_at)),
        ("totalBudget", units(promotion.total_budget)),
        ("spareBudget", units(promotion.spare_budget())),
        ("recovers", json!(promotion.recovery == Recovery::Recover)),
        ("reserved", units(promotion.budget.reserved)),
        ("spent", units(promotion.budget.spent)),
        ("unfunded", units(promotion.budget.unfunded)),
        ("unrecovered", units(promotion.budget.unrecovered)),
        ("left", units(promotion.room())),
    ]
}
