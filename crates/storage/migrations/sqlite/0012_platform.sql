-- The settlement platform: settings, policies, contracts, partners, and look-ups of accounts and companies.
--
-- Reason: everything of a merchant's platform belongs to the merchant and an environment, not to a store. A
-- row holds what is current, with what lists are narrowed down by in columns; all versions are rows of
-- platform_versions, so that a long history costs nobody who only wants to know what holds now. Texts that
-- are searched are in lower case; the document beside them has them as they were written.
CREATE TABLE platform_settings (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  revision INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment)
);

-- Discount share policies, additional fee policies and contracts.
CREATE TABLE platform_rules (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  kind TEXT NOT NULL,
  rule_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  -- How many versions are recorded.
  versions INTEGER NOT NULL,
  is_archived INTEGER NOT NULL,
  reserved_at INTEGER,
  search_id TEXT NOT NULL,
  name TEXT NOT NULL,
  -- A rate in 10^-5, or an amount.
  figure INTEGER NOT NULL,
  payer TEXT,
  cycle TEXT,
  date_policy TEXT,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment, kind, rule_id)
);
CREATE INDEX platform_rules_listed ON platform_rules (merchant_id, environment, kind, created_at, rule_id);
CREATE INDEX platform_rules_reserved ON platform_rules (merchant_id, environment, kind, reserved_at)
  WHERE reserved_at IS NOT NULL;

CREATE TABLE platform_partners (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  partner_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  revision INTEGER NOT NULL,
  versions INTEGER NOT NULL,
  is_archived INTEGER NOT NULL,
  reserved_at INTEGER,
  approval TEXT NOT NULL,
  connection TEXT NOT NULL,
  -- Since when a connection is pending.
  connection_at INTEGER,
  connection_note TEXT,
  search_id TEXT NOT NULL,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  memo TEXT,
  kind TEXT NOT NULL,
  taxation TEXT,
  registration_number TEXT,
  business_status TEXT,
  contract_id TEXT NOT NULL,
  search_contract TEXT NOT NULL,
  bank TEXT NOT NULL,
  currency TEXT NOT NULL,
  account_number TEXT NOT NULL,
  account_holder TEXT NOT NULL,
  account_status TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment, partner_id)
);
CREATE INDEX platform_partners_listed ON platform_partners (merchant_id, environment, created_at, partner_id);
CREATE INDEX platform_partners_reserved ON platform_partners (merchant_id, environment, reserved_at)
  WHERE reserved_at IS NOT NULL;
CREATE INDEX platform_partners_by_contract ON platform_partners (merchant_id, environment, contract_id);

CREATE TABLE platform_partner_tags (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  partner_id TEXT NOT NULL,
  tag TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment, partner_id, tag)
);
CREATE INDEX platform_partner_tags_by_tag ON platform_partner_tags (merchant_id, environment, tag, partner_id);

CREATE TABLE platform_versions (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  kind TEXT NOT NULL,
  thing_id TEXT NOT NULL,
  -- Counts from 1 in the order in which versions took effect.
  number INTEGER NOT NULL,
  applied_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment, kind, thing_id, number)
);

-- Look-ups that partners may refer to, once. What was looked up is here as a digest only.
CREATE TABLE platform_verifications (
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  verification_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  digest BLOB NOT NULL,
  business_status TEXT,
  made_at INTEGER NOT NULL,
  used_at INTEGER,
  PRIMARY KEY (merchant_id, environment, verification_id)
);
CREATE INDEX platform_verifications_by_time ON platform_verifications (made_at);
