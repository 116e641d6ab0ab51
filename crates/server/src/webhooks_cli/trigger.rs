//! `paypier webhooks trigger`: really plays a named sequence against the sandbox, through the public
//! API and with the sandbox's cards, so that state, ledger and webhooks are those of a real payment.

use super::client::{Client, Server, ServerError, encoded};
use anyhow::{Context, bail};
use paypier_wire::v2::{
    Bank, CancelPaymentBody, CardCredential, Currency, InstantBillingKeyPaymentMethodInput,
    InstantBillingKeyPaymentMethodInputCard, InstantPaymentInput, InstantPaymentMethodInput,
    InstantPaymentMethodInputCard, InstantPaymentMethodInputVirtualAccount,
    InstantPaymentMethodInputVirtualAccountExpiry, InstantPaymentMethodInputVirtualAccountOption,
    InstantPaymentMethodInputVirtualAccountOptionType, IssueBillingKeyBody, PaymentAmountInput,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::Instant;

#[derive(Debug, Clone)]
pub struct TriggerOptions {
    pub server: Server,
    /// Channel keys by their names in `sandbox.json`: `card`, `billing`, `virtualAccount`.
    pub channels: BTreeMap<String, String>,
    pub sequence: Sequence,
    /// Yours, so that you know it when its webhooks come.
    pub payment_id: String,
    /// Korean won.
    pub amount: i64,
    /// Where a sequence has to wait, moves the store's test clock instead. It stays moved, for
    /// everything in the store.
    pub advance_clock: bool,
}

impl TriggerOptions {
    /// When no amount is given.
    pub const DEFAULT_AMOUNT: i64 = 1_000;
}

/// The sequences by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Sequence {
    /// An approval.
    #[value(name = "payment.paid")]
    Paid,
    /// A decline by the issuer.
    #[value(name = "payment.failed")]
    Failed,
    /// A decline, then an approval of the same payment.
    #[value(name = "payment.failed_then_paid")]
    FailedThenPaid,
    /// An approval, then a cancellation of all of it.
    #[value(name = "payment.cancelled")]
    Cancelled,
    /// An approval, then a cancellation of half of it.
    #[value(name = "payment.partial_cancelled")]
    PartialCancelled,
    /// An approval, then two cancellations that together take all of it.
    #[value(name = "payment.partial_cancelled_then_cancelled")]
    PartialCancelledThenCancelled,
    /// A virtual account that waits for its deposit.
    #[value(name = "payment.virtual_account_issued")]
    VirtualAccountIssued,
    /// A virtual account and its deposit.
    #[value(name = "payment.virtual_account_deposited")]
    VirtualAccountDeposited,
    /// No answer from the PSP, and the truth some minutes later: paid.
    #[value(name = "payment.pending_then_paid")]
    PendingThenPaid,
    /// A cancellation that the PSP grants ten minutes later.
    #[value(name = "payment.cancel_pending_then_cancelled")]
    CancelPendingThenCancelled,
    /// A billing key.
    #[value(name = "billing_key.issued")]
    KeyIssued,
    /// A billing key that the issuer declines.
    #[value(name = "billing_key.failed")]
    KeyFailed,
    /// A billing key and a payment with it.
    #[value(name = "billing_key.paid")]
    KeyPaid,
    /// A billing key and its deletion.
    #[value(name = "billing_key.deleted")]
    KeyDeleted,
}

