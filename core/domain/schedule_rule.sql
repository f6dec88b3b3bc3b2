-- name: schedule_insert_rule
INSERT INTO schedule_rule (tenant_id, rule_id, offer_id, days, times, rate_codes, every_weeks, week,
                           from_date, to_date)
VALUES ($1, $2, $3, $4::int[], $5::time[], $6::text[], $7, $8, $9::date, $10::date);

-- name: schedule_update_rule
WITH saved AS (
    UPDATE schedule_rule
       SET days = $4::int[], times = $5::time[], rate_codes = $6::text[], every_weeks = $7,
           week = $8, from_date = $9::date, to_date = $10::date, version = version + 1
     WHERE tenant_id = $1 AND rule_id = $2 AND offer_id = $3 AND version = $11
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'changed');

-- name: schedule_delete_rule
DELETE FROM schedule_rule WHERE tenant_id = $1 AND rule_id = $2;
