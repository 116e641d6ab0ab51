-- Payment schedules.
--
-- Reason: a charge of a billing key that is promised for a later time. Its guards are columns: the
-- version, and that at most one schedule of a payment waits. What was asked for is the body.

CREATE TABLE payment_schedules (
  store_id TEXT NOT NULL,
  schedule_id TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  billing_key TEXT NOT NULL,
  version INTEGER NOT NULL,
  -- SCHEDULED, STARTED, PENDING, SUCCEEDED, FAILED or REVOKED.
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  time_to_pay INTEGER NOT NULL,
  -- 0 until the PSP has answered.
  completed_at INTEGER NOT NULL,
  -- The planned time, that of the try, or that of the revocation.
  status_at INTEGER NOT NULL,
  -- The one attempt that it makes.
  transaction_id TEXT,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, schedule_id)
);
-- A payment waits for one schedule at most, whatever the code above believes.
CREATE UNIQUE INDEX payment_schedules_one_waiting ON payment_schedules (store_id, payment_id)
  WHERE status = 'SCHEDULED';
CREATE INDEX payment_schedules_by_time ON payment_schedules (store_id, time_to_pay, schedule_id);
CREATE INDEX payment_schedules_by_key ON payment_schedules (store_id, billing_key, time_to_pay);
-- No transaction is made for two schedules.
CREATE UNIQUE INDEX payment_schedules_by_transaction ON payment_schedules (store_id, transaction_id)
  WHERE transaction_id IS NOT NULL;
