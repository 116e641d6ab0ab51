//! Every statement that writes, once, for both databases.
//!
//! Texts are written with `?1`; PostgreSQL gets `$1`. A statement whose row count is a guard is
//! wrapped on PostgreSQL so that it fails by itself when it touched nothing: that is what allows a
//! whole transaction, COMMIT included, to be sent without waiting in between.

use std::fmt::Write as _;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        /// A statement that writes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub(crate) enum Statement { $($(#[$doc])* $name),* }

        impl Statement {
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$name),*];
        }
    };
}

statements! {
    /// Takes an idempotency key, also one that ended 30 days ago.
    ClaimTake,
    ClaimFinish,
    ClaimRelease,
    /// Unless a schedule waits for the payment.
    PaymentInsert,
    /// The payment that a schedule makes.
    PaymentInsertScheduled,
    /// Gives a payment its next version and changes nothing else.
    PaymentHold,
    /// All columns: a payment whose current attempt may be another one now.
    PaymentUpdate,
    /// What an outcome changes: most updates of most payments.
    PaymentSettle,
    AttemptInsert,
    AttemptUpdate,
    CancellationInsert,
    CancellationUpdate,
    BillingKeyInsert,
    BillingKeyUpdate,
    WindowInsert,
    WindowUpdate,
    CashReceiptInsert,
    CashReceiptUpdate,
    IdentityVerificationInsert,
    IdentityVerificationUpdate,
    /// As with a payment.
    BillingKeyHold,
    /// Unless the payment exists.
    ScheduleInsert,
    /// Beside a payment that exists.
    ScheduleInsertBeside,
    ScheduleUpdate,
    PlanInsert,
    PlanUpdate,
    SubscriptionInsert,
    SubscriptionUpdate,
    DeductionInsert,
    /// One that is under way, or that failed and is paid after all.
    DeductionUpdate,
    EmptyPlans,
    EmptySubscriptions,
    EmptyDeductions,
    PreRegistrationPut,
    CheckoutProfilePut,
    PaymentSessionInsert,
    PaymentSessionClose,
    PurgeSessions,
    EmptySessions,
    PaymentLinkInsert,
    PaymentLinkUpdate,
    EmptyPaymentLinks,
    PromotionInsert,
    /// What an operator decides; the money is left alone.
    PromotionUpdate,
    /// Only by the terms that were looked at, and only what is there.
    BudgetReserve,
    BudgetRegain,
    BudgetSpend,
    BudgetRelease,
    BudgetSpendUnheld,
    BudgetRecover,
    BudgetLose,
    EmptyBudgets,
    PlatformSettingInsert,
    PlatformSettingUpdate,
    RuleInsert,
    RuleUpdate,
    PartnerInsert,
    PartnerUpdate,
    PartnerTagsRemove,
    PartnerTagInsert,
    VersionInsert,
    VerificationInsert,
    VerificationUse,
    EmptyPlatformSettings,
    EmptyRules,
    EmptyPartners,
    EmptyPartnerTags,
    EmptyVersions,
    EmptyVerifications,
    PurgeVerifications,
    PlatformHoldTake,
    PlatformHoldNext,
    PlatformTransferInsert,
    PlatformTransferUpdate,
    PlatformTransferDelete,
    /// Unless it is deleted or has joined one already.
    PlatformTransferJoin,
    PlatformTermInsert,
    PartnerSettlementInsert,
    PartnerSettlementUpdate,
    PartnerSettlementRemove,
    PayoutInsert,
    PayoutUpdate,
    BulkPayoutInsert,
    BulkPayoutUpdate,
    AccountTransferInsert,
    AccountTransferUpdate,
    BulkAccountTransferInsert,
    BulkAccountTransferUpdate,
    PayoutAccountInsert,
    /// Only what is there can be held or taken.
    PayoutAccountMove,
    EmptyPlatformTerms,
    EmptyPlatformHolds,
    EmptyPlatformTransfers,
    EmptyPartnerSettlements,
    EmptyPayouts,
    EmptyBulkPayouts,
    EmptyAccountTransfers,
    EmptyBulkAccountTransfers,
    EmptyPayoutAccounts,
    MerchantInsert,
    StorePut,
    SecretPut,
    ChannelPut,
    GroupPut,
    EndpointPut,
    WebhookSecretPut,
    GlobalMerchantPut,
    GlobalChannelPut,
    GlobalEndpointInsert,
    GlobalOrderInsert,
    GlobalOrderUpdate,
    RefundNoteInsert,
    EmptyGlobalOrders,
    EmptyRefundNotes,
    /// Removes the refresh tokens of a secret, which must include the superseded one.
    TokensSupersede,
    TokensRemove,
    TokenInsert,
    SimulatorInsert,
    SimulatorUpdate,
    ClockStore,
    ClockJobs,
    ClockDeliveries,
    EmptyWindows,
    EmptyEvidence,
    EmptyAttempts,
    EmptyCancellations,
    EmptyPayments,
    EmptyBillingKeys,
    EmptyCashReceipts,
    EmptyIdentityVerifications,
    EmptySchedules,
    EmptyEvents,
    EmptyDeliveries,
    EmptyJobs,
    EmptyEntries,
    EmptyBalances,
    EmptyPreRegistrations,
    EmptySimulator,
    PurgeClaims,
    PurgeTokens,
    PurgeWindows,
    PurgeCommits,
    EventInsert,
    /// About a payment that the change does not write: its lane is looked up.
    EventInsertAside,
    DeliveryInsert,
    /// As above.
    DeliveryInsertAside,
    DeliveryUpdate,
    JobPut,
    JobPutOff,
    JobDone,
    JobRemove,
    EvidenceInsert,
    EntryInsert,
    /// As above.
    EntryInsertAside,
    BalanceAdd,
}

/// How a statement is made.
enum Make {
    /// `INSERT INTO table (columns) VALUES (…), (…) tail`; several rows at once.
    Insert {
        table: &'static str,
        columns: &'static str,
        tail: &'static str,
    },
    /// `INSERT INTO table (columns) SELECT … WHERE NOT EXISTS (SELECT 1 FROM unless)`; one row.
    InsertUnless {
        table: &'static str,
        columns: &'static str,
        unless: &'static str,
    },
    Text(&'static str),
}

/// What a statement that touched no row means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Untouched {
    /// Nothing: the row need not exist.
    Fine,
    Conflict,
    KeyTaken,
}

/// What a row that exists already means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duplicate {
    Exists,
    Conflict,
}

const PAYMENT_COLUMNS: &str = "store_id, payment_id, root, merchant_id, environment, created_at, \
     version, last_event, updated_at, status_changed_at, status, status_at, transaction_id, \
     claimed_order_amount, claimed_refund, method, card_brand, card_type, card_owner, card_number, pg_tx_id, disputes, \
     total, to_pay, currency, pg_provider, platform, is_escrow, is_scheduled, order_name, \
     customer_name, customer_email, customer_phone, billing_key";

