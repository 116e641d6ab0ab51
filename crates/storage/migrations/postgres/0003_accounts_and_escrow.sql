-- Payments in escrow are few, and merchants look for those whose parcel is on its way.
--
-- Reason: lists filter by escrow and by how far a delivery has come, which is part of an attempt's body.
-- Payments that are not in escrow cost nothing here.
CREATE INDEX payments_in_escrow ON payments (store_id, status_at) WHERE is_escrow = 1;
