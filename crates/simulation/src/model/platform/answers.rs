//! What operators are told, and what follows from it.

use super::{Market, Order, broken, sum};
use crate::ground::Finding;
use crate::model::{Answered, Marketplace};
use crate::office::{Person, SHOPS};
use crate::operations::{Ask, Deal, What};
use serde_json::Value;

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

impl Market {
    /// A request leaves; what it asks for may happen from now on, whoever hears of it.
    pub fn asked(&mut self, deal: &Deal, ask: &Ask) {
        match &deal.what {
            What::Delete(id) => {
                self.asked.deletions.insert(id.clone());
            }
            What::DeleteSettlements(ids) => self.asked.settlement_deletions.extend(ids.iter().cloned()),
            What::Deposit { depositor } => {
                let count = self.asked.deposits.entry(depositor.clone()).or_default();
                *count = if ask.key.is_some() { 1 } else { count.saturating_add(1) };
            }
            What::Withdraw { memo } => {
                let count = self.asked.withdrawals.entry(memo.clone()).or_default();
                *count = if ask.key.is_some() { 1 } else { count.saturating_add(1) };
            }
            What::Nothing
            | What::Forbidden
            | What::NothingLive
            | What::Withdrawal
            | What::Partner { .. }
            | What::Partners
            | What::ReadPartner(_)
            | What::LookUp
            | What::Order { .. }
            | What::Cancel { .. }
            | What::Manual
            | What::ReadTransfer(_)
            | What::ListSettlements
            | What::ListInside(_)
            | What::CompletePayout { .. }
            | What::ChangeSettlement(_)
            | What::MakeBulk
            | What::ChangeBulk(_)
            | What::Approve(_)
            | What::ReadBulk(_)
            | What::ListBulks
            | What::ListPayouts
            | What::Payout(_)
            | What::Accounts
            | What::Statement { .. } => {}
        }
    }

