//! Writes of transfers, partner settlements and payouts.

use super::Plan;
use crate::row::{Value, micros, optional, text};
use crate::shape::document;
use crate::shape::paying::{Account, Bulk, Movement, Movements, Payout, partner_type_words};
use crate::shape::transfer::{Settlement, Transfer, working};
use crate::sql::Statement;
use jiff::civil::Date;
use paypier_domain::money::Amount;
use paypier_domain::settlement::definition::PlatformKey;
use paypier_domain::settlement::group::GroupKind;
use paypier_domain::settlement::partner_settlement::PartnerSettlement;
use paypier_domain::settlement::paying::{self as domain, Direction, Purpose};
use paypier_domain::settlement::transfer::{self as transfers, Hold, TransferContent};
use std::collections::BTreeSet;

/// How a property and its value are one term.
pub(crate) fn property_term(key: &str, value: &str) -> String {
    format!("{key}\u{1f}{value}")
}

pub(crate) fn day(day: Date) -> Value {
    day.to_string().into()
}

/// As texts are searched: in lower case.
pub(crate) fn searched(value: &str) -> String {
    value.to_lowercase()
}

fn of(platform: &PlatformKey, id: &str) -> Vec<Value> {
    vec![text(platform.merchant.as_str()), platform.environment.as_str().into(), text(id)]
}

impl Plan {
    pub(super) fn platform_hold(&mut self, hold: &Hold) {
        let mut values = of(&hold.platform, &hold.what);
        let statement = match hold.version {
            None => Statement::PlatformHoldTake,
            Some(version) => {
                values.push(version.into());
                Statement::PlatformHoldNext
            }
        };
        if hold.version.is_none() {
            values.push(1u64.into());
        }
        self.step(statement, values);
    }

    pub(super) fn platform_transfer(&mut self, transfer: &transfers::Transfer, expects: Option<u64>) {
        let mut values = of(&transfer.platform, transfer.id.as_str());
        match expects {
            None => {
                values.push(text(transfer.home.as_str()));
                values.push(transfer.created_at.into());
            }
            Some(version) => values.push(version.into()),
        }
        values.push(transfer.version.into());
        values.push(optional(transfer.contract().map(|contract| contract.id.as_str())));
        values.push(day(transfer.settles_on));
        values.push(transfer.is_frozen().into());
        values.push(working(transfer).into());
        values.push(document(&Transfer::of(transfer)).into());
        if expects.is_some() {
            self.step(Statement::PlatformTransferUpdate, values);
            return;
        }
        let payment = transfer.payment();
        let (original, cancellation) = match &transfer.content {
            TransferContent::OrderCancel(cancel) => {
                (Some(cancel.original.as_str()), Some(cancel.cancellation.id.as_str()))
            }
            TransferContent::Order(_) | TransferContent::Manual(_) => (None, None),
        };
        let amount = |part: fn(&paypier_domain::settlement::amount::SettlementAmount) -> Amount| {
            transfer.amount().map_or(0, |amount| part(amount).minor_units())
        };
        values.push(transfer.kind().into());
        values.push(text(transfer.partner.as_str()));
        values.push(optional(payment.map(|payment| payment.id.as_str())));
        values.push(optional(payment.map(|payment| payment.store.as_str())));
        values.push(optional(payment.and_then(|p| p.channel.as_ref()).map(|key| key.as_str())));
        values.push(optional(payment.and_then(|p| p.method.as_ref()).map(|method| method.kind())));
        values.push(optional(original));
        values.push(optional(cancellation));
        values.push(transfer.starts_on().map(day).unwrap_or(Value::Null));
        values.push(text(transfer.currency.code()));
        values.push(amount(|amount| amount.payment).into());
        values.push(amount(|amount| amount.payment_tax_free).into());
        values.push(searched(transfer.memo.as_deref().unwrap_or("")).into());
        values.push(search_text(transfer).into());
        self.step(Statement::PlatformTransferInsert, values);
        let rows = terms(transfer);
        self.rows(
            Statement::PlatformTermInsert,
            rows.into_iter().map(|(kind, term)| {
                vec![
                    text(transfer.platform.merchant.as_str()),
                    transfer.platform.environment.as_str().into(),
                    kind.into(),
                    term.into(),
                    text(transfer.id.as_str()),
                ]
            }),
        );
    }

    pub(super) fn platform_transfer_deleted(
        &mut self,
        platform: &PlatformKey,
        id: &str,
        expects: u64,
        at: jiff::Timestamp,
    ) {
        let mut values = of(platform, id);
        values.push(expects.into());
        values.push(at.into());
        self.step(Statement::PlatformTransferDelete, values);
    }

    pub(super) fn platform_transfer_joined(
        &mut self,
        platform: &PlatformKey,
        transfer: &str,
        settlement: &str,
    ) {
        let mut values = of(platform, transfer);
        values.push(text(settlement));
        self.step(Statement::PlatformTransferJoin, values);
    }

