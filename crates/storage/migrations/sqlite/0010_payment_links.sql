-- Payment links.
--
-- Reason: a link is shared, sent at a time of its own, paid by whoever opens it, and ends. Payers name it without
-- its store. The merchant's reference and label of a link are unique, whoever asks at the same time.
CREATE TABLE payment_links (
  store_id TEXT NOT NULL,
  link_ref TEXT NOT NULL,
  merchant_id TEXT NOT NULL,
  environment TEXT NOT NULL,
  order_ref TEXT NOT NULL,
  -- NULL where the merchant gave none.
  label TEXT,
  version INTEGER NOT NULL,
  status TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  body TEXT NOT NULL,
  PRIMARY KEY (store_id, link_ref)
);
CREATE UNIQUE INDEX payment_links_by_ref ON payment_links (link_ref);
CREATE UNIQUE INDEX payment_links_by_order ON payment_links (store_id, environment, order_ref);
CREATE UNIQUE INDEX payment_links_by_label ON payment_links (store_id, environment, label) WHERE label IS NOT NULL;