/// The store and the payment come first, as with payments.
const SCHEDULE_COLUMNS: &str = "store_id, payment_id, schedule_id, merchant_id, environment, billing_key, \
     created_at, time_to_pay, version, status, completed_at, status_at, transaction_id, body";

impl Statement {
    fn make(self) -> Make {
        use Make::{Insert, InsertUnless, Text};
        match self {
            Self::ClaimTake => Insert {
                table: "claims",
                columns: "merchant_id, claim_key, operation, fingerprint, at, status, answer",
                tail: "ON CONFLICT (merchant_id, claim_key) DO UPDATE SET operation = excluded.operation, \
                       fingerprint = excluded.fingerprint, at = excluded.at, status = excluded.status, \
                       answer = excluded.answer WHERE claims.at < excluded.at - 2592000000000",
            },
            Self::ClaimFinish => {
                Text("UPDATE claims SET status = ?3, answer = ?4 WHERE merchant_id = ?1 AND claim_key = ?2")
            }
            Self::ClaimRelease => Text("DELETE FROM claims WHERE merchant_id = ?1 AND claim_key = ?2"),
            Self::PaymentInsert => InsertUnless {
                table: "payments",
                columns: PAYMENT_COLUMNS,
                unless: "payment_schedules w WHERE w.store_id = ?1 AND w.payment_id = ?2 AND w.status = 'SCHEDULED'",
            },
            Self::PaymentInsertScheduled => Insert { table: "payments", columns: PAYMENT_COLUMNS, tail: "" },
            Self::PaymentHold => Text(
                "UPDATE payments SET version = version + 1 WHERE store_id = ?1 AND payment_id = ?2 AND version = ?3",
            ),
            Self::PaymentUpdate => Text(
                "UPDATE payments SET version = ?4, last_event = ?5, updated_at = ?6, status_changed_at = ?7, status = ?8, \
                 status_at = ?9, transaction_id = ?10, claimed_order_amount = ?11, claimed_refund = ?12, method = ?13, \
                 card_brand = ?14, card_type = ?15, card_owner = ?16, card_number = ?17, pg_tx_id = ?18, disputes = ?19, \
                 total = ?20, to_pay = ?21, currency = ?22, pg_provider = ?23, platform = ?24, is_escrow = ?25, \
                 is_scheduled = ?26, order_name = ?27, customer_name = ?28, customer_email = ?29, customer_phone = ?30, \
                 billing_key = ?31 WHERE store_id = ?1 AND payment_id = ?2 AND version = ?3",
            ),
            Self::PaymentSettle => Text(
                "UPDATE payments SET version = ?4, last_event = ?5, updated_at = ?6, status_changed_at = ?7, status = ?8, \
                 status_at = ?9, transaction_id = ?10, claimed_order_amount = ?11, claimed_refund = ?12, method = ?13, \
                 card_brand = ?14, card_type = ?15, card_owner = ?16, card_number = ?17, pg_tx_id = ?18, disputes = ?19 \
                 WHERE store_id = ?1 AND payment_id = ?2 AND version = ?3",
            ),
            Self::AttemptInsert => Insert {
                table: "attempts",
                columns: "store_id, payment_id, root, number, transaction_id, is_paid, body",
                tail: "",
            },
            Self::AttemptUpdate => Text(
                "UPDATE attempts SET is_paid = ?4, body = ?5 WHERE store_id = ?1 AND root = ?2 AND number = ?3",
            ),
            Self::CancellationInsert => Insert {
                table: "cancellations",
                columns: "store_id, root, number, cancellation_id, order_amount, refund, \
                          pg_cancellation_id, reason, body",
                tail: "",
            },
            Self::CancellationUpdate => Text(
                "UPDATE cancellations SET pg_cancellation_id = ?4, body = ?5 \
                 WHERE store_id = ?1 AND root = ?2 AND number = ?3",
            ),
            Self::BillingKeyInsert => Insert {
                table: "billing_keys",
                columns: "billing_key_id, store_id, merchant_id, environment, version, status, requested_at, \
                          issued_at, deleted_at, status_at, customer_id, channel_group_id, platform, body",
                tail: "",
            },
            Self::BillingKeyUpdate => Text(
                "UPDATE billing_keys SET version = ?3, status = ?4, issued_at = ?5, deleted_at = ?6, status_at = ?7, \
                 customer_id = ?8, channel_group_id = ?9, body = ?10 WHERE billing_key_id = ?1 AND version = ?2",
            ),
            Self::WindowInsert => Insert {
                table: "checkout_windows",
                columns: "window_digest, store_id, merchant_id, environment, subject, version, opened_at, \
                          expires_at, body",
                tail: "",
            },
            Self::WindowUpdate => Text(
                "UPDATE checkout_windows SET subject = ?3, version = ?4, expires_at = ?5, handed_digest = ?6, body = ?7 \
                 WHERE window_digest = ?1 AND version = ?2",
            ),
            Self::CashReceiptInsert => Insert {
                table: "cash_receipts",
                columns: "store_id, payment_id, number, receipt_id, merchant_id, environment, is_manual, kind, \
                          order_name, pg_provider, pg_merchant_id, total, requested_at, version, status, \
                          blocks_others, pg_receipt_id, issued_at, cancelled_at, status_at, body",
                tail: "",
            },
            Self::CashReceiptUpdate => Text(
                "UPDATE cash_receipts SET version = ?5, status = ?6, blocks_others = ?7, pg_receipt_id = ?8, \
                 issued_at = ?9, cancelled_at = ?10, status_at = ?11, body = ?12 \
                 WHERE store_id = ?1 AND payment_id = ?2 AND number = ?3 AND version = ?4",
            ),
            Self::IdentityVerificationInsert => Insert {
                table: "identity_verifications",
                columns: "store_id, verification_id, number, tx_id, merchant_id, environment, origin, pg_provider, \
                          pg_merchant_id, requested_at, version, status, is_open, carrier, name, phone_number, \
                          birth_year, birth_month, birth_day, gender, pg_tx_id, verified_at, failed_at, status_at, \
                          updated_at, sealed, body",
                tail: "",
            },
            Self::IdentityVerificationUpdate => Text(
                "UPDATE identity_verifications SET version = ?5, status = ?6, is_open = ?7, carrier = ?8, name = ?9, \
                 phone_number = ?10, birth_year = ?11, birth_month = ?12, birth_day = ?13, gender = ?14, \
                 pg_tx_id = ?15, verified_at = ?16, failed_at = ?17, status_at = ?18, updated_at = ?19, \
                 sealed = ?20, body = ?21 \
                 WHERE store_id = ?1 AND verification_id = ?2 AND number = ?3 AND version = ?4",
            ),
            Self::BillingKeyHold => Text(
                "UPDATE billing_keys SET version = version + 1 WHERE billing_key_id = ?1 AND version = ?2",
            ),
            Self::ScheduleInsert => InsertUnless {
                table: "payment_schedules",
                columns: SCHEDULE_COLUMNS,
                unless: "payments p WHERE p.store_id = ?1 AND p.payment_id = ?2",
            },
            Self::ScheduleInsertBeside => {
                Insert { table: "payment_schedules", columns: SCHEDULE_COLUMNS, tail: "" }
            }
            Self::ScheduleUpdate => Text(
                "UPDATE payment_schedules SET version = ?4, status = ?5, completed_at = ?6, status_at = ?7, \
                 transaction_id = ?8, body = ?9 WHERE store_id = ?1 AND schedule_id = ?2 AND version = ?3",
            ),
            Self::PlanInsert => Insert {
                table: "subscription_plans",
                columns: "store_id, plan_ref, merchant_id, environment, merchant_ref, created_at, version, \
                          cancelled_at, body",
                tail: "",
            },
            Self::PlanUpdate => Text(
                "UPDATE subscription_plans SET version = ?4, cancelled_at = ?5, body = ?6 \
                 WHERE store_id = ?1 AND plan_ref = ?2 AND version = ?3",
            ),
            Self::SubscriptionInsert => Insert {
                table: "subscriptions",
                columns: "store_id, subscription_ref, merchant_id, environment, merchant_ref, plan_ref, \
                          created_at, expires_at, version, status, collected_amount, collected_count, body",
                tail: "",
            },
            Self::SubscriptionUpdate => Text(
                "UPDATE subscriptions SET version = ?4, status = ?5, collected_amount = ?6, \
                 collected_count = ?7, body = ?8 \
                 WHERE store_id = ?1 AND subscription_ref = ?2 AND version = ?3",
            ),
            Self::DeductionInsert => Insert {
                table: "subscription_deductions",
                columns: "store_id, subscription_ref, number, environment, payment_id, slot, kind, amount, \
                          created_at, status, ended_at, is_last",
                tail: "",
            },
            Self::DeductionUpdate => Text(
                "UPDATE subscription_deductions SET status = ?4, ended_at = ?5, is_last = ?6 \
                 WHERE store_id = ?1 AND subscription_ref = ?2 AND number = ?3 AND status <> 'COLLECTED'",
            ),
            Self::EmptyPlans => {
                Text("DELETE FROM subscription_plans WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptySubscriptions => {
                Text("DELETE FROM subscriptions WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyDeductions => {
                Text("DELETE FROM subscription_deductions WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::PreRegistrationPut => Insert {
                table: "pre_registrations",
                columns: "store_id, payment_id, total, tax_free, currency, registered_at",
                tail: "ON CONFLICT (store_id, payment_id) DO UPDATE SET total = excluded.total, \
                       tax_free = excluded.tax_free, currency = excluded.currency, \
                       registered_at = excluded.registered_at",
            },
            Self::CheckoutProfilePut => Insert {
                table: "checkout_profiles",
                columns: "store_id, profile_key, environment, created_at, body",
                tail: "ON CONFLICT (store_id, profile_key) DO UPDATE SET environment = excluded.environment, \
                       created_at = excluded.created_at, body = excluded.body",
            },
            Self::PaymentSessionInsert => Insert {
                table: "payment_sessions",
                columns: "digest, store_id, payment_id, environment, created_at, expires_at, closed_at, body",
                tail: "",
            },
            Self::PaymentSessionClose => {
                Text("UPDATE payment_sessions SET closed_at = ?2 WHERE digest = ?1 AND closed_at IS NULL")
            }
            Self::PurgeSessions => Text("DELETE FROM payment_sessions WHERE expires_at < ?1"),
            Self::EmptySessions => {
                Text("DELETE FROM payment_sessions WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::PaymentLinkInsert => Insert {
                table: "payment_links",
                columns: "store_id, link_ref, merchant_id, environment, order_ref, label, version, status, \
                          created_at, expires_at, body",
                tail: "",
            },
            Self::PaymentLinkUpdate => Text(
                "UPDATE payment_links SET version = ?4, status = ?5, expires_at = ?6, body = ?7 \
                 WHERE store_id = ?1 AND link_ref = ?2 AND version = ?3",
            ),
            Self::EmptyPaymentLinks => {
                Text("DELETE FROM payment_links WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::PlatformHoldTake => Insert {
                table: "platform_holds",
                columns: "merchant_id, environment, what, version",
                tail: "",
            },
            Self::PlatformHoldNext => Text(
                "UPDATE platform_holds SET version = version + 1 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND what = ?3 AND version = ?4",
            ),
            Self::PlatformTransferInsert => Insert {
                table: "platform_transfers",
                columns: "merchant_id, environment, transfer_id, store_id, created_at, version, contract_id, \
                          settles_on, frozen, working, body, kind, partner_id, payment_id, payment_store_id, \
                          channel_key, method, original_id, cancellation_id, starts_on, currency, payment, \
                          payment_tax_free, memo_text, search_text",
                tail: "",
            },
            // What names a row must not read like the condition of an index: PostgreSQL takes such an index for a small
            // one while it has no statistics, and goes through all of it for each row, for as long as the plan is kept.
            Self::PlatformTransferUpdate => Text(
                "UPDATE platform_transfers SET version = ?5, contract_id = ?6, settles_on = ?7, frozen = ?8, \
                 working = ?9, body = ?10 WHERE merchant_id = ?1 AND environment = ?2 AND transfer_id = ?3 \
                 AND version = ?4 AND coalesce(deleted_at, 0) = 0",
            ),
            Self::PlatformTransferDelete => Text(
                "UPDATE platform_transfers SET version = version + 1, deleted_at = ?5 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND transfer_id = ?3 AND version = ?4 \
                 AND coalesce(deleted_at, 0) = 0",
            ),
            Self::PlatformTransferJoin => Text(
                "UPDATE platform_transfers SET version = version + 1, settlement_id = ?4 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND transfer_id = ?3 \
                 AND coalesce(settlement_id, '') = '' AND coalesce(deleted_at, 0) = 0",
            ),
            Self::PlatformTermInsert => Insert {
                table: "platform_transfer_terms",
                columns: "merchant_id, environment, kind, term, transfer_id",
                tail: "",
            },
            Self::PartnerSettlementInsert => Insert {
                table: "platform_partner_settlements",
                columns: "merchant_id, environment, settlement_id, store_id, created_at, partner_id, kind, \
                          alone_id, contract_id, currency, settles_on, version, status, status_at, settlement, \
                          tax_free, transfers, payout_id, bulk_payout_id, body",
                tail: "",
            },
            Self::PartnerSettlementUpdate => Text(
                "UPDATE platform_partner_settlements SET version = ?5, status = ?6, status_at = ?7, \
                 settlement = ?8, tax_free = ?9, transfers = ?10, payout_id = ?11, bulk_payout_id = ?12, body = ?13 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND settlement_id = ?3 AND version = ?4",
            ),
            Self::PartnerSettlementRemove => Text(
                "DELETE FROM platform_partner_settlements \
                 WHERE merchant_id = ?1 AND environment = ?2 AND settlement_id = ?3 AND version = ?4",
            ),
            Self::PayoutInsert => Insert {
                table: "platform_payouts",
                columns: "merchant_id, environment, payout_id, store_id, bulk_payout_id, created_at, method, \
                          partner_id, partner_type, taxation, bank, currency, settlement, amount, version, status, \
                          status_at, scheduled_at, body",
                tail: "",
            },
            Self::PayoutUpdate => Text(
                "UPDATE platform_payouts SET version = ?5, status = ?6, status_at = ?7, scheduled_at = ?8, body = ?9 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND payout_id = ?3 AND version = ?4",
            ),
            Self::BulkPayoutInsert => Insert {
                table: "platform_bulk_payouts",
                columns: "merchant_id, environment, bulk_payout_id, store_id, created_at, method, currency, \
                          created_by, version, status, status_at, approved_by, reserved_for, body",
                tail: "",
            },
            Self::BulkPayoutUpdate => Text(
                "UPDATE platform_bulk_payouts SET version = ?5, status = ?6, status_at = ?7, approved_by = ?8, \
                 reserved_for = ?9, body = ?10 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND bulk_payout_id = ?3 AND version = ?4",
            ),
            Self::AccountTransferInsert => Insert {
                table: "platform_account_transfers",
                columns: "merchant_id, environment, account_transfer_id, store_id, account_id, created_at, kind, \
                          purpose, amount, payout_id, bulk_account_transfer_id, depositor_text, holder_text, \
                          deposit_memo_text, withdrawal_memo_text, asked_by, version, status, status_at, \
                          traded_at, scheduled_at, approved_by, body",
                tail: "",
            },
            Self::AccountTransferUpdate => Text(
                "UPDATE platform_account_transfers SET version = ?5, status = ?6, status_at = ?7, traded_at = ?8, \
                 scheduled_at = ?9, approved_by = ?10, body = ?11 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND account_transfer_id = ?3 AND version = ?4",
            ),
            Self::BulkAccountTransferInsert => Insert {
                table: "platform_bulk_account_transfers",
                columns: "merchant_id, environment, bulk_account_transfer_id, store_id, account_id, created_at, \
                          total, version, status, status_at, body",
                tail: "",
            },
            Self::BulkAccountTransferUpdate => Text(
                "UPDATE platform_bulk_account_transfers SET version = ?5, status = ?6, status_at = ?7, body = ?8 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND bulk_account_transfer_id = ?3 AND version = ?4",
            ),
            Self::PayoutAccountInsert => Insert {
                table: "platform_accounts",
                columns: "merchant_id, environment, account_id, store_id, created_at, currency, balance, held, \
                          last_sequence, body",
                tail: "",
            },
            Self::PayoutAccountMove => Text(
                "UPDATE platform_accounts SET balance = balance + ?4, held = held + ?5, \
                 last_sequence = last_sequence + ?6 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND account_id = ?3 AND balance + ?4 >= 0 \
                 AND held + ?5 >= 0 AND held + ?5 <= balance + ?4",
            ),
            Self::EmptyPlatformTerms => Text(
                "DELETE FROM platform_transfer_terms WHERE environment = 'TEST' AND EXISTS \
                 (SELECT 1 FROM platform_transfers t WHERE t.store_id = ?1 AND t.environment = 'TEST' \
                 AND t.merchant_id = platform_transfer_terms.merchant_id \
                 AND t.transfer_id = platform_transfer_terms.transfer_id)",
            ),
            Self::EmptyPlatformHolds => Text(
                "DELETE FROM platform_holds WHERE environment = 'TEST' AND merchant_id IN \
                 (SELECT t.merchant_id FROM platform_transfers t WHERE t.store_id = ?1 AND t.environment = 'TEST')",
            ),
            Self::EmptyPlatformTransfers => {
                Text("DELETE FROM platform_transfers WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyPartnerSettlements => {
                Text("DELETE FROM platform_partner_settlements WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyPayouts => {
                Text("DELETE FROM platform_payouts WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyBulkPayouts => {
                Text("DELETE FROM platform_bulk_payouts WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyAccountTransfers => {
                Text("DELETE FROM platform_account_transfers WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyBulkAccountTransfers => Text(
                "DELETE FROM platform_bulk_account_transfers WHERE store_id = ?1 AND environment = 'TEST'",
            ),
            Self::EmptyPayoutAccounts => {
                Text("DELETE FROM platform_accounts WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::PromotionInsert => Insert {
                table: "promotions",
                columns: "store_id, promotion_id, environment, created_at, terms, total_budget, spare_budget, \
                          reserved, spent, unfunded, unrecovered, body",
                tail: "",
            },
            Self::PromotionUpdate => Text(
                "UPDATE promotions SET terms = ?4, total_budget = ?5, spare_budget = ?6, body = ?7 \
                 WHERE store_id = ?1 AND promotion_id = ?2 AND terms = ?3",
            ),
            Self::BudgetReserve => Text(
                "UPDATE promotions SET reserved = reserved + ?3 WHERE store_id = ?1 AND promotion_id = ?2 \
                 AND spent + reserved + ?3 <= total_budget \
                 + CASE WHEN unrecovered < spare_budget THEN unrecovered ELSE spare_budget END AND terms = ?4",
            ),
            Self::BudgetRegain => Text(
                "UPDATE promotions SET reserved = reserved + ?3 WHERE store_id = ?1 AND promotion_id = ?2 \
                 AND spent + reserved + ?3 <= total_budget \
                 + CASE WHEN unrecovered < spare_budget THEN unrecovered ELSE spare_budget END",
            ),
            Self::BudgetSpend => Text(
                "UPDATE promotions SET reserved = reserved - ?3, spent = spent + ?3 \
                 WHERE store_id = ?1 AND promotion_id = ?2",
            ),
            Self::BudgetRelease => Text(
                "UPDATE promotions SET reserved = reserved - ?3 WHERE store_id = ?1 AND promotion_id = ?2",
            ),
            // As much as there is room for, and the rest unfunded.
            Self::BudgetSpendUnheld => Text(
                "UPDATE promotions SET \
                 spent = CASE WHEN spent + reserved + ?3 <= total_budget \
                   + CASE WHEN unrecovered < spare_budget THEN unrecovered ELSE spare_budget END \
                   THEN spent + ?3 ELSE total_budget \
                   + CASE WHEN unrecovered < spare_budget THEN unrecovered ELSE spare_budget END - reserved END, \
                 unfunded = CASE WHEN spent + reserved + ?3 <= total_budget \
                   + CASE WHEN unrecovered < spare_budget THEN unrecovered ELSE spare_budget END \
                   THEN unfunded ELSE unfunded + spent + reserved + ?3 - total_budget \
                   - CASE WHEN unrecovered < spare_budget THEN unrecovered ELSE spare_budget END END \
                 WHERE store_id = ?1 AND promotion_id = ?2",
            ),
            Self::BudgetRecover => Text(
                "UPDATE promotions SET \
                 spent = CASE WHEN unfunded < ?3 THEN spent - ?3 + unfunded ELSE spent END, \
                 unfunded = CASE WHEN unfunded < ?3 THEN 0 ELSE unfunded - ?3 END \
                 WHERE store_id = ?1 AND promotion_id = ?2",
            ),
            Self::BudgetLose => Text(
                "UPDATE promotions SET unrecovered = unrecovered + ?3 WHERE store_id = ?1 AND promotion_id = ?2",
            ),
            Self::EmptyBudgets => Text(
                "UPDATE promotions SET reserved = 0, spent = 0, unfunded = 0, unrecovered = 0 \
                 WHERE store_id = ?1 AND environment = 'TEST'",
            ),
            Self::PlatformSettingInsert => Insert {
                table: "platform_settings",
                columns: "merchant_id, environment, revision, body",
                tail: "",
            },
            Self::PlatformSettingUpdate => Text(
                "UPDATE platform_settings SET revision = ?4, body = ?5 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND revision = ?3",
            ),
            Self::RuleInsert => Insert {
                table: "platform_rules",
                columns: "merchant_id, environment, kind, rule_id, created_at, search_id, revision, \
                          versions, is_archived, reserved_at, name, figure, payer, cycle, date_policy, \
                          body",
                tail: "",
            },
            Self::RuleUpdate => Text(
                "UPDATE platform_rules SET revision = ?6, versions = ?7, is_archived = ?8, reserved_at = \
                 ?9, name = ?10, figure = ?11, payer = ?12, cycle = ?13, date_policy = ?14, body = ?15 \
                 WHERE merchant_id = ?1 AND environment = ?2 AND kind = ?3 AND rule_id = ?4 AND revision \
                 = ?5",
            ),
            Self::PartnerInsert => Insert {
                table: "platform_partners",
                columns: "merchant_id, environment, partner_id, created_at, search_id, revision, \
                          versions, is_archived, reserved_at, approval, connection, connection_at, \
                          connection_note, name, email, memo, kind, taxation, registration_number, \
                          business_status, contract_id, search_contract, bank, currency, account_number, \
                          account_holder, account_status, body",
                tail: "",
            },
            Self::PartnerUpdate => Text(
                "UPDATE platform_partners SET revision = ?5, versions = ?6, is_archived = ?7, \
                 reserved_at = ?8, approval = ?9, connection = ?10, connection_at = ?11, connection_note \
                 = ?12, name = ?13, email = ?14, memo = ?15, kind = ?16, taxation = ?17, \
                 registration_number = ?18, business_status = ?19, contract_id = ?20, search_contract = \
                 ?21, bank = ?22, currency = ?23, account_number = ?24, account_holder = ?25, \
                 account_status = ?26, body = ?27 WHERE merchant_id = ?1 AND environment = ?2 AND \
                 partner_id = ?3 AND revision = ?4",
            ),
            Self::PartnerTagsRemove => Text(
                "DELETE FROM platform_partner_tags WHERE merchant_id = ?1 AND environment = ?2 AND partner_id = ?3",
            ),
            Self::PartnerTagInsert => Insert {
                table: "platform_partner_tags",
                columns: "merchant_id, environment, partner_id, tag",
                tail: "",
            },
            Self::VersionInsert => Insert {
                table: "platform_versions",
                columns: "merchant_id, environment, kind, thing_id, number, applied_at, body",
                tail: "",
            },
            Self::VerificationInsert => Insert {
                table: "platform_verifications",
                columns: "merchant_id, environment, verification_id, kind, digest, business_status, made_at, used_at",
                tail: "",
            },
            Self::VerificationUse => Text(
                "UPDATE platform_verifications SET used_at = ?4 WHERE merchant_id = ?1 AND environment = ?2 \
                 AND verification_id = ?3 AND used_at IS NULL",
            ),
            Self::EmptyPlatformSettings => {
                Text("DELETE FROM platform_settings WHERE merchant_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyRules => {
                Text("DELETE FROM platform_rules WHERE merchant_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyPartners => {
                Text("DELETE FROM platform_partners WHERE merchant_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyPartnerTags => {
                Text("DELETE FROM platform_partner_tags WHERE merchant_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyVersions => {
                Text("DELETE FROM platform_versions WHERE merchant_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyVerifications => {
                Text("DELETE FROM platform_verifications WHERE merchant_id = ?1 AND environment = 'TEST'")
            }
            Self::PurgeVerifications => Text("DELETE FROM platform_verifications WHERE made_at < ?1"),
            Self::MerchantInsert => {
                Insert { table: "merchants", columns: "merchant_id, created_at, body", tail: "" }
            }
            Self::StorePut => Insert {
                table: "stores",
                columns: "store_id, merchant_id, created_at, test_clock_offset, body",
                tail: "ON CONFLICT (store_id) DO UPDATE SET merchant_id = excluded.merchant_id, \
                       created_at = excluded.created_at, test_clock_offset = excluded.test_clock_offset, \
                       body = excluded.body",
            },
            Self::SecretPut => Insert {
                table: "api_secrets",
                columns: "secret_id, store_id, digest, created_at, body",
                tail: "ON CONFLICT (secret_id) DO UPDATE SET store_id = excluded.store_id, digest = excluded.digest, \
                       created_at = excluded.created_at, body = excluded.body",
            },
            Self::ChannelPut => Insert {
                table: "channels",
                columns: "store_id, channel_key, credentials, body",
                tail: "ON CONFLICT (store_id, channel_key) DO UPDATE SET credentials = excluded.credentials, \
                       body = excluded.body",
            },
            Self::GroupPut => Insert {
                table: "channel_groups",
                columns: "store_id, channel_group_id, body",
                tail: "ON CONFLICT (store_id, channel_group_id) DO UPDATE SET body = excluded.body",
            },
            Self::EndpointPut => Insert {
                table: "webhook_endpoints",
                columns: "store_id, environment, body",
                tail: "ON CONFLICT (store_id, environment) DO UPDATE SET body = excluded.body",
            },
            Self::GlobalMerchantPut => Insert {
                table: "global_merchants",
                columns: "store_id, client_key, secret, created_at, body",
                tail: "ON CONFLICT (store_id) DO UPDATE SET client_key = excluded.client_key, \
                       secret = excluded.secret, body = excluded.body",
            },
            Self::GlobalChannelPut => Insert {
                table: "global_channels",
                columns: "store_id, environment, name, channel_key, country, credentials, updated_at",
                tail: "ON CONFLICT (store_id, environment, name) DO UPDATE SET channel_key = excluded.channel_key, \
                       country = excluded.country, credentials = excluded.credentials, \
                       updated_at = excluded.updated_at",
            },
            Self::GlobalEndpointInsert => Insert {
                table: "global_endpoints",
                columns: "store_id, endpoint_id, environment, topic, name, url, is_enabled, created_at",
                tail: "",
            },
            Self::GlobalOrderInsert => Insert {
                table: "global_orders",
                columns: "store_id, order_ref, environment, merchant_ref, payment_id, link_ref, subscription_ref, \
                          version, created_at, body",
                tail: "",
            },
            Self::GlobalOrderUpdate => Text(
                "UPDATE global_orders SET version = ?4, body = ?5 \
                 WHERE store_id = ?1 AND order_ref = ?2 AND version = ?3",
            ),
            Self::RefundNoteInsert => Insert {
                table: "global_refunds",
                columns: "store_id, cancellation_id, environment, payment_id, kind, description",
                tail: "",
            },
            Self::EmptyGlobalOrders => {
                Text("DELETE FROM global_orders WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyRefundNotes => {
                Text("DELETE FROM global_refunds WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::WebhookSecretPut => Insert {
                table: "webhook_secrets",
                columns: "secret_id, store_id, environment, sealed, created_at, expired_at",
                tail: "ON CONFLICT (secret_id) DO UPDATE SET store_id = excluded.store_id, \
                       environment = excluded.environment, sealed = excluded.sealed, \
                       created_at = excluded.created_at, expired_at = excluded.expired_at",
            },
            // The refresh token that is used up goes first and guards; the rest goes with it.
            Self::TokensSupersede => {
                Text("DELETE FROM tokens WHERE secret_id = ?1 AND kind = 'REFRESH' AND digest = ?2")
            }
            Self::TokensRemove => Text("DELETE FROM tokens WHERE secret_id = ?1 AND kind = 'REFRESH'"),
            Self::TokenInsert => {
                Insert { table: "tokens", columns: "digest, secret_id, kind, expires_at", tail: "" }
            }
            Self::SimulatorInsert => Insert {
                table: "simulator_records",
                columns: "store_id, kind, record_id, version, merchant_id, currency, approved, refunded, at, document",
                tail: "",
            },
            Self::SimulatorUpdate => Text(
                "UPDATE simulator_records SET version = ?5, merchant_id = ?6, currency = ?7, approved = ?8, \
                 refunded = ?9, at = ?10, document = ?11 \
                 WHERE store_id = ?1 AND kind = ?2 AND record_id = ?3 AND version = ?4",
            ),
            Self::ClockStore => Text("UPDATE stores SET test_clock_offset = ?2 WHERE store_id = ?1"),
            // What wakes is what is due less the offset, so that no difference has to be carried over.
            Self::ClockJobs => {
                Text("UPDATE jobs SET wake_at = due_at - ?2 WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::ClockDeliveries => Text(
                "UPDATE deliveries SET wake_at = due_at - ?2 \
                 WHERE store_id = ?1 AND environment = 'TEST' AND state = 'DUE'",
            ),
            Self::EmptyWindows => {
                Text("DELETE FROM checkout_windows WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyEvidence => Text(
                "DELETE FROM evidence WHERE store_id = ?1 AND payment_id IN \
                 (SELECT payment_id FROM payments WHERE store_id = ?1 AND environment = 'TEST' \
                 UNION SELECT payment_id FROM cash_receipts WHERE store_id = ?1 AND environment = 'TEST')",
            ),
            Self::EmptyAttempts => Text(
                "DELETE FROM attempts WHERE store_id = ?1 AND root IN \
                 (SELECT root FROM payments WHERE store_id = ?1 AND environment = 'TEST')",
            ),
            Self::EmptyCancellations => Text(
                "DELETE FROM cancellations WHERE store_id = ?1 AND root IN \
                 (SELECT root FROM payments WHERE store_id = ?1 AND environment = 'TEST')",
            ),
            Self::EmptyPayments => Text("DELETE FROM payments WHERE store_id = ?1 AND environment = 'TEST'"),
            Self::EmptyBillingKeys => {
                Text("DELETE FROM billing_keys WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyCashReceipts => {
                Text("DELETE FROM cash_receipts WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyIdentityVerifications => {
                Text("DELETE FROM identity_verifications WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptySchedules => {
                Text("DELETE FROM payment_schedules WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyEvents => Text("DELETE FROM events WHERE store_id = ?1 AND environment = 'TEST'"),
            Self::EmptyDeliveries => {
                Text("DELETE FROM deliveries WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyJobs => Text("DELETE FROM jobs WHERE store_id = ?1 AND environment = 'TEST'"),
            Self::EmptyEntries => {
                Text("DELETE FROM ledger_entries WHERE store_id = ?1 AND environment = 'TEST'")
            }
            Self::EmptyBalances => Text("DELETE FROM balances WHERE store_id = ?1 AND environment = 'TEST'"),
            // A pre-registration has no environment; one that a LIVE payment was made from stays.
            Self::EmptyPreRegistrations => Text(
                "DELETE FROM pre_registrations WHERE store_id = ?1 AND NOT EXISTS \
                 (SELECT 1 FROM payments WHERE payments.store_id = ?1 \
                  AND payments.payment_id = pre_registrations.payment_id AND payments.environment = 'LIVE')",
            ),
            Self::EmptySimulator => Text("DELETE FROM simulator_records WHERE store_id = ?1"),
            Self::PurgeClaims => Text("DELETE FROM claims WHERE at < ?1"),
            Self::PurgeTokens => Text("DELETE FROM tokens WHERE expires_at < ?1"),
            Self::PurgeWindows => Text("DELETE FROM checkout_windows WHERE expires_at < ?1"),
            Self::PurgeCommits => Text("DELETE FROM commits WHERE at < ?1"),
            Self::EventInsert | Self::EventInsertAside => Insert {
                table: "events",
                columns: "event_id, merchant_id, store_id, environment, subject, lane, sequence, at, moved, notify, body",
                tail: "",
            },
            Self::DeliveryInsert | Self::DeliveryInsertAside => Insert {
                table: "deliveries",
                columns: "webhook_id, store_id, environment, subject, lane, sequence, url, state, tries, due_at, \
                          wake_at, lease_until, created_at, status_when_sent, result, body",
                tail: "",
            },
            Self::DeliveryUpdate => Text(
                "UPDATE deliveries SET state = ?2, due_at = ?3, wake_at = ?4, lease_until = 0, result = ?5, body = ?6, \
                 tries = ?7 WHERE webhook_id = ?1 AND tries = ?8",
            ),
            Self::JobPut => Insert {
                table: "jobs",
                columns: "job_key, kind, store_id, environment, due_at, wake_at, lease_until, runs, body",
                tail: "ON CONFLICT (job_key) DO UPDATE SET kind = excluded.kind, store_id = excluded.store_id, \
                       environment = excluded.environment, due_at = excluded.due_at, wake_at = excluded.wake_at, \
                       lease_until = 0, runs = excluded.runs, body = excluded.body",
            },
            // Only what still is leased to whoever has run it: queueing a job again takes the lease away.
            Self::JobPutOff => Text(
                "UPDATE jobs SET due_at = ?2, wake_at = ?3, lease_until = 0, runs = ?4 \
                 WHERE job_key = ?1 AND lease_until > 0",
            ),
            Self::JobDone => Text("DELETE FROM jobs WHERE job_key = ?1 AND lease_until > 0"),
            Self::JobRemove => Text("DELETE FROM jobs WHERE job_key = ?1"),
            Self::EvidenceInsert => Insert {
                table: "evidence",
                columns: "store_id, payment_id, at, entry, transaction_id, subject, kind, finding, raw",
                tail: "",
            },
            Self::EntryInsert | Self::EntryInsertAside => Insert {
                table: "ledger_entries",
                columns: "store_id, payment_id, lane, posting_id, line, environment, account, currency, signed, at",
                tail: "",
            },
            Self::BalanceAdd => Insert {
                table: "balances",
                columns: "store_id, environment, account, currency, shard, amount",
                tail: "ON CONFLICT (store_id, environment, account, currency, shard) \
                       DO UPDATE SET amount = balances.amount + excluded.amount",
            },
        }
    }

    /// What it means that no row was touched.
    pub(crate) fn untouched(self) -> Untouched {
        match self {
            Self::ClaimTake => Untouched::KeyTaken,
            Self::PaymentUpdate
            | Self::PaymentSettle
            | Self::AttemptUpdate
            | Self::CancellationUpdate
            | Self::PaymentInsert
            | Self::PaymentHold
            | Self::BillingKeyUpdate
            | Self::WindowUpdate
            | Self::CashReceiptUpdate
            | Self::IdentityVerificationUpdate
            | Self::BillingKeyHold
            | Self::ScheduleInsert
            | Self::ScheduleUpdate
            | Self::PlanUpdate
            | Self::SubscriptionUpdate
            | Self::DeductionUpdate
            | Self::SimulatorUpdate
            | Self::TokensSupersede
            | Self::PaymentSessionClose
            | Self::PaymentLinkUpdate
            | Self::PromotionUpdate
            | Self::PlatformSettingUpdate
            | Self::RuleUpdate
            | Self::PartnerUpdate
            | Self::VerificationUse
            | Self::BudgetReserve
            | Self::BudgetRegain
            | Self::BudgetSpend
            | Self::BudgetRelease
            | Self::BudgetSpendUnheld
            | Self::BudgetRecover
            | Self::BudgetLose
            | Self::GlobalOrderUpdate
            | Self::PlatformHoldNext
            | Self::PlatformTransferUpdate
            | Self::PlatformTransferDelete
            | Self::PlatformTransferJoin
            | Self::PartnerSettlementUpdate
            | Self::PartnerSettlementRemove
            | Self::PayoutUpdate
            | Self::BulkPayoutUpdate
            | Self::AccountTransferUpdate
            | Self::BulkAccountTransferUpdate
            | Self::PayoutAccountMove
            | Self::DeliveryUpdate => Untouched::Conflict,
            _ => Untouched::Fine,
        }
    }

    /// What it means that the row exists already.
    pub(crate) fn duplicate(self) -> Duplicate {
        match self {
            // "There must be none yet" is a version guard like any other.
            Self::PaymentInsert
            | Self::BillingKeyInsert
            | Self::WindowInsert
            // Another one of the same payment id is open or valid, or has this number.
            | Self::CashReceiptInsert
            | Self::IdentityVerificationInsert
            | Self::PaymentInsertScheduled
            | Self::ScheduleInsert
            | Self::ScheduleInsertBeside
            | Self::DeductionInsert
            | Self::PlatformSettingInsert
            | Self::RuleInsert
            | Self::PartnerInsert
            // Somebody else was first with a sum, or with an id that is looked up before.
            | Self::PlatformHoldTake
            | Self::PlatformTransferInsert
            | Self::PartnerSettlementInsert
            | Self::PayoutInsert
            | Self::BulkPayoutInsert
            | Self::AccountTransferInsert
            | Self::BulkAccountTransferInsert
            | Self::PayoutAccountInsert
            | Self::SimulatorInsert => Duplicate::Conflict,
            _ => Duplicate::Exists,
        }
    }

    /// Whether the lane of its rows is looked up. PostgreSQL would plan a statement that may have to look
    /// it up anew each time, because with a lane at hand there is so much less to plan for.
    fn looks_up_lane(self) -> bool {
        matches!(self, Self::EventInsertAside | Self::DeliveryInsertAside | Self::EntryInsertAside)
    }

    /// How many values it takes.
    pub(crate) fn values(self, rows: usize) -> usize {
        match self.make() {
            Make::Insert { columns, .. } => columns.split(',').count().saturating_mul(rows),
            Make::InsertUnless { columns, .. } => columns.split(',').count(),
            Make::Text(text) => numbers(text).max().unwrap_or(0),
        }
    }

    /// The table that is written, for messages.
    pub(crate) fn table(self) -> &'static str {
        match self.make() {
            Make::Insert { table, .. } | Make::InsertUnless { table, .. } => table,
            Make::Text(text) => {
                let mut words =
                    text.split_whitespace().skip_while(|word| *word != "UPDATE" && *word != "FROM");
                words.next();
                words.next().unwrap_or("")
            }
        }
    }

    /// The statement with `?1`, without a guard.
    fn plain(self, rows: usize) -> String {
        match self.make() {
            Make::Text(text) => text.to_owned(),
            Make::InsertUnless { table, columns, unless } => {
                let marks: Vec<String> =
                    columns.split(',').zip(1u32..).map(|(_, n)| format!("?{n}")).collect();
                format!(
                    "INSERT INTO {table} ({columns}) SELECT {} WHERE NOT EXISTS (SELECT 1 FROM {unless})",
                    marks.join(", ")
                )
            }
            Make::Insert { table, columns, tail } => {
                let columns_of: Vec<&str> = columns.split(',').map(str::trim).collect();
                let place = |name: &str| columns_of.iter().position(|column| *column == name);
                let mut sql = format!("INSERT INTO {table} ({columns}) VALUES ");
                let mut number = 0usize;
                for row in 0..rows {
                    sql.push_str(if row == 0 { "(" } else { ", (" });
                    let before = number;
                    let mark = |index: usize| before.saturating_add(index).saturating_add(1);
                    for (index, column) in columns_of.iter().enumerate() {
                        number = mark(index);
                        let separator = if index == 0 { "" } else { ", " };
                        let subject = place("subject").or(place("payment_id"));
                        // Writing into a String cannot fail.
                        let _ = match (*column, place("store_id"), subject) {
                            ("lane", Some(store), Some(subject)) if self.looks_up_lane() => write!(
                                sql,
                                "{separator}coalesce(?{number}, (SELECT p.root FROM payments p WHERE p.store_id = ?{} \
                                 AND p.payment_id = ?{}), ?{})",
                                mark(store),
                                mark(subject),
                                mark(subject)
                            ),
                            _ => write!(sql, "{separator}?{number}"),
                        };
                    }
                    sql.push(')');
                }
                sql.push(' ');
                sql.push_str(tail);
                sql
            }
        }
    }

    pub(crate) fn text(self, rows: usize, dialect: Dialect) -> String {
        let plain = self.plain(rows);
        match (dialect, self.untouched()) {
            (Dialect::Sqlite, _) => plain,
            (Dialect::Postgres, Untouched::Fine) => dollars(&plain),
            // Divides by zero when nothing was touched, which ends the transaction.
            (Dialect::Postgres, Untouched::Conflict | Untouched::KeyTaken) => {
                format!("WITH touched AS ({} RETURNING 1) SELECT 1 / count(*) FROM touched", dollars(&plain))
            }
        }
    }
}

/// The numbers of a text's values.
fn numbers(text: &str) -> impl Iterator<Item = usize> {
    text.split('?').skip(1).filter_map(|rest| {
        let end = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
        rest.get(..end).and_then(|digits| digits.parse().ok())
    })
}

/// One statement of PostgreSQL that does all of these, after `mark`, whose only value is `$1`. A guarded
/// part that touched nothing ends it with an error that names the part's place: its count is then a
/// text that is no number. Each part is counted, because PostgreSQL runs parts that are asked for in
/// the order in which they are asked for, and others in an order of its own.
pub(crate) fn together(mark: &str, parts: &[(Statement, usize)]) -> String {
    let mut with = format!("WITH mark AS ({mark} RETURNING 1)");
    let mut select = "SELECT (SELECT count(*) FROM mark)".to_owned();
    let mut before = 1usize;
    for (place, (part, rows)) in parts.iter().enumerate() {
        let text = shifted(&part.plain(*rows), before);
        before = before.saturating_add(part.values(*rows));
        // Writing into a String cannot fail.
        let _ = write!(with, ", p{place} AS ({text} RETURNING 1)");
        let _ = match part.untouched() {
            Untouched::Fine => write!(select, ", (SELECT count(*) FROM p{place})"),
            Untouched::Conflict | Untouched::KeyTaken => write!(
                select,
                ", (CASE (SELECT count(*) FROM p{place}) WHEN 0 THEN 'untouched {place}' ELSE '1' END)::bigint"
            ),
        };
    }
    format!("{with} {select}")
}

/// A text whose values begin after the first `before`, as PostgreSQL spells them.
fn shifted(text: &str, before: usize) -> String {
    let mut pieces = text.split('?');
    let mut shifted = pieces.next().unwrap_or("").to_owned();
    for piece in pieces {
        let end = piece.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(piece.len());
        let (digits, rest) = piece.split_at_checked(end).unwrap_or((piece, ""));
        let number = digits.parse::<usize>().unwrap_or(0).saturating_add(before);
        // Writing into a String cannot fail.
        let _ = write!(shifted, "${number}{rest}");
    }
    shifted
}

/// `?1` as PostgreSQL spells it. No text of ours holds a question mark for another reason.
pub(crate) fn dollars(sql: &str) -> String {
    sql.replace('?', "$")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::postgres::{Access, Patience, told};
    use crate::migrate::MIGRATIONS;

    #[test]
    fn every_statement_can_be_prepared_by_sqlite() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        for migration in MIGRATIONS {
            connection.execute_batch(migration.sqlite).unwrap();
        }
        for statement in Statement::ALL {
            for rows in [1, 3, 16] {
                let text = statement.text(rows, Dialect::Sqlite);
                connection.prepare(&text).unwrap_or_else(|error| panic!("{statement:?}: {error}"));
            }
            assert!(!statement.table().is_empty(), "{statement:?}");
        }
        for (name, text) in crate::query::all_texts() {
            connection.prepare(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }

    /// PostgreSQL as the suite finds it; the suite itself says when there is none.
    #[tokio::test]
    #[expect(
        clippy::disallowed_methods,
        reason = "where the database of the tests is, is a matter of the environment"
    )]
    async fn every_statement_can_be_prepared_by_postgresql() {
        let url =
            std::env::var("PAYPIER_TEST_POSTGRES_URL").unwrap_or_else(|_| "postgres:///postgres".into());
        let access = Access::new(&url, "prepare", Patience::OfServer).unwrap();
        let (client, _driver) = match access.connect().await {
            Ok(connected) => connected,
            Err(error) => {
                assert!(std::env::var("CI").is_err(), "PostgreSQL must not be left out in CI: {error}");
                println!("PostgreSQL is LEFT OUT: {}", told(&error));
                return;
            }
        };
        let schema = format!("paypier_prepare_{}", std::process::id());
        client
            .batch_execute(&format!("BEGIN; CREATE SCHEMA {schema}; SET LOCAL search_path = {schema}"))
            .await
            .unwrap();
        for migration in MIGRATIONS {
            client.batch_execute(migration.postgres).await.unwrap();
        }
        for statement in Statement::ALL {
            for rows in [1, 3, 16] {
                let text = statement.text(rows, Dialect::Postgres);
                client.prepare(&text).await.unwrap_or_else(|error| panic!("{statement:?}: {}", told(&error)));
            }
        }
        for (name, text) in crate::query::all_texts() {
            client.prepare(&dollars(text)).await.unwrap_or_else(|error| panic!("{name}: {}", told(&error)));
        }
        client.batch_execute("ROLLBACK").await.unwrap();
    }
}