    pub(super) fn partner_settlement(&mut self, settlement: &PartnerSettlement, expects: Option<u64>) {
        let mut values = of(&settlement.platform, settlement.id.as_str());
        let statement = match expects {
            None => {
                let (contract, alone) = match &settlement.kind {
                    GroupKind::Order(contract) | GroupKind::OrderCancel(contract) => {
                        (Some(contract.as_str()), None)
                    }
                    GroupKind::Manual => (None, None),
                    GroupKind::ManualAlone(transfer) => (None, Some(transfer.as_str())),
                };
                values.push(text(settlement.home.as_str()));
                values.push(settlement.created_at.into());
                values.push(text(settlement.partner.as_str()));
                values.push(settlement.kind.word().into());
                values.push(optional(alone));
                values.push(optional(contract));
                values.push(text(settlement.currency.code()));
                values.push(day(settlement.settles_on));
                Statement::PartnerSettlementInsert
            }
            Some(version) => {
                values.push(version.into());
                Statement::PartnerSettlementUpdate
            }
        };
        let (amount, tax_free) = settlement.payable_amounts();
        values.push(settlement.version.into());
        values.push(settlement.status.as_str().into());
        values.push(settlement.status_at.into());
        values.push(amount.minor_units().into());
        values.push(tax_free.minor_units().into());
        values.push(settlement.transfers.into());
        values.push(optional(settlement.payout.as_ref().map(|payout| payout.as_str())));
        values.push(optional(settlement.bulk.as_ref().map(|bulk| bulk.as_str())));
        values.push(document(&Settlement::of(settlement.memo.as_deref(), &settlement.total)).into());
        self.step(statement, values);
    }

    pub(super) fn partner_settlement_removed(&mut self, platform: &PlatformKey, id: &str, expects: u64) {
        let mut values = of(platform, id);
        values.push(expects.into());
        self.step(Statement::PartnerSettlementRemove, values);
    }

    pub(super) fn payout(&mut self, payout: &domain::Payout, expects: Option<u64>) {
        let mut values = of(&payout.platform, payout.id.as_str());
        let (partner_type, taxation) = partner_type_words(payout.terms.partner);
        let statement = match expects {
            None => {
                values.push(text(payout.home.as_str()));
                values.push(text(payout.bulk.as_str()));
                values.push(payout.created_at.into());
                values.push(payout.method.as_str().into());
                values.push(text(payout.partner.as_str()));
                values.push(partner_type.into());
                values.push(taxation.into());
                values.push(text(&payout.account.bank));
                values.push(text(payout.terms.currency.code()));
                values.push(payout.amounts.settlement.minor_units().into());
                values.push(payout.amounts.amount.minor_units().into());
                Statement::PayoutInsert
            }
            Some(version) => {
                values.push(version.into());
                Statement::PayoutUpdate
            }
        };
        values.push(payout.version.into());
        values.push(payout.status.as_str().into());
        values.push(payout.status_at.into());
        values.push(payout.scheduled_at.into());
        values.push(document(&Payout::of(payout)).into());
        self.step(statement, values);
    }

    pub(super) fn bulk_payout(&mut self, bulk: &domain::BulkPayout, expects: Option<u64>) {
        let mut values = of(&bulk.platform, bulk.id.as_str());
        let statement = match expects {
            None => {
                values.push(text(bulk.home.as_str()));
                values.push(bulk.created_at.into());
                values.push(bulk.method.as_str().into());
                values.push(text(bulk.currency.code()));
                values.push(text(&bulk.created_by));
                Statement::BulkPayoutInsert
            }
            Some(version) => {
                values.push(version.into());
                Statement::BulkPayoutUpdate
            }
        };
        values.push(bulk.version.into());
        values.push(bulk.status.as_str().into());
        values.push(bulk.status_at.into());
        values.push(optional(bulk.approved_by.as_deref()));
        values.push(bulk.reserved_for.into());
        values.push(document(&Bulk::of(bulk)).into());
        self.step(statement, values);
    }

