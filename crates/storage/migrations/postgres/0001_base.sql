-- The first schema.
--
-- Reason: a fresh start. What a change guards (versions, amounts, uniqueness) is in columns with
-- constraints; what a list filters or sorts by is in columns with an index where it pays; everything
-- else of a row is its body, a JSON document whose shape is declared in src/shape. Keys begin with
-- the store. Instants are microseconds since 1970, amounts are minor units, booleans are 0 or 1.

CREATE TABLE merchants (
  merchant_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  created_at BIGINT NOT NULL,
  body TEXT NOT NULL
);

CREATE TABLE stores (
  store_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  merchant_id TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  -- How far the TEST clock runs ahead of the real one, microseconds.
  test_clock_offset BIGINT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX stores_by_merchant ON stores (merchant_id, created_at);

CREATE TABLE api_secrets (
  secret_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  store_id TEXT COLLATE "C" NOT NULL,
  digest BYTEA NOT NULL UNIQUE,
  created_at BIGINT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX api_secrets_by_store ON api_secrets (store_id, created_at);

CREATE TABLE tokens (
  digest BYTEA NOT NULL PRIMARY KEY,
  secret_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX tokens_by_secret ON tokens (secret_id, kind);
CREATE INDEX tokens_by_end ON tokens (expires_at);

CREATE TABLE channels (
  store_id TEXT COLLATE "C" NOT NULL,
  channel_key TEXT COLLATE "C" NOT NULL,
  credentials BYTEA NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, channel_key)
);

CREATE TABLE channel_groups (
  store_id TEXT COLLATE "C" NOT NULL,
  channel_group_id TEXT COLLATE "C" NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, channel_group_id)
);

CREATE TABLE webhook_endpoints (
  store_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, environment)
);

CREATE TABLE webhook_secrets (
  secret_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  store_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  sealed BYTEA NOT NULL,
  created_at BIGINT NOT NULL,
  expired_at BIGINT
);
CREATE INDEX webhook_secrets_by_store ON webhook_secrets (store_id, created_at);

-- One row a payment: its guard, and what lists filter, sort and search by, taken from the current
-- attempt. `version` guards every write; the CHECKs hold whatever the caller decided.
--
-- `root` is the payment's first transaction. Merchants choose payment ids as they like, often at
-- random; our own ids are ordered by time. What belongs to a payment is keyed by its root, so that
-- new rows of all tables lie side by side and a commit writes few pages, however large the tables are.
CREATE TABLE payments (
  store_id TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  root TEXT COLLATE "C" NOT NULL,
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  last_event BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  status_changed_at BIGINT NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  -- The time proper to the status: paid -> paid at, failed -> failed at, ...; never before created_at,
  -- which a PSP's clock might claim, so that a range of one time bounds the other.
  status_at BIGINT NOT NULL,
  transaction_id TEXT COLLATE "C" NOT NULL,
  claimed_order_amount BIGINT NOT NULL,
  claimed_refund BIGINT NOT NULL,
  method TEXT COLLATE "C",
  card_brand TEXT COLLATE "C",
  card_type TEXT COLLATE "C",
  card_owner TEXT COLLATE "C",
  card_number TEXT COLLATE "C",
  pg_tx_id TEXT COLLATE "C",
  disputes TEXT,
  total BIGINT NOT NULL,
  to_pay BIGINT NOT NULL,
  currency TEXT COLLATE "C" NOT NULL,
  pg_provider TEXT COLLATE "C",
  platform TEXT COLLATE "C" NOT NULL,
  is_escrow BIGINT NOT NULL,
  is_scheduled BIGINT NOT NULL,
  order_name TEXT COLLATE "C" NOT NULL,
  customer_name TEXT COLLATE "C",
  customer_email TEXT COLLATE "C",
  customer_phone TEXT COLLATE "C",
  billing_key TEXT COLLATE "C",
  CONSTRAINT payments_amounts CHECK (total >= 0 AND to_pay >= 0 AND to_pay <= total),
  CONSTRAINT payments_claims CHECK (claimed_order_amount >= 0 AND claimed_order_amount <= total
    AND claimed_refund >= 0 AND claimed_refund <= to_pay),
  PRIMARY KEY (store_id, payment_id)
);
-- The filters that lists are narrowed by most are in both time indexes, so that rows that do not
-- match are passed over without a look at the table. Their conditions are always true: they keep a plan
-- for one payment by its id, made while the table was small and all indexes looked alike, from using
-- them. A range of the time implies the condition.
CREATE INDEX payments_by_creation ON payments
  (store_id, created_at, payment_id, status, environment, method, pg_provider, currency)
  WHERE created_at IS NOT NULL;