    /// An answer comes.
    ///
    /// # Errors
    /// The law that is broken.
    pub fn answered(
        &mut self,
        deal: &Deal,
        answered: &Answered,
        known: &mut Marketplace,
    ) -> Result<(), Finding> {
        nothing_of_others(deal.merchant, answered)?;
        if !answered.succeeds() {
            return self.refused(deal, answered);
        }
        let body = &answered.body;
        match &deal.what {
            What::Forbidden => {
                return broken("what does not concern the caller is refused", answered.ask.path.clone());
            }
            What::NothingLive if body["items"] != serde_json::json!([]) => {
                return broken("TEST and LIVE never meet", body.to_string());
            }
            What::Partner { id, look_up } => {
                self.told.partners.insert(id.clone());
                if let Some(look_up) = look_up {
                    let first = self.told.vouched.entry(look_up.clone()).or_insert_with(|| id.clone());
                    if first != id {
                        let what = format!("{look_up} has vouched for {first} and {id}");
                        return broken("a look-up vouches once", what);
                    }
                }
            }
            What::LookUp => {
                if let (Some(id), Some(holder)) =
                    (text(&body["accountVerificationId"]), text(&body["holderName"]))
                {
                    known.looked_up(id, holder);
                }
            }
            What::Order { partner, payment, is_external, has_lines } => {
                if let Some(id) = self.transfer_was_made(&body["transfer"], known)? {
                    known.registered(Order {
                        id,
                        partner: partner.clone(),
                        payment: payment.clone(),
                        is_external: *is_external,
                        has_lines: *has_lines,
                    });
                }
            }
            What::Cancel { .. } | What::Manual => {
                self.transfer_was_made(&body["transfer"], known)?;
            }
            What::Delete(id) => {
                self.told.deleted.insert(id.clone());
                known.is_gone(id);
            }
            What::ListSettlements => known.settlements_are(body, None),
            What::ListInside(bulk) => known.settlements_are(body, Some(bulk)),
            What::CompletePayout { bulk, settlements } => {
                self.told.completed.insert(bulk.clone(), settlements.clone());
            }
            What::DeleteSettlements(ids) => ids.iter().for_each(|id| known.settlement_is_gone(id)),
            What::ChangeSettlement(_) => known.settlement_is(&body["partnerSettlement"]),
            What::MakeBulk => {
                self.bulk_was_made(deal.by, &body["bulkPayout"]);
                known.bulk_is(&body["bulkPayout"], Some(deal.by));
            }
            What::ChangeBulk(_) => known.bulk_is(&body["bulkPayout"], None),
            What::Approve(bulk) => {
                known.bulk_is(&body["bulkPayout"], None);
                if self.told.makers.get(bulk) == Some(&deal.by) {
                    let what = format!("{bulk} was made and approved by {:?}", deal.by);
                    return broken("two people let money leave", what);
                }
            }
            What::ReadBulk(_) => known.bulk_is(body, None),
            What::ListBulks => body["items"].as_array().into_iter().flatten().for_each(|bulk| {
                known.bulk_is(bulk, None);
            }),
            What::ListPayouts => {
                for payout in body["items"].as_array().into_iter().flatten() {
                    self.payout_is(payout, known);
                }
            }
            What::Payout(_) => {
                let payout = if body["payout"].is_object() { &body["payout"] } else { body };
                self.payout_is(payout, known);
            }
            What::Deposit { depositor } => {
                self.told.deposits.insert(depositor.clone());
                account_is_sound(body)?;
            }
            What::Withdraw { memo } => {
                self.told.withdrawals.insert(memo.clone());
                known.withdrawal_is(&body["accountTransfer"], Some(deal.by));
            }
            What::Withdrawal => known.withdrawal_is(&body["accountTransfer"], None),
            What::Accounts => {
                for account in body["items"].as_array().into_iter().flatten() {
                    account_is_sound(account)?;
                }
            }
            What::Statement { partner } => statement_ties(partner, body)?,
            What::Nothing
            | What::NothingLive
            | What::Partners
            | What::ReadPartner(_)
            | What::ReadTransfer(_) => {}
        }
        Ok(())
    }

    fn refused(&self, deal: &Deal, answered: &Answered) -> Result<(), Finding> {
        let is_missing = answered.status == 404;
        match &deal.what {
            What::ReadPartner(id) if is_missing && answered.was_acknowledged => {
                broken("what somebody was told is there stays", id.clone())
            }
            What::ReadTransfer(id)
                if is_missing
                    && answered.was_acknowledged
                    && !self.asked.deletions.contains(id)
                    && self.asked.settlement_deletions.is_empty() =>
            {
                broken("what somebody was told is there stays", id.clone())
            }
            _ => Ok(()),
        }
    }

    /// Whether the thing that a request is about was there before, as somebody was told.
    pub fn is_acknowledged(&self, deal: &Deal) -> bool {
        match &deal.what {
            What::ReadPartner(id) => self.told.partners.contains(id),
            What::ReadTransfer(id) => self.told.transfers.contains_key(id),
            _ => false,
        }
    }

    fn transfer_was_made(
        &mut self,
        transfer: &Value,
        known: &mut Marketplace,
    ) -> Result<Option<String>, Finding> {
        let (Some(id), Some(partner)) = (text(&transfer["id"]), text(&transfer["partner"]["id"])) else {
            return Ok(None);
        };
        adds_up(&id, &transfer["amount"])?;
        if self.told.deleted.contains(&id) {
            // The same key hears the same answer again; the id is taken for ever.
            return Ok(None);
        }
        known.has_transfer(&id);
        self.told.transfers.insert(id.clone(), partner);
        Ok(Some(id))
    }

    fn bulk_was_made(&mut self, by: Person, bulk: &Value) {
        if let Some(id) = text(&bulk["id"]) {
            self.told.makers.entry(id).or_insert(by);
        }
    }