    pub(super) fn account_transfer(&mut self, transfer: &domain::AccountTransfer, expects: Option<u64>) {
        let mut values = of(&transfer.platform, transfer.id.as_str());
        let withdrawal = transfer.withdrawal();
        let (asked_by, approved_by) = match withdrawal.map(|withdrawal| &withdrawal.purpose) {
            Some(Purpose::Remit { asked_by, approved_by, .. }) => (Some(&**asked_by), approved_by.as_deref()),
            Some(Purpose::PartnerPayout { .. }) | None => (None, None),
        };
        let statement = match expects {
            None => {
                let (kind, purpose, payout, depositor) = match &transfer.direction {
                    Direction::Deposit { depositor } => ("DEPOSIT", None, None, Some(searched(depositor))),
                    Direction::Withdrawal(withdrawal) => match &withdrawal.purpose {
                        Purpose::PartnerPayout { payout, .. } => {
                            ("WITHDRAWAL", Some("PARTNER_PAYOUT"), Some(payout.as_str()), None)
                        }
                        Purpose::Remit { .. } => ("WITHDRAWAL", Some("REMIT"), None, None),
                    },
                };
                let bulk = withdrawal.and_then(|withdrawal| withdrawal.bulk.as_ref());
                values.push(text(transfer.home.as_str()));
                values.push(text(transfer.account.as_str()));
                values.push(transfer.created_at.into());
                values.push(kind.into());
                values.push(purpose.into());
                values.push(transfer.amount.minor_units().into());
                values.push(optional(payout));
                values.push(optional(bulk.map(|bulk| bulk.as_str())));
                values.push(depositor.into());
                values.push(withdrawal.map(|withdrawal| searched(&withdrawal.to.holder)).into());
                values.push(transfer.deposit_memo.as_deref().map(searched).into());
                values.push(transfer.withdrawal_memo.as_deref().map(searched).into());
                values.push(optional(asked_by));
                Statement::AccountTransferInsert
            }
            Some(version) => {
                values.push(version.into());
                Statement::AccountTransferUpdate
            }
        };
        values.push(transfer.version.into());
        values.push(transfer.status.as_str().into());
        values.push(transfer.status_at.into());
        values.push(transfer.traded_at.into());
        values.push(withdrawal.and_then(|withdrawal| withdrawal.scheduled_at).into());
        values.push(optional(approved_by));
        values.push(document(&Movement::of(transfer)).into());
        self.step(statement, values);
    }

    pub(super) fn bulk_account_transfer(&mut self, bulk: &domain::BulkAccountTransfer, expects: Option<u64>) {
        let mut values = of(&bulk.platform, bulk.id.as_str());
        let statement = match expects {
            None => {
                values.push(text(bulk.home.as_str()));
                values.push(text(bulk.account.as_str()));
                values.push(bulk.created_at.into());
                values.push(bulk.total.minor_units().into());
                Statement::BulkAccountTransferInsert
            }
            Some(version) => {
                values.push(version.into());
                Statement::BulkAccountTransferUpdate
            }
        };
        let body = Movements {
            created_by: bulk.created_by.to_string(),
            updated_at: micros(bulk.updated_at),
            scheduled_at: bulk.scheduled_at.map(micros),
        };
        values.push(bulk.version.into());
        values.push(bulk.status.as_str().into());
        values.push(bulk.status_at.into());
        values.push(document(&body).into());
        self.step(statement, values);
    }

    pub(super) fn payout_account(&mut self, account: &domain::PayoutAccount) {
        let mut values = of(&account.platform, account.id.as_str());
        let body = Account {
            provider: account.provider.to_string(),
            bank: account.bank.to_string(),
            number: account.number.to_string(),
            holder: account.holder.as_deref().map(str::to_owned),
        };
        values.push(text(account.home.as_str()));
        values.push(account.created_at.into());
        values.push(text(account.currency.code()));
        values.push(account.balance.minor_units().into());
        values.push(account.held.minor_units().into());
        values.push(account.last_sequence.into());
        values.push(document(&body).into());
        self.step(Statement::PayoutAccountInsert, values);
    }

    pub(super) fn account_moved(&mut self, moved: &domain::AccountMoved) {
        let mut values = of(&moved.platform, moved.account.as_str());
        values.push(moved.balance.into());
        values.push(moved.held.into());
        values.push(moved.sequences.into());
        self.step(Statement::PayoutAccountMove, values);
    }
}

/// Everything that the keyword `all` looks into, but for the partner's own texts.
fn search_text(transfer: &transfers::Transfer) -> String {
    let mut parts: Vec<&str> = vec![transfer.id.as_str(), transfer.partner.as_str()];
    parts.extend(transfer.payment().map(|payment| payment.id.as_str()));
    parts.extend(transfer.memo.as_deref());
    for line in transfer.calculation().map_or(&[][..], |calculation| &calculation.lines) {
        parts.extend([line.product.id.as_str(), &line.product.name]);
    }
    // No text that is searched for holds this.
    searched(&parts.join("\u{1f}"))
}

/// What a transfer is found by.
fn terms(transfer: &transfers::Transfer) -> BTreeSet<(&'static str, String)> {
    let mut terms = BTreeSet::new();
    for (key, value) in &transfer.properties {
        terms.insert(("PROPERTY", property_term(key, value)));
    }
    let Some(calculation) = transfer.calculation() else { return terms };
    for line in &calculation.lines {
        terms.insert(("PRODUCT_ID", line.product.id.as_str().to_owned()));
        terms.insert(("PRODUCT_NAME", line.product.name.to_string()));
    }
    let lines = &calculation.lines;
    for one in lines.iter().flat_map(|line| &line.discounts).chain(&calculation.discounts) {
        terms.insert(("DISCOUNT", one.policy.as_str().to_owned()));
    }
    for one in lines.iter().flat_map(|line| &line.additional_fees).chain(&calculation.additional_fees) {
        terms.insert(("FEE", one.policy.as_str().to_owned()));
    }
    terms
}