CREATE INDEX payments_by_status_time ON payments
  (store_id, status_at, payment_id, status, environment, method, pg_provider, currency)
  WHERE status_at IS NOT NULL;
-- Most payments end as paid; the few that did not are found at once, even when there is none.
CREATE INDEX payments_not_paid ON payments (store_id, status, status_at) WHERE status <> 'PAID';
-- What names one buyer or one charge. Rows without the value cost nothing; every further index on such
-- a value would cost each payment a page somewhere in the middle of a large file.
CREATE INDEX payments_by_pg_tx_id ON payments (store_id, pg_tx_id) WHERE pg_tx_id IS NOT NULL;
CREATE INDEX payments_by_customer_email ON payments (store_id, customer_email) WHERE customer_email IS NOT NULL;
CREATE INDEX payments_by_customer_phone ON payments (store_id, customer_phone) WHERE customer_phone IS NOT NULL;
CREATE INDEX payments_by_billing_key ON payments (store_id, billing_key) WHERE billing_key IS NOT NULL;

CREATE TABLE attempts (
  store_id TEXT COLLATE "C" NOT NULL,
  root TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  transaction_id TEXT COLLATE "C" NOT NULL,
  is_paid BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, root, number)
);
CREATE UNIQUE INDEX attempts_by_transaction ON attempts (store_id, transaction_id);
-- At most one attempt of a payment succeeds, whatever the code above believes.
CREATE UNIQUE INDEX attempts_one_paid ON attempts (store_id, root) WHERE is_paid = 1;

CREATE TABLE cancellations (
  store_id TEXT COLLATE "C" NOT NULL,
  root TEXT COLLATE "C" NOT NULL,
  number BIGINT NOT NULL,
  cancellation_id TEXT COLLATE "C" NOT NULL,
  order_amount BIGINT NOT NULL,
  refund BIGINT NOT NULL,
  pg_cancellation_id TEXT COLLATE "C",
  reason TEXT COLLATE "C" NOT NULL,
  body TEXT NOT NULL,
  CONSTRAINT cancellations_amounts CHECK (order_amount >= 0 AND refund >= 0 AND refund <= order_amount),
  PRIMARY KEY (store_id, root, number)
);
CREATE UNIQUE INDEX cancellations_by_id ON cancellations (store_id, cancellation_id);

