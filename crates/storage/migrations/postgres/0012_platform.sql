-- The settlement platform: settings, policies, contracts, partners, and look-ups of accounts and companies.
--
-- Reason: everything of a merchant's platform belongs to the merchant and an environment, not to a store. A
-- row holds what is current, with what lists are narrowed down by in columns; all versions are rows of
-- platform_versions, so that a long history costs nobody who only wants to know what holds now. Texts that
-- are searched are in lower case; the document beside them has them as they were written.
CREATE TABLE platform_settings (
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  revision BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment)
);

-- Discount share policies, additional fee policies and contracts.
CREATE TABLE platform_rules (
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  rule_id TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  -- How many versions are recorded.
  versions BIGINT NOT NULL,
  is_archived BIGINT NOT NULL,
  reserved_at BIGINT,
  search_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  -- A rate in 10^-5, or an amount.
  figure BIGINT NOT NULL,
  payer TEXT COLLATE "C",
  cycle TEXT COLLATE "C",
  date_policy TEXT COLLATE "C",
  body TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment, kind, rule_id)
);
CREATE INDEX platform_rules_listed ON platform_rules (merchant_id, environment, kind, created_at, rule_id);
CREATE INDEX platform_rules_reserved ON platform_rules (merchant_id, environment, kind, reserved_at)
  WHERE reserved_at IS NOT NULL;

CREATE TABLE platform_partners (
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  partner_id TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  revision BIGINT NOT NULL,
  versions BIGINT NOT NULL,
  is_archived BIGINT NOT NULL,
  reserved_at BIGINT,
  approval TEXT COLLATE "C" NOT NULL,
  connection TEXT COLLATE "C" NOT NULL,
  -- Since when a connection is pending.
  connection_at BIGINT,
  connection_note TEXT COLLATE "C",
  search_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  email TEXT COLLATE "C" NOT NULL,
  memo TEXT COLLATE "C",
  kind TEXT COLLATE "C" NOT NULL,
  taxation TEXT COLLATE "C",
  registration_number TEXT COLLATE "C",
  business_status TEXT COLLATE "C",
  contract_id TEXT COLLATE "C" NOT NULL,
  search_contract TEXT COLLATE "C" NOT NULL,
  bank TEXT COLLATE "C" NOT NULL,
  currency TEXT COLLATE "C" NOT NULL,
  account_number TEXT COLLATE "C" NOT NULL,
  account_holder TEXT COLLATE "C" NOT NULL,
  account_status TEXT COLLATE "C" NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment, partner_id)
);
CREATE INDEX platform_partners_listed ON platform_partners (merchant_id, environment, created_at, partner_id);
CREATE INDEX platform_partners_reserved ON platform_partners (merchant_id, environment, reserved_at)
  WHERE reserved_at IS NOT NULL;
CREATE INDEX platform_partners_by_contract ON platform_partners (merchant_id, environment, contract_id);

CREATE TABLE platform_partner_tags (
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  partner_id TEXT COLLATE "C" NOT NULL,
  tag TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (merchant_id, environment, partner_id, tag)
);
CREATE INDEX platform_partner_tags_by_tag ON platform_partner_tags (merchant_id, environment, tag, partner_id);

CREATE TABLE platform_versions (
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  thing_id TEXT COLLATE "C" NOT NULL,
  -- Counts from 1 in the order in which versions took effect.
  number BIGINT NOT NULL,
  applied_at BIGINT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (merchant_id, environment, kind, thing_id, number)
);

-- Look-ups that partners may refer to, once. What was looked up is here as a digest only.
CREATE TABLE platform_verifications (
  merchant_id TEXT COLLATE "C" NOT NULL,
  environment TEXT COLLATE "C" NOT NULL,
  verification_id TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  digest BYTEA NOT NULL,
  business_status TEXT COLLATE "C",
  made_at BIGINT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (merchant_id, environment, verification_id)
);
CREATE INDEX platform_verifications_by_time ON platform_verifications (made_at);
