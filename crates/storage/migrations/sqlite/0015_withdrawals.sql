-- Who asks for a withdrawal from the payout account, and who approves it.
--
-- Reason: money leaves only when two people want it. The application decides so; the database refuses it, too, as it does
-- for bulk payouts: nobody approves what they have asked for, and the bank is not asked about what nobody has approved.
ALTER TABLE platform_account_transfers ADD COLUMN asked_by TEXT;
ALTER TABLE platform_account_transfers ADD COLUMN approved_by TEXT
  CONSTRAINT platform_account_transfers_two_people CHECK (approved_by IS NULL OR coalesce(asked_by, approved_by) <> approved_by)
  CONSTRAINT platform_account_transfers_approved CHECK (coalesce(purpose, '') <> 'REMIT' OR approved_by IS NOT NULL OR status IN ('PREPARED', 'CANCELLED'));
