-- Cash receipts.
--
-- Reason: receipts are issued for payment ids that need not name a payment here, and many may follow
-- one another under one id. Status, times and the names of the PSP are columns, because lists are
-- narrowed down by them; `OPEN` stands for a receipt of which nobody knows yet whether it exists.
CREATE TABLE cash_receipts (
  store_id TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  -- Counts the receipts of the payment id from 1.
  number BIGINT NOT NULL,
  receipt_id TEXT COLLATE "C" NOT NULL,
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  is_manual BIGINT NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  order_name TEXT COLLATE "C" NOT NULL,
  pg_provider TEXT COLLATE "C" NOT NULL,
  pg_merchant_id TEXT COLLATE "C" NOT NULL,
  total BIGINT NOT NULL,
  requested_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  blocks_others BIGINT NOT NULL,
  pg_receipt_id TEXT COLLATE "C",
  issued_at BIGINT,
  cancelled_at BIGINT,
  status_at BIGINT NOT NULL,
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
