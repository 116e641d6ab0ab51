//! What operators do at addresses of our own (`/operator/platform/…`): what other servers have in their
//! console only. A person is a secret: who has made a bulk payout or asked for a withdrawal with one cannot
//! approve it with the same.

use super::{desk, page};
use crate::app::caller::shown;
use crate::app::failure::Failure;
use crate::app::platform::bulk::{CreateBulk, Passbook};
use crate::app::platform::withdrawal::Withdraw;
use crate::app::success::Verdict;
use crate::app::ticket::Ticket;
use crate::http::Http;
use crate::http::v2::answers::ok;
use crate::http::v2::ask::{self, Answered, Ask};
use crate::http::v2::translate::amount::currency;
use crate::http::v2::translate::platform::{operator as to, partner_settlement, payout};
use axum::Router;
use axum::routing::{get, patch, post};
use jiff::civil::Date;
use paypier_domain::money::{Amount, Currency};
use paypier_domain::settlement::bulk::PayoutMethod;
use paypier_domain::settlement::id::{BulkPayoutId, PartnerId, PartnerSettlementId, PayoutId, TransferId};
use paypier_domain::settlement::paying::{AccountTransferId, MAX_PASSBOOK_CHARS, PayoutAccountId};
use paypier_domain::settlement::status::{PartnerSettlementStatus, PayoutStep};
use paypier_storage::SettlementFilter;
use paypier_wire::v2::operator as body;
use std::sync::Arc;

macro_rules! operator_routes {
    ($($method:ident $path:literal $id:literal $kind:ident $handler:path;)+) => {
        pub(in crate::http::v2) fn routes() -> Router<Http> {
            Router::new()$(.route($path, operator_routes!(@ $method $id $kind $handler)))+
        }
    };
    (@ $method:ident $id:literal read $handler:path) => { $method(|request: Ask| ask::read(request, $handler)) };
    (@ $method:ident $id:literal change $handler:path) => { $method(|request: Ask| ask::change(request, $id, $handler)) };
}

operator_routes! {
    post "/operator/platform/bulk-payouts" "operatorCreateBulkPayout" change create_bulk;
    get "/operator/platform/bulk-payouts/{id}" "operatorGetBulkPayout" read read_bulk;
    get "/operator/platform/bulk-payouts/{id}/partner-settlements" "operatorGetBulkSettlements" read bulk_settlements;
    post "/operator/platform/bulk-payouts/{id}/partner-settlements" "operatorSelectSettlements" change select;
    post "/operator/platform/bulk-payouts/{id}/payouts" "operatorGeneratePayouts" change generate;
    post "/operator/platform/bulk-payouts/{id}/approve" "operatorApproveBulkPayout" change approve;
    post "/operator/platform/bulk-payouts/{id}/cancel" "operatorCancelBulkPayout" change cancel_bulk;
    get "/operator/platform/payouts/{id}" "operatorGetPayout" read read_payout;
    post "/operator/platform/payouts/{id}/stop" "operatorStopPayout" change stop_payout;
    post "/operator/platform/payouts/{id}/cancel" "operatorCancelPayout" change cancel_payout;
    post "/operator/platform/payouts/{id}/retry" "operatorRetryPayout" change retry_payout;
    patch "/operator/platform/partner-settlements/{id}" "operatorChangeSettlement" change change_settlement;
    get "/operator/platform/accounts" "operatorGetAccounts" read accounts;
    post "/operator/platform/accounts/{id}/deposits" "operatorDeposit" change deposit;
    post "/operator/platform/accounts/{id}/withdrawals" "operatorWithdraw" change withdraw;
    post "/operator/platform/account-transfers/{id}/approve" "operatorApproveWithdrawal" change approve_withdrawal;
    post "/operator/platform/account-transfers/{id}/cancel" "operatorCancelWithdrawal" change cancel_withdrawal;
    get "/operator/platform/partners/{id}/statement" "operatorGetStatement" read statement;
    get "/operator/platform/transfers/{id}/working" "operatorGetWorking" read working;
}

