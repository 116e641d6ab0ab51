-- Lists and days of very many transfers.
--
-- Reason: pages over a million transfers were found by reading the rows that were passed over and counted. Now an index by
-- time holds what lists are mostly narrowed by, and kinds and contracts have one of their own. A day that begins takes what
-- is due partner by partner, so that each settlement is written once. The end of a bulk payout is seen from the payouts that
-- are still under way, of which there are none, instead of from all of them.
DROP INDEX platform_transfers_listed;
DROP INDEX platform_transfers_due;
DROP INDEX platform_transfers_by_settlement_day;
CREATE INDEX platform_transfers_pages ON platform_transfers (merchant_id, environment, created_at, transfer_id, kind, settlement_id, starts_on, settles_on, contract_id, partner_id, method) WHERE deleted_at IS NULL;
CREATE INDEX platform_transfers_by_kind ON platform_transfers (merchant_id, environment, kind, created_at, transfer_id, settlement_id, starts_on, settles_on) WHERE deleted_at IS NULL;
CREATE INDEX platform_transfers_by_contract ON platform_transfers (merchant_id, environment, contract_id, created_at, transfer_id, kind, settlement_id, starts_on, settles_on) WHERE contract_id IS NOT NULL AND deleted_at IS NULL;
-- A time of its own, so that nothing else is taken for it.
CREATE INDEX platform_transfers_waiting ON platform_transfers (merchant_id, environment, (created_at + 0), transfer_id, starts_on, settles_on, kind, contract_id) WHERE settlement_id IS NULL AND deleted_at IS NULL;
CREATE INDEX platform_transfers_by_settlement_day ON platform_transfers (merchant_id, environment, settles_on, created_at, transfer_id, kind, settlement_id, starts_on, contract_id) WHERE deleted_at IS NULL;
CREATE INDEX platform_transfers_due ON platform_transfers (merchant_id, environment, settles_on, partner_id, transfer_id) WHERE settlement_id IS NULL AND deleted_at IS NULL;
CREATE INDEX platform_partner_settlements_by_status ON platform_partner_settlements (merchant_id, environment, status, settlement_id);
CREATE INDEX platform_payouts_open ON platform_payouts (merchant_id, environment, bulk_payout_id) WHERE status NOT IN ('SUCCEEDED', 'FAILED', 'STOPPED', 'CANCELLED');
