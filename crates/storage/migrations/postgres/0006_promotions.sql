-- Promotions and their budgets.
--
-- Reason: payments are discounted out of a budget that many of them share. Each movement of the money is
-- one conditional update of the promotion's row; the CHECK holds whatever the caller decided.
CREATE TABLE promotions (
  store_id TEXT COLLATE "C" NOT NULL,
  promotion_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  -- Counts what the operator did; a discount is reserved by the terms that were looked at.
  terms BIGINT NOT NULL,
  total_budget BIGINT NOT NULL,
  spare_budget BIGINT NOT NULL,
  -- Held for payments whose outcome is open; given to buyers; given although the budget did not have it;
  -- given back and not returned, for which the spare budget makes up.
  reserved BIGINT NOT NULL,
  spent BIGINT NOT NULL,
  unfunded BIGINT NOT NULL,
  unrecovered BIGINT NOT NULL,
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
-- is cancelled; what was paid still bounds it, on the payment's own row.
ALTER TABLE cancellations DROP CONSTRAINT cancellations_amounts;
ALTER TABLE cancellations ADD CONSTRAINT cancellations_amounts CHECK (order_amount >= 0 AND refund >= 0);