    fn payout_is(&mut self, payout: &Value, known: &mut Marketplace) {
        known.payout_is(payout);
        if let (Some(id), Some("SUCCEEDED")) = (text(&payout["id"]), payout["status"].as_str()) {
            self.told.succeeded.insert(id);
        }
    }
}

/// Every id of a merchant's begins with the merchant's own.
fn nothing_of_others(merchant: &str, answered: &Answered) -> Result<(), Finding> {
    let bytes = &answered.bytes;
    for shop in SHOPS.iter().filter(|shop| shop.merchant != merchant) {
        let others = format!("{}-", shop.merchant);
        // What the caller has sent itself may be repeated to it.
        let is_asked = answered.ask.path.contains(&others);
        if !is_asked && bytes.windows(others.len()).any(|part| part == others.as_bytes()) {
            let what = format!("{} of {merchant}: {}", answered.ask.path, String::from_utf8_lossy(bytes));
            return broken("what does not concern the caller is refused", what);
        }
    }
    Ok(())
}

/// The amounts of a transfer, as docs/settlement.md adds them up.
fn adds_up(id: &str, amount: &Value) -> Result<(), Finding> {
    if !amount.is_object() {
        return Ok(());
    }
    let of = |member: &str| amount[member].as_i64().unwrap_or_default();
    let less = |member: &str| of(member).saturating_neg();
    let payment = [of("order"), less("discount")];
    let parts = [of("paymentSupply"), of("paymentVat"), of("paymentTaxFree")];
    let settlement = [
        of("order"),
        less("paymentVatBurden"),
        less("platformFee"),
        less("platformFeeVat"),
        less("additionalFee"),
        less("additionalFeeVat"),
        less("discountShare"),
    ];
    let payment_is = i128::from(of("payment"));
    if payment_is != sum(payment)
        || payment_is != sum(parts)
        || i128::from(of("settlement")) != sum(settlement)
    {
        return broken("the amounts of a transfer add up", format!("{id}: {amount}"));
    }
    Ok(())
}

fn account_is_sound(account: &Value) -> Result<(), Finding> {
    let (balance, held) = (account["balance"].as_i64(), account["held"].as_i64());
    match (balance, held) {
        (Some(balance), Some(held)) if balance >= held && held >= 0 => Ok(()),
        _ => broken("the account never pays more than it holds", account.to_string()),
    }
}

/// Opening, lines and closing; and what was taken off is what reached the partner and what was withheld.
///
/// # Errors
/// They do not tie.
pub fn statement_ties(partner: &str, statement: &Value) -> Result<(), Finding> {
    let lines = statement["lines"].as_array().cloned().unwrap_or_default();
    let amount = |line: &Value| line["amount"].as_i64().unwrap_or_default();
    let of = |value: &Value| value.as_i64().unwrap_or_default();
    let moved = sum(lines.iter().map(amount));
    let closing = i128::from(of(&statement["openingBalance"])).saturating_add(moved);
    let paid = &statement["paid"];
    let payouts: Vec<&Value> = lines.iter().filter(|line| line["type"] == "PAID").collect();
    let off = sum(payouts.iter().map(|line| amount(line))).saturating_neg();
    let arrived = sum([
        of(&paid["settlementAmount"]),
        of(&paid["vatOnTop"]),
        of(&paid["incomeTaxAmount"]).saturating_neg(),
        of(&paid["localIncomeTaxAmount"]).saturating_neg(),
    ]);
    let ties = closing == i128::from(of(&statement["closingBalance"]))
        && off == i128::from(of(&paid["settlementAmount"]))
        && arrived == i128::from(of(&paid["amount"]))
        && of(&paid["count"]) == i64::try_from(payouts.len()).unwrap_or(i64::MAX);
    if ties { Ok(()) } else { broken("a statement ties to the payouts", format!("{partner}: {statement}")) }
}
