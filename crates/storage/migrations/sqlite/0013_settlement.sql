-- Transfers, partner settlements, payouts and what moves the account that they are paid from.
--
-- Reason: the second half of the settlement platform. Everything belongs to a merchant and an environment; `store_id` is the
-- merchant's representative store, in whose books it is. Days are texts `yyyy-mm-dd` in Korea. A transfer's status is not
-- stored: it follows from its days, a day and its partner settlement. What lists are narrowed down by are columns, or terms
-- of their own; texts in which something is searched are in lower case.
-- What serialises changes of one sum: of the transfers of a payment, the cancels of an order, or those of a cancellation.
CREATE TABLE platform_holds (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  what TEXT NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (merchant_id, environment, what)
);
CREATE TABLE platform_transfers (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  transfer_id TEXT NOT NULL,
  store_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  deleted_at INTEGER,
  kind TEXT NOT NULL,
  partner_id TEXT NOT NULL,
  contract_id TEXT,
  payment_id TEXT,
  payment_store_id TEXT,
  channel_key TEXT,
  method TEXT,
  original_id TEXT,
  cancellation_id TEXT,
  starts_on TEXT,
  settles_on TEXT NOT NULL,
  currency TEXT NOT NULL,
  payment INTEGER NOT NULL,
  payment_tax_free INTEGER NOT NULL,
  frozen INTEGER NOT NULL,
  settlement_id TEXT,
  memo_text TEXT NOT NULL,
  search_text TEXT NOT NULL,
  working TEXT,
  body TEXT NOT NULL,
  CONSTRAINT platform_transfers_amounts CHECK (payment >= 0 AND payment_tax_free >= 0),
  PRIMARY KEY (merchant_id, environment, transfer_id)
);
-- Products, policies and properties by which transfers are found.
CREATE TABLE platform_transfer_terms (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  kind TEXT NOT NULL,
  term TEXT NOT NULL,
  transfer_id TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment, kind, term, transfer_id)
);
CREATE TABLE platform_partner_settlements (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  settlement_id TEXT NOT NULL,
  store_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  partner_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  alone_id TEXT,
  contract_id TEXT,
  currency TEXT NOT NULL,
  settles_on TEXT NOT NULL,
  status TEXT NOT NULL,
  status_at INTEGER NOT NULL,
  settlement INTEGER NOT NULL,
  tax_free INTEGER NOT NULL,
  transfers INTEGER NOT NULL,
  payout_id TEXT,
  bulk_payout_id TEXT,
  body TEXT NOT NULL,
  CONSTRAINT platform_partner_settlements_some CHECK (transfers > 0),
  PRIMARY KEY (merchant_id, environment, settlement_id)
);
CREATE TABLE platform_payouts (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  payout_id TEXT NOT NULL,
  store_id TEXT NOT NULL,
  bulk_payout_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  method TEXT NOT NULL,
  status TEXT NOT NULL,
  status_at INTEGER NOT NULL,
  partner_id TEXT NOT NULL,
  partner_type TEXT NOT NULL,
  taxation TEXT,
  bank TEXT NOT NULL,
  currency TEXT NOT NULL,
  settlement INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  scheduled_at INTEGER,
  body TEXT NOT NULL,
  CONSTRAINT platform_payouts_amounts CHECK (settlement >= 0 AND amount >= 0),
  PRIMARY KEY (merchant_id, environment, payout_id)
);
-- Whoever has made one does not approve it, whatever the code above believes.
CREATE TABLE platform_bulk_payouts (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  bulk_payout_id TEXT NOT NULL,
  store_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  method TEXT NOT NULL,
  currency TEXT NOT NULL,
  status TEXT NOT NULL,
  status_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  approved_by TEXT,
  reserved_for INTEGER,
  body TEXT NOT NULL,
  CONSTRAINT platform_bulk_payouts_two_people CHECK (approved_by IS NULL OR approved_by <> created_by),
  PRIMARY KEY (merchant_id, environment, bulk_payout_id)
);
CREATE TABLE platform_account_transfers (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  account_transfer_id TEXT NOT NULL,
  store_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  kind TEXT NOT NULL,
  purpose TEXT,
  status TEXT NOT NULL,
  status_at INTEGER NOT NULL,
  amount INTEGER NOT NULL,
  traded_at INTEGER,
  scheduled_at INTEGER,
  payout_id TEXT,
  bulk_account_transfer_id TEXT,
  depositor_text TEXT,
  holder_text TEXT,
  deposit_memo_text TEXT,
  withdrawal_memo_text TEXT,
  body TEXT NOT NULL,
  CONSTRAINT platform_account_transfers_amount CHECK (amount > 0),
  PRIMARY KEY (merchant_id, environment, account_transfer_id)
);
CREATE TABLE platform_bulk_account_transfers (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  bulk_account_transfer_id TEXT NOT NULL,
  store_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  status_at INTEGER NOT NULL,
  total INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment, bulk_account_transfer_id)
);
-- The hold is the part of the balance that is on its way out.
CREATE TABLE platform_accounts (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  account_id TEXT NOT NULL,
  store_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  currency TEXT NOT NULL,
  balance INTEGER NOT NULL,
  held INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL,
  body TEXT NOT NULL,
  CONSTRAINT platform_accounts_money CHECK (balance >= 0 AND held >= 0 AND held <= balance),
  PRIMARY KEY (merchant_id, environment, account_id)
);
CREATE INDEX platform_transfers_listed ON platform_transfers (merchant_id, environment, created_at, transfer_id) WHERE deleted_at IS NULL;
CREATE INDEX platform_transfers_by_settlement_day ON platform_transfers (merchant_id, environment, settles_on, created_at, transfer_id) WHERE deleted_at IS NULL;
CREATE INDEX platform_transfers_by_start ON platform_transfers (merchant_id, environment, starts_on, created_at, transfer_id) WHERE deleted_at IS NULL;
CREATE INDEX platform_transfers_by_partner ON platform_transfers (merchant_id, environment, partner_id, created_at, transfer_id) WHERE deleted_at IS NULL;
CREATE INDEX platform_transfers_by_payment ON platform_transfers (merchant_id, environment, payment_id) WHERE deleted_at IS NULL;
CREATE INDEX platform_transfers_by_original ON platform_transfers (merchant_id, environment, original_id) WHERE original_id IS NOT NULL AND deleted_at IS NULL;
CREATE INDEX platform_transfers_by_settlement ON platform_transfers (merchant_id, environment, settlement_id) WHERE settlement_id IS NOT NULL AND deleted_at IS NULL;
-- What a day that begins looks for.
CREATE INDEX platform_transfers_due ON platform_transfers (merchant_id, environment, settles_on) WHERE settlement_id IS NULL AND deleted_at IS NULL;
CREATE INDEX platform_transfers_open ON platform_transfers (merchant_id, environment, starts_on) WHERE frozen = 0 AND deleted_at IS NULL;
CREATE INDEX platform_partner_settlements_listed ON platform_partner_settlements (merchant_id, environment, created_at, settlement_id);
CREATE INDEX platform_partner_settlements_by_day ON platform_partner_settlements (merchant_id, environment, settles_on, partner_id);
CREATE INDEX platform_partner_settlements_by_partner ON platform_partner_settlements (merchant_id, environment, partner_id, settles_on);
CREATE INDEX platform_partner_settlements_by_payout ON platform_partner_settlements (merchant_id, environment, payout_id) WHERE payout_id IS NOT NULL;
CREATE INDEX platform_partner_settlements_by_bulk ON platform_partner_settlements (merchant_id, environment, bulk_payout_id) WHERE bulk_payout_id IS NOT NULL;
CREATE INDEX platform_payouts_listed ON platform_payouts (merchant_id, environment, created_at, payout_id);
CREATE INDEX platform_payouts_by_bulk ON platform_payouts (merchant_id, environment, bulk_payout_id, payout_id);
CREATE INDEX platform_payouts_by_partner ON platform_payouts (merchant_id, environment, partner_id, created_at, payout_id);
CREATE INDEX platform_bulk_payouts_listed ON platform_bulk_payouts (merchant_id, environment, created_at, bulk_payout_id);
CREATE INDEX platform_account_transfers_listed ON platform_account_transfers (merchant_id, environment, created_at, account_transfer_id);
CREATE INDEX platform_account_transfers_by_payout ON platform_account_transfers (merchant_id, environment, payout_id) WHERE payout_id IS NOT NULL;
CREATE INDEX platform_account_transfers_by_bulk ON platform_account_transfers (merchant_id, environment, bulk_account_transfer_id) WHERE bulk_account_transfer_id IS NOT NULL;
CREATE INDEX platform_bulk_account_transfers_listed ON platform_bulk_account_transfers (merchant_id, environment, created_at, bulk_account_transfer_id);