/// The sandbox's cards that sequences need.
mod card {
    pub const APPROVED: &str = "4242424242424242";
    pub const DECLINED: &str = "4000000000000002";
    /// No answer, and the first three status queries fail as well; the fourth says paid.
    pub const PAID_LATE: &str = "4000000000006026";
    /// Approved; a cancellation is accepted as pending and succeeds later.
    pub const CANCELLED_LATE: &str = "4000000000007726";
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Pay(&'static str),
    /// A payment that the server must answer with an error.
    PayInVain(&'static str),
    OpenAccount,
    Deposit,
    CancelHalf,
    CancelRest,
    IssueKey(&'static str),
    IssueKeyInVain(&'static str),
    PayWithKey,
    DeleteKey,
    /// Until the payment has this status.
    Await(&'static str),
}

impl Sequence {
    const fn steps(self) -> &'static [Step] {
        use Step::{
            Await, CancelHalf, CancelRest, DeleteKey, Deposit, IssueKey, IssueKeyInVain, OpenAccount, Pay,
            PayInVain, PayWithKey,
        };
        match self {
            Self::Paid => &[Pay(card::APPROVED)],
            Self::Failed => &[PayInVain(card::DECLINED)],
            Self::FailedThenPaid => &[PayInVain(card::DECLINED), Pay(card::APPROVED)],
            Self::Cancelled => &[Pay(card::APPROVED), CancelRest],
            Self::PartialCancelled => &[Pay(card::APPROVED), CancelHalf],
            Self::PartialCancelledThenCancelled => &[Pay(card::APPROVED), CancelHalf, CancelRest],
            Self::VirtualAccountIssued => &[OpenAccount],
            Self::VirtualAccountDeposited => &[OpenAccount, Deposit],
            Self::PendingThenPaid => &[PayInVain(card::PAID_LATE), Await("PAID")],
            Self::CancelPendingThenCancelled => &[Pay(card::CANCELLED_LATE), CancelRest, Await("CANCELLED")],
            Self::KeyIssued => &[IssueKey(card::APPROVED)],
            Self::KeyFailed => &[IssueKeyInVain(card::DECLINED)],
            Self::KeyPaid => &[IssueKey(card::APPROVED), PayWithKey],
            Self::KeyDeleted => &[IssueKey(card::APPROVED), DeleteKey],
        }
    }
}

/// How long a status is waited for: above the sandbox's slowest truth.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How far the clock is moved between two looks.
const CLOCK_STEP: &str = "PT5M";

/// Plays a sequence and prints each step.
///
/// # Errors
/// A step did not end as the sequence says, or the server cannot be reached.
pub async fn trigger(options: TriggerOptions) -> anyhow::Result<()> {
    if options.amount < 1 {
        bail!("the amount must be at least 1 won, not {}", options.amount);
    }
    let steps = options.sequence.steps();
    if steps.contains(&Step::CancelHalf) && options.amount < 2 {
        bail!("half of {} won is nothing; choose an amount of at least 2", options.amount);
    }
    let mut play = Play { client: Client::new(options.server.clone())?, options, billing_key: None };
    for step in steps {
        play.step(*step).await?;
    }
    Ok(())
}

struct Play {
    client: Client,
    options: TriggerOptions,
    billing_key: Option<String>,
}

impl Play {
    async fn step(&mut self, step: Step) -> anyhow::Result<()> {
        match step {
            Step::Pay(card) => {
                let answer = self.client.post(&self.payment("/instant"), &self.card_payment(card)?).await;
                let answer = answer.context("the payment was not approved")?;
                println!(
                    "{}  paid {} won  {}",
                    self.options.payment_id,
                    self.options.amount,
                    text(&answer, "/payment/pgTxId")
                );
            }
            Step::PayInVain(card) => {
                let refusal =
                    in_vain(self.client.post(&self.payment("/instant"), &self.card_payment(card)?).await)?;
                println!("{}  not paid, as it should be: {refusal}", self.options.payment_id);
            }
            Step::OpenAccount => {
                let answer = self.client.post(&self.payment("/instant"), &self.account_payment()?).await;
                answer.context("the virtual account was not issued")?;
                let payment = self.read().await?;
                println!(
                    "{}  virtual account {} issued",
                    self.options.payment_id,
                    text(&payment, "/method/accountNumber")
                );
            }
            Step::Deposit => {
                let path = format!("/sandbox{}", self.payment("/deposit"));
                let answer = self.client.post(&path, &json!({"amount": self.options.amount})).await;
                answer.context("the deposit was not taken")?;
                println!("{}  {} won deposited", self.options.payment_id, self.options.amount);
            }
            Step::CancelHalf => self.cancel(self.options.amount.checked_div(2)).await?,
            Step::CancelRest => self.cancel(None).await?,
            Step::IssueKey(card) => {
                let answer = self.client.post("/billing-keys", &self.key_of(card)?).await;
                let answer = answer.context("the billing key was not issued")?;
                let key = text(&answer, "/billingKeyInfo/billingKey").to_owned();
                println!("{key}  billing key issued");
                self.billing_key = Some(key);
            }
            Step::IssueKeyInVain(card) => {
                let refusal = in_vain(self.client.post("/billing-keys", &self.key_of(card)?).await)?;
                println!("no billing key, as it should be: {refusal}");
            }
            Step::PayWithKey => {
                let mut body = json!({
                    "billingKey": self.key()?,
                    "orderName": ORDER_NAME,
                    "amount": {"total": self.options.amount},
                    "currency": Currency::Krw,
                });
                self.name_store(&mut body);
                let answer = self.client.post(&self.payment("/billing-key"), &body).await;
                let answer = answer.context("the payment was not approved")?;
                println!(
                    "{}  paid {} won  {}",
                    self.options.payment_id,
                    self.options.amount,
                    text(&answer, "/payment/pgTxId")
                );
            }
            Step::DeleteKey => {
                let key = self.key()?.to_owned();
                let store = self.options.server.store_id.as_ref();
                let query = store.map_or_else(String::new, |store| format!("?storeId={}", encoded(store)));
                let answer = self.client.delete(&format!("/billing-keys/{}{query}", encoded(&key))).await;
                answer.context("the billing key was not deleted")?;
                println!("{key}  billing key deleted");
            }
            Step::Await(status) => self.wait_for(status).await?,
        }
        Ok(())
    }

    async fn cancel(&self, amount: Option<i64>) -> anyhow::Result<()> {
        let body = CancelPaymentBody {
            store_id: self.options.server.store_id.clone(),
            amount,
            tax_free_amount: None,
            vat_amount: None,
            reason: "paypier webhooks trigger".into(),
            requester: None,
            promotion_discount_retain_option: None,
            current_cancellable_amount: None,
            refund_account: None,
            refund_email: None,
            skip_webhook: None,
        };
        let answer = self
            .client
            .post(&self.payment("/cancel"), &body)
            .await
            .context("the cancellation was refused")?;
        println!(
            "{}  cancellation of {} won: {}",
            self.options.payment_id,
            answer
                .pointer("/cancellation/totalAmount")
                .and_then(Value::as_i64)
                .unwrap_or(self.options.amount),
            text(&answer, "/cancellation/status")
        );
        Ok(())
    }

    async fn wait_for(&self, status: &str) -> anyhow::Result<()> {
        let started = Instant::now();
        let hint = if self.options.advance_clock {
            ""
        } else {
            "; --advance-clock moves the test clock instead of waiting"
        };
        eprintln!("waiting for {status}{hint}");
        loop {
            let payment = self.read().await?;
            if text(&payment, "/status") == status {
                println!("{}  {status}", self.options.payment_id);
                return Ok(());
            }
            if started.elapsed() > PATIENCE {
                bail!(
                    "the payment is {} and not {status} after {} minutes",
                    text(&payment, "/status"),
                    PATIENCE.as_secs() / 60
                );
            }
            if self.options.advance_clock {
                let moved = self.client.post("/sandbox/clock", &json!({"advance": CLOCK_STEP})).await;
                moved.context("the test clock was not moved")?;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn read(&self) -> Result<Value, ServerError> {
        let store = self.options.server.store_id.as_ref();
        let query = store.map_or_else(String::new, |store| format!("?storeId={}", encoded(store)));
        self.client.get(&format!("{}{query}", self.payment(""))).await
    }

    fn payment(&self, below: &str) -> String {
        format!("/payments/{}{below}", encoded(&self.options.payment_id))
    }

    fn key(&self) -> anyhow::Result<&str> {
        self.billing_key.as_deref().context("the sequence has not issued a billing key yet")
    }

    fn channel(&self, name: &str) -> anyhow::Result<String> {
        self.options.channels.get(name).cloned().with_context(|| {
            format!("the channel {name} is not known; it is in the sandbox.json that `paypier dev` writes into its data folder")
        })
    }

    fn name_store(&self, body: &mut Value) {
        if let (Some(store), Some(members)) = (&self.options.server.store_id, body.as_object_mut()) {
            members.insert("storeId".to_owned(), Value::from(store.clone()));
        }
    }

    fn card_payment(&self, number: &str) -> anyhow::Result<InstantPaymentInput> {
        let card = InstantPaymentMethodInputCard {
            credential: credential(number),
            installment_month: None,
            use_free_installment_plan: None,
            use_free_interest_from_merchant: None,
            use_card_point: None,
        };
        let method = InstantPaymentMethodInput { card: Some(card), virtual_account: None };
        Ok(self.instant(self.channel("card")?, method))
    }

    fn account_payment(&self) -> anyhow::Result<InstantPaymentInput> {
        let account = InstantPaymentMethodInputVirtualAccount {
            bank: Bank::Shinhan,
            expiry: InstantPaymentMethodInputVirtualAccountExpiry { valid_hours: Some(24), due_date: None },
            option: InstantPaymentMethodInputVirtualAccountOption {
                kind: InstantPaymentMethodInputVirtualAccountOptionType::Normal,
                fixed: None,
            },
            cash_receipt: None,
            remittee_name: None,
        };
        let method = InstantPaymentMethodInput { card: None, virtual_account: Some(account) };
        Ok(self.instant(self.channel("virtualAccount")?, method))
    }

    fn instant(&self, channel: String, method: InstantPaymentMethodInput) -> InstantPaymentInput {
        InstantPaymentInput {
            store_id: self.options.server.store_id.clone(),
            channel_key: Some(channel),
            channel_group_id: None,
            method,
            order_name: ORDER_NAME.into(),
            is_cultural_expense: None,
            is_escrow: None,
            customer: None,
            custom_data: None,
            amount: PaymentAmountInput { total: self.options.amount, tax_free: None, vat: None },
            currency: Currency::Krw,
            country: None,
            notice_urls: None,
            products: None,
            product_count: None,
            product_type: None,
            shipping_address: None,
            promotion_id: None,
            bypass: None,
            skip_webhook: None,
        }
    }

    fn key_of(&self, number: &str) -> anyhow::Result<IssueBillingKeyBody> {
        let card = InstantBillingKeyPaymentMethodInputCard { credential: credential(number) };
        Ok(IssueBillingKeyBody {
            store_id: self.options.server.store_id.clone(),
            method: InstantBillingKeyPaymentMethodInput { card: Some(card) },
            channel_key: Some(self.channel("billing")?),
            channel_group_id: None,
            customer: None,
            custom_data: None,
            bypass: None,
            notice_urls: None,
            skip_webhook: None,
        })
    }
}

const ORDER_NAME: &str = "paypier webhooks trigger";

/// Any expiry in the future does; the test clock may be far ahead.
fn credential(number: &str) -> CardCredential {
    CardCredential {
        number: number.to_owned(),
        expiry_year: "99".into(),
        expiry_month: "12".into(),
        birth_or_business_registration_number: Some("900101".into()),
        password_two_digits: Some("00".into()),
    }
}

/// The refusal of the PSP, which the step is there for. Any other refusal is an error.
fn in_vain(answer: Result<Value, ServerError>) -> anyhow::Result<ServerError> {
    match answer {
        Err(refusal @ ServerError::Refused { .. }) if is_of_the_psp(&refusal) => Ok(refusal),
        Err(error) => Err(error.into()),
        Ok(_) => bail!("the sandbox approved what it should not have"),
    }
}

fn is_of_the_psp(refusal: &ServerError) -> bool {
    match refusal {
        ServerError::Refused { kind, .. } => kind == "PG_PROVIDER" || kind == "CHANNEL_SPECIFIC",
        ServerError::Unreachable(_) | ServerError::Unreadable(_) => false,
    }
}

fn text<'a>(answer: &'a Value, pointer: &str) -> &'a str {
    answer.pointer(pointer).and_then(Value::as_str).unwrap_or("-")
}