fn bulk_id(ask: &Ask) -> Result<BulkPayoutId, Failure> {
    ask.path_id(3, "id", BulkPayoutId::parse)
}

fn payout_id(ask: &Ask) -> Result<PayoutId, Failure> {
    ask.path_id(3, "id", PayoutId::parse)
}

/// Who asks.
fn person(ask: &Ask) -> String {
    ask.caller.secret.as_str().to_owned()
}

fn invalid(member: &str, accepted: &str) -> Failure {
    Failure::Invalid(format!("{member} {accepted}"))
}

async fn create_bulk(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: body::CreateBulkPayoutBody = ask.body()?;
    let id = body.id.as_deref().map(BulkPayoutId::parse).transpose();
    let command = CreateBulk {
        id: id.map_err(|error| invalid("id", &format!("is not accepted: {error}")))?,
        name: body.name.map(Into::into),
        method: PayoutMethod::parse(body.method.as_str()).unwrap_or(PayoutMethod::Direct),
        currency: currency(body.currency)?,
        dates: body.settlement_dates.into_iter().map(paypier_wire::time::Date::get).collect(),
    };
    ask.app.create_bulk_payout(&desk, &desk.home(), command, &person(&ask), &ticket).await
}

async fn read_bulk(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let view = ask.app.read_bulk_payout(&desk.home(), &bulk_id(&ask)?).await?;
    ok(&payout::bulk_shown(&view))
}

async fn bulk_settlements(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let id = bulk_id(&ask)?;
    ask.app.read_bulk_payout(&desk.home(), &id).await?;
    let filter = SettlementFilter { bulk: Some(id.as_str().to_owned()), ..SettlementFilter::of(desk.home()) };
    let number = |name: &str| -> Result<Option<i32>, Failure> {
        let text = ask.parameter(name)?;
        text.map(|text| text.parse().map_err(|_| invalid(name, "must be a number"))).transpose()
    };
    let input = paypier_wire::v2::PageInput { number: number("page")?, size: number("size")? };
    let page = page(Some(&input))?;
    let (found, counts) = ask.app.partner_settlements(&desk, &filter, page).await?;
    ok(&partner_settlement::page(&found, &counts, page)?)
}

async fn select(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: body::SelectPartnerSettlementsBody = ask.body()?;
    let (select, deselect) =
        (partner_settlement::ids(&body.select)?, partner_settlement::ids(&body.deselect)?);
    ask.app.select_settlements(&desk, &desk.home(), &bulk_id(&ask)?, (&select, &deselect), &ticket).await
}

fn memo(member: &str, memo: Option<String>) -> Result<Option<Box<str>>, Failure> {
    match memo {
        Some(text) if text.chars().count() > MAX_PASSBOOK_CHARS => {
            Err(invalid(member, &format!("has more than {MAX_PASSBOOK_CHARS} characters")))
        }
        memo => Ok(memo.map(Into::into)),
    }
}

async fn generate(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: body::GeneratePayoutsBody = ask.body()?;
    let passbook = Passbook {
        withdrawal: memo("withdrawalMemo", body.withdrawal_memo)?,
        deposit: memo("depositMemo", body.deposit_memo)?,
    };
    ask.app.generate_payouts(&desk, &desk.home(), &bulk_id(&ask)?, &passbook, &ticket).await
}

async fn approve(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: body::ApproveBulkPayoutBody = ask.body()?;
    let (id, at) = (bulk_id(&ask)?, body.scheduled_at.map(Into::into));
    ask.app.approve_bulk_payout(&desk, &desk.home(), &id, at, &person(&ask), &ticket).await
}

async fn cancel_bulk(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.cancel_bulk_payout(&desk, &desk.home(), &bulk_id(&ask)?, &ticket).await
}

async fn read_payout(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let view = ask.app.read_payout(&desk, &desk.home(), &payout_id(&ask)?).await?;
    ok(&payout::shown(&view)?)
}

async fn stop_payout(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.step_payout(&desk, &desk.home(), &payout_id(&ask)?, PayoutStep::Stop, &ticket).await
}

async fn cancel_payout(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.step_payout(&desk, &desk.home(), &payout_id(&ask)?, PayoutStep::Cancel, &ticket).await
}

