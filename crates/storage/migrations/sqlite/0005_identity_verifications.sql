-- Identity verifications, one row an attempt.
--
-- Reason: many attempts may follow one another under one id; one of them is open at a time and one ever
-- succeeds, which the unique indexes hold. What lists are narrowed down by is in columns. What identifies
-- a person for life is in `sealed` and nowhere else.
CREATE TABLE identity_verifications (
  store_id TEXT NOT NULL,
  verification_id TEXT NOT NULL,
  -- Counts the attempts of the id from 1.
  number INTEGER NOT NULL,
  tx_id TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  origin TEXT NOT NULL,
  pg_provider TEXT NOT NULL,
  pg_merchant_id TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  is_open INTEGER NOT NULL,
  carrier TEXT,
  name TEXT,
  phone_number TEXT,
  birth_year TEXT,
  birth_month TEXT,
  birth_day TEXT,
  gender TEXT,
  pg_tx_id TEXT,
  verified_at INTEGER,
  failed_at INTEGER,
  status_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  sealed BLOB,
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
