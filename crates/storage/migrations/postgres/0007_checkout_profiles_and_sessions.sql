-- Checkout profiles and payment sessions.
--
-- Reason: the hosted checkout offers what a store's profile says, on pages that are made for one order. A
-- session's id is the permission to see it; only its digest is kept.
CREATE TABLE checkout_profiles (
  store_id TEXT COLLATE "C" NOT NULL,
  profile_key TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, profile_key)
);
-- Browsers name a profile without its store.
CREATE UNIQUE INDEX checkout_profiles_by_key ON checkout_profiles (profile_key);

CREATE TABLE payment_sessions (
  digest BYTEA NOT NULL PRIMARY KEY,
  store_id TEXT COLLATE "C" NOT NULL,
  payment_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  closed_at BIGINT,
  body TEXT NOT NULL
);
CREATE INDEX payment_sessions_by_end ON payment_sessions (expires_at);
CREATE INDEX payment_sessions_by_store ON payment_sessions (store_id, environment);
