-- Promotions and their budgets.
--
-- Reason: payments are discounted out of a budget that many of them share. Each movement of the money is
-- one conditional update of the promotion's row; the CHECK holds whatever the caller decided.
CREATE TABLE promotions (
  store_id TEXT NOT NULL,
  promotion_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- Counts what the operator did; a discount is reserved by the terms that were looked at.
  terms INTEGER NOT NULL,
  total_budget INTEGER NOT NULL,
  spare_budget INTEGER NOT NULL,
  -- Held for payments whose outcome is open; given to buyers; given although the budget did not have it;
  -- given back and not returned, for which the spare budget makes up.
  reserved INTEGER NOT NULL,
  spent INTEGER NOT NULL,
  unfunded INTEGER NOT NULL,
  unrecovered INTEGER NOT NULL,
  body TEXT NOT NULL,
  CONSTRAINT promotions_signs CHECK (total_budget > 0 AND spare_budget >= 0 AND reserved >= 0 AND spent >= 0
    AND unfunded >= 0 AND unrecovered >= 0),
  CONSTRAINT promotions_budget CHECK (spent + reserved <= total_budget
    + CASE WHEN unrecovered < spare_budget THEN unrecovered ELSE spare_budget END),
  PRIMARY KEY (store_id, promotion_id)
);
-- Callers name a promotion without its store.
CREATE UNIQUE INDEX promotions_by_id ON promotions (promotion_id);

-- A fixed discount whose rate is kept by a partial cancellation can refund more than the order amount that
-- is cancelled; what was paid still bounds it, on the payment's own row. SQLite changes a CHECK by copying.
CREATE TABLE cancellations_anew (
  store_id TEXT NOT NULL,
  root TEXT NOT NULL,
  number INTEGER NOT NULL,
  cancellation_id TEXT NOT NULL,
  order_amount INTEGER NOT NULL,
  refund INTEGER NOT NULL,
  pg_cancellation_id TEXT,
  reason TEXT NOT NULL,
  body TEXT NOT NULL,
  CONSTRAINT cancellations_amounts CHECK (order_amount >= 0 AND refund >= 0),
  PRIMARY KEY (store_id, root, number)
);
INSERT INTO cancellations_anew (store_id, root, number, cancellation_id, order_amount, refund, pg_cancellation_id, reason, body)
  SELECT store_id, root, number, cancellation_id, order_amount, refund, pg_cancellation_id, reason, body FROM cancellations;
DROP TABLE cancellations;
ALTER TABLE cancellations_anew RENAME TO cancellations;
CREATE UNIQUE INDEX cancellations_by_id ON cancellations (store_id, cancellation_id);
