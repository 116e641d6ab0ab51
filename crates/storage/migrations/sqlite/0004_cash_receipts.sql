-- Cash receipts.
--
-- Reason: receipts are issued for payment ids that need not name a payment here, and many may follow
-- one another under one id. Status, times and the names of the PSP are columns, because lists are
-- narrowed down by them; `OPEN` stands for a receipt of which nobody knows yet whether it exists.
CREATE TABLE cash_receipts (
  store_id TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  -- Counts the receipts of the payment id from 1.
  number INTEGER NOT NULL,
  receipt_id TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  is_manual INTEGER NOT NULL,
  kind TEXT NOT NULL,
  order_name TEXT NOT NULL,
  pg_provider TEXT NOT NULL,
  pg_merchant_id TEXT NOT NULL,
  total INTEGER NOT NULL,
  requested_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  blocks_others INTEGER NOT NULL,
  pg_receipt_id TEXT,
  issued_at INTEGER,
  cancelled_at INTEGER,
  status_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  CONSTRAINT cash_receipts_amount CHECK (total > 0),
  PRIMARY KEY (store_id, payment_id, number)
);
-- Of one payment id at most one receipt is open or valid, whatever the code above believes.
CREATE UNIQUE INDEX cash_receipts_one_valid ON cash_receipts (store_id, payment_id) WHERE blocks_others = 1;
CREATE UNIQUE INDEX cash_receipts_by_id ON cash_receipts (store_id, receipt_id);
CREATE INDEX cash_receipts_by_issue ON cash_receipts (store_id, issued_at, receipt_id)
  WHERE issued_at IS NOT NULL;
CREATE INDEX cash_receipts_by_cancellation ON cash_receipts (store_id, cancelled_at, receipt_id)
  WHERE cancelled_at IS NOT NULL;
CREATE INDEX cash_receipts_by_status_time ON cash_receipts (store_id, status_at, receipt_id);