async fn retry_payout(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.retry_payout(&desk, &desk.home(), &payout_id(&ask)?, &person(&ask), &ticket).await
}

async fn change_settlement(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: body::ChangePartnerSettlementBody = ask.body()?;
    let id = ask.path_id(3, "id", PartnerSettlementId::parse)?;
    let word = body.status.as_str();
    let to = PartnerSettlementStatus::parse(word)
        .ok_or_else(|| invalid("status", &format!("{} is none", shown(word))))?;
    ask.app.set_settlement_status(&desk, &desk.home(), &id, to, &ticket).await
}

async fn accounts(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    // That of the TEST environment is there from the first question on.
    ask.app.withdrawal_account(&desk, &desk.home()).await?;
    let accounts = ask.app.storage.payout_accounts(&desk.home()).await?;
    ok(&body::PayoutAccountsAnswer { items: accounts.iter().map(to::account).collect::<Result<_, _>>()? })
}

fn above_zero(units: i64) -> Result<Amount, Failure> {
    let amount = Amount::new(units).ok().filter(|amount| !amount.is_zero());
    amount.ok_or_else(|| invalid("amount", "must be above 0"))
}

async fn deposit(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: body::DepositBody = ask.body()?;
    let amount = above_zero(body.amount)?;
    if body.depositor_name.trim().is_empty() {
        return Err(invalid("depositorName", "must not be blank"));
    }
    let id = ask.path_id(3, "id", PayoutAccountId::parse)?;
    ask.app.deposit(&desk, &desk.home(), &id, (amount, &body.depositor_name), &ticket).await
}

async fn withdraw(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let body: body::WithdrawalBody = ask.body()?;
    let command = Withdraw {
        amount: above_zero(body.amount)?,
        to: to::payee(body.bank, &body.account_number, &body.holder)?,
        withdrawal_memo: memo("withdrawalMemo", body.withdrawal_memo)?,
        deposit_memo: memo("depositMemo", body.deposit_memo)?,
    };
    let id = ask.path_id(3, "id", PayoutAccountId::parse)?;
    ask.app.withdraw(&desk, &desk.home(), &id, (&command, &person(&ask)), &ticket).await
}

fn account_transfer_id(ask: &Ask) -> Result<AccountTransferId, Failure> {
    ask.path_id(3, "id", AccountTransferId::parse)
}

async fn approve_withdrawal(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    let id = account_transfer_id(&ask)?;
    ask.app.approve_withdrawal(&desk, &desk.home(), &id, &person(&ask), &ticket).await
}

async fn cancel_withdrawal(ask: Arc<Ask>, ticket: Ticket) -> Verdict {
    let desk = desk(&ask).await?;
    ask.app.cancel_withdrawal(&desk, &desk.home(), &account_transfer_id(&ask)?, &ticket).await
}

async fn statement(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let partner = ask.path_id(3, "id", PartnerId::parse)?;
    let day = |name: &str| -> Result<Date, Failure> {
        let text = ask.parameter(name)?.ok_or_else(|| invalid(name, "must be given: a day as YYYY-MM-DD"))?;
        text.parse().map_err(|_| invalid(name, "must be a day as YYYY-MM-DD"))
    };
    let (from, until) = (day("from")?, day("until")?);
    if from > until {
        return Err(invalid("until", "is before from"));
    }
    let code = ask.parameter("currency")?;
    let currency = Currency::parse(code.as_deref().unwrap_or("KRW"));
    let currency = currency.ok_or_else(|| invalid("currency", "is not a currency of ISO 4217"))?;
    let statement = ask.app.partner_statement(&desk, &desk.home(), &partner, currency, (from, until)).await?;
    ok(&to::statement(&statement)?)
}

async fn working(ask: Arc<Ask>) -> Answered {
    let desk = desk(&ask).await?;
    let id = ask.path_id(3, "id", TransferId::parse)?;
    let working = ask.app.transfer_working(&desk, &id).await?;
    ok(&body::TransferWorkingAnswer { transfer_id: id.as_str().to_owned(), working })
}
