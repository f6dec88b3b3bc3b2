-- The customer's link is signed, not kept.
ALTER TABLE plugin_recurring_bookings.series DROP COLUMN token;