CREATE TABLE billing_keys (
  billing_key_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  store_id TEXT COLLATE "C" NOT NULL,
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  requested_at BIGINT NOT NULL,
  issued_at BIGINT,
  deleted_at BIGINT,
  status_at BIGINT NOT NULL,
  customer_id TEXT COLLATE "C",
  channel_group_id TEXT COLLATE "C",
  platform TEXT COLLATE "C" NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX billing_keys_by_request ON billing_keys (store_id, requested_at, billing_key_id);
CREATE INDEX billing_keys_by_status_time ON billing_keys (store_id, status_at, billing_key_id);
CREATE INDEX billing_keys_by_customer ON billing_keys (store_id, customer_id) WHERE customer_id IS NOT NULL;

CREATE TABLE pre_registrations (
  store_id TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  total BIGINT,
  tax_free BIGINT,
  currency TEXT COLLATE "C",
  registered_at BIGINT NOT NULL,
  PRIMARY KEY (store_id, payment_id)
);

-- `position` is the order of commit: the number of the transaction. A reader looks no further
-- than the oldest transaction that still runs, so that it skips nothing that commits late.
CREATE TABLE events (
  position BIGINT NOT NULL DEFAULT (pg_current_xact_id()::text::bigint),
  event_id TEXT COLLATE "C" NOT NULL,
  merchant_id TEXT COLLATE "C" NOT NULL,
  store_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  -- The payment id or billing key that it is about, and the payment's root or again the billing key.
  subject TEXT COLLATE "C" NOT NULL,
  lane TEXT COLLATE "C" NOT NULL,
  -- Counts a payment's events from 1; null for billing keys.
  sequence BIGINT,
  at BIGINT NOT NULL,
  moved BIGINT NOT NULL,
  notify BIGINT NOT NULL,
  body TEXT NOT NULL
);
CREATE UNIQUE INDEX events_by_lane ON events (store_id, lane, sequence);
CREATE INDEX events_that_moved_money ON events (store_id, at, event_id) WHERE moved <> 0;
CREATE INDEX events_by_position ON events (position);

CREATE TABLE deliveries (
  webhook_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  store_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  lane TEXT COLLATE "C" NOT NULL,
  sequence BIGINT NOT NULL,
  url TEXT COLLATE "C" NOT NULL,
  -- DUE, SUCCEEDED or DEAD.
  state TEXT COLLATE "C" NOT NULL,
  -- How often it was sent; the guard of every update.
  tries BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  wake_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  status_when_sent TEXT COLLATE "C",
  result TEXT COLLATE "C",
  body TEXT NOT NULL
);
CREATE INDEX deliveries_by_lane ON deliveries (store_id, lane, sequence);
-- By URL first: a slow endpoint with a long queue must not hide what is due for others.
CREATE INDEX deliveries_due ON deliveries (url, wake_at) WHERE state = 'DUE' AND lease_until = 0;
CREATE INDEX deliveries_leased ON deliveries (lease_until) WHERE lease_until > 0;
CREATE INDEX deliveries_dead ON deliveries (store_id, created_at) WHERE state = 'DEAD';

CREATE TABLE jobs (
  job_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  kind TEXT COLLATE "C" NOT NULL,
  store_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  -- In the store's own time.
  due_at BIGINT NOT NULL,
  -- The same instant on the real clock.
  wake_at BIGINT NOT NULL,
  lease_until BIGINT NOT NULL,
  runs BIGINT NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX jobs_due ON jobs (wake_at) WHERE lease_until = 0;
CREATE INDEX jobs_leased ON jobs (lease_until) WHERE lease_until > 0;

-- Immutable lines. A posting belongs to one payment, so that its key begins with the payment's root.
CREATE TABLE ledger_entries (
  store_id TEXT COLLATE "C" NOT NULL,
  lane TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  posting_id TEXT COLLATE "C" NOT NULL,
  line BIGINT NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  currency TEXT COLLATE "C" NOT NULL,
  signed BIGINT NOT NULL,
  at BIGINT NOT NULL,
  CONSTRAINT ledger_entries_nonzero CHECK (signed <> 0),
  PRIMARY KEY (store_id, lane, posting_id, line)
);

-- A balance is spread over shards, so that stores that sell a lot do not queue up behind one row.
CREATE TABLE balances (
  store_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  account TEXT COLLATE "C" NOT NULL,
  currency TEXT COLLATE "C" NOT NULL,
  shard BIGINT NOT NULL,
  amount BIGINT NOT NULL,
  PRIMARY KEY (store_id, environment, account, currency, shard)
) WITH (fillfactor = 50);

CREATE TABLE claims (
  merchant_id TEXT COLLATE "C" NOT NULL,
  claim_key TEXT COLLATE "C" NOT NULL,
  operation TEXT COLLATE "C" NOT NULL,
  fingerprint BYTEA NOT NULL,
  at BIGINT NOT NULL,
  status BIGINT,
  answer BYTEA,
  PRIMARY KEY (merchant_id, claim_key)
);
CREATE INDEX claims_by_time ON claims (at);

CREATE TABLE evidence (
  store_id TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  -- Names the commit and the place in it.
  entry TEXT COLLATE "C" NOT NULL,
  transaction_id TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C",
  kind TEXT COLLATE "C" NOT NULL,
  finding TEXT NOT NULL,
  raw TEXT,
  PRIMARY KEY (store_id, transaction_id, at, entry)
);

CREATE TABLE simulator_records (
  store_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  record_id TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  merchant_id TEXT COLLATE "C" NOT NULL,
  currency TEXT COLLATE "C",
  approved BIGINT NOT NULL,
  refunded BIGINT NOT NULL,
  at BIGINT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (store_id, kind, record_id)
);

-- One row a commit on PostgreSQL, so that a commit whose connection was lost can be asked for. The
-- embedded database has no connection to lose and leaves it empty.
CREATE TABLE commits (
  commit_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  at BIGINT NOT NULL
);
