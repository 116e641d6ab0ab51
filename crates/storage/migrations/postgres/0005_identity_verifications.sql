-- Identity verifications, one row an attempt.
--
-- Reason: many attempts may follow one another under one id; one of them is open at a time and one ever
-- succeeds, which the unique indexes hold. What lists are narrowed down by is in columns. What identifies
-- a person for life is in `sealed` and nowhere else.
CREATE TABLE identity_verifications (
  store_id TEXT COLLATE "C" NOT NULL,
  verification_id TEXT COLLATE "C" NOT NULL,
  -- Counts the attempts of the id from 1.
  number BIGINT NOT NULL,
  tx_id TEXT COLLATE "C" NOT NULL,
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  origin TEXT COLLATE "C" NOT NULL,
  pg_provider TEXT COLLATE "C" NOT NULL,
  pg_merchant_id TEXT COLLATE "C" NOT NULL,
  requested_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  status TEXT COLLATE "C" NOT NULL,
  is_open BIGINT NOT NULL,
  carrier TEXT COLLATE "C",
  name TEXT COLLATE "C",
  phone_number TEXT COLLATE "C",
  birth_year TEXT COLLATE "C",
  birth_month TEXT COLLATE "C",
  birth_day TEXT COLLATE "C",
  gender TEXT COLLATE "C",
  pg_tx_id TEXT COLLATE "C",
  verified_at BIGINT,
  failed_at BIGINT,
  status_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  sealed BYTEA,
  body TEXT NOT NULL,
  CONSTRAINT identity_verifications_proof CHECK ((status = 'VERIFIED') = (sealed IS NOT NULL)),
  PRIMARY KEY (store_id, verification_id, number)
);
CREATE UNIQUE INDEX identity_verifications_one_open ON identity_verifications (store_id, verification_id)
  WHERE is_open = 1;
CREATE UNIQUE INDEX identity_verifications_one_verified ON identity_verifications (store_id, verification_id)
  WHERE status = 'VERIFIED';
CREATE UNIQUE INDEX identity_verifications_by_tx ON identity_verifications (store_id, tx_id);
CREATE INDEX identity_verifications_by_request ON identity_verifications (store_id, requested_at, tx_id);
CREATE INDEX identity_verifications_by_status_time ON identity_verifications (store_id, status_at, tx_id);
CREATE INDEX identity_verifications_by_phone ON identity_verifications (store_id, phone_number)
  WHERE phone_number IS NOT NULL;
