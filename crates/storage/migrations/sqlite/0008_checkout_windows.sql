-- Visits of buyers at the checkout.
--
-- Reason: payments by window. A window is found by the digest of its token alone, because the token is
-- all that a buyer's browser has; `version` guards every step. How a payment ended is not here but in its
-- attempt. `subject` is the transaction that the window is about, so that whoever plays the buyer finds it.
CREATE TABLE checkout_windows (
  window_digest BLOB NOT NULL PRIMARY KEY,
  store_id TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  subject TEXT NOT NULL,
  version INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- SHA-256 of a token that the merchant's server has to show, where it names nothing else.
  handed_digest BLOB,
  body TEXT NOT NULL
) WITHOUT ROWID;
CREATE UNIQUE INDEX checkout_windows_by_subject ON checkout_windows (store_id, subject);
CREATE INDEX checkout_windows_by_end ON checkout_windows (expires_at);
CREATE UNIQUE INDEX checkout_windows_by_handed_token ON checkout_windows (handed_digest)
  WHERE handed_digest IS NOT NULL;
