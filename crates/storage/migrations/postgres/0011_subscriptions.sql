-- Plans, subscriptions and deductions.
--
-- Reason: a deduction is charged once for each date of a subscription's calendar, whichever process makes
-- it. Its guards are columns: the subscription's version, and that of one slot at most one deduction is under
-- way or collected. What was agreed upon is the body.
CREATE TABLE subscription_plans (
  store_id TEXT COLLATE "C" NOT NULL,
  plan_ref TEXT COLLATE "C" NOT NULL,
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  merchant_ref TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  cancelled_at BIGINT,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, plan_ref)
);
-- The merchant's reference is what makes a repeated request harmless.
CREATE UNIQUE INDEX subscription_plans_by_merchant_ref
  ON subscription_plans (store_id, environment, merchant_ref);

CREATE TABLE subscriptions (
  store_id TEXT COLLATE "C" NOT NULL,
  subscription_ref TEXT COLLATE "C" NOT NULL,
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  merchant_ref TEXT COLLATE "C" NOT NULL,
  plan_ref TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  -- CREATED, ACTIVE, COMPLETED, EXPIRED or CANCELLED.
  status TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  collected_amount BIGINT NOT NULL,
  collected_count BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, subscription_ref)
);
CREATE UNIQUE INDEX subscriptions_by_merchant_ref ON subscriptions (store_id, environment, merchant_ref);
-- A customer's browser knows no more than the reference.
CREATE UNIQUE INDEX subscriptions_by_ref ON subscriptions (subscription_ref);
CREATE INDEX subscriptions_by_plan ON subscriptions (store_id, plan_ref, created_at);

CREATE TABLE subscription_deductions (
  store_id TEXT COLLATE "C" NOT NULL,
  subscription_ref TEXT COLLATE "C" NOT NULL,
  -- Counts the subscription's deductions from 1.
  number BIGINT NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  -- The date of the calendar, counted from 0; 0 for the charge at enrolment; null on demand.
  slot BIGINT,
  -- INITIAL, CYCLE or ON_DEMAND.
  kind TEXT COLLATE "C" NOT NULL,
  amount BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  -- GOING, COLLECTED or FAILED.
  status TEXT COLLATE "C" NOT NULL,
  ended_at BIGINT,
  is_last BIGINT NOT NULL,
  CONSTRAINT subscription_deductions_amounts CHECK (amount > 0),
  PRIMARY KEY (store_id, subscription_ref, number)
);
-- No payment is made for two deductions.
CREATE UNIQUE INDEX subscription_deductions_by_payment ON subscription_deductions (store_id, payment_id);
-- No date is charged twice, whatever the code above believes.
CREATE UNIQUE INDEX subscription_deductions_once ON subscription_deductions (store_id, subscription_ref, slot)
  WHERE slot IS NOT NULL AND status <> 'FAILED';
