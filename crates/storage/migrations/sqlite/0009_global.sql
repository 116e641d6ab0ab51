-- The Global dialect's own rows.
--
-- Reason: that dialect names merchants by a client key, signs with a secret that both sides know, refers to
-- payments by references of its own, and tells named endpoints by topic. Payments, refunds and money stay where
-- they are; a row here only names one of them.
CREATE TABLE global_merchants (
  store_id TEXT NOT NULL PRIMARY KEY,
  client_key TEXT NOT NULL UNIQUE,
  secret BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL
);

CREATE TABLE global_channels (
  store_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  name TEXT NOT NULL,
  channel_key TEXT NOT NULL,
  country TEXT NOT NULL,
  credentials BLOB NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (store_id, environment, name)
);

CREATE TABLE global_endpoints (
  store_id TEXT NOT NULL,
  endpoint_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  topic TEXT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  is_enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (store_id, endpoint_id)
);
CREATE UNIQUE INDEX global_endpoints_by_name ON global_endpoints (store_id, environment, topic, name);
CREATE UNIQUE INDEX global_endpoints_by_url ON global_endpoints (store_id, environment, topic, url);

CREATE TABLE global_orders (
  store_id TEXT NOT NULL,
  order_ref TEXT NOT NULL,
  environment TEXT NOT NULL,
  merchant_ref TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  link_ref TEXT,
  subscription_ref TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, order_ref)
);
-- The merchant's reference is what makes a repeated request harmless.
CREATE UNIQUE INDEX global_orders_by_merchant_ref ON global_orders (store_id, environment, merchant_ref);
CREATE UNIQUE INDEX global_orders_by_payment ON global_orders (store_id, payment_id);
-- Payers' browsers name an order without its store.
CREATE UNIQUE INDEX global_orders_by_ref ON global_orders (order_ref);
CREATE INDEX global_orders_by_link ON global_orders (store_id, link_ref, created_at) WHERE link_ref IS NOT NULL;
CREATE INDEX global_orders_by_subscription ON global_orders (store_id, subscription_ref, created_at)
  WHERE subscription_ref IS NOT NULL;

CREATE TABLE global_refunds (
  store_id TEXT NOT NULL,
  cancellation_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  payment_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  description TEXT NOT NULL,
  PRIMARY KEY (store_id, cancellation_id)
);
CREATE INDEX global_refunds_by_payment ON global_refunds (store_id, payment_id);
