-- name: schedule_insert_rule
INSERT INTO schedule_rule (tenant_id, rule_id, offer_id, days, times, rate_codes, every_weeks, week,
                           from_date, to_date)
VALUES ($1, $2, $3, $4::int[], $5::time[], $6::text[], $7, $8, $9::date, $10::date);

-- name: schedule_update_rule
WITH saved AS (
    UPDATE schedule_rule r
       SET days = n.days, times = n.times, rate_codes = n.rate_codes, every_weeks = n.every_weeks,
           week = n.week, from_date = n.from_date, to_date = n.to_date, version = r.version + 1
      FROM (SELECT $4::int[], $5::time[], $6::text[], $7::int, $8::int, $9::date, $10::date)
           AS n (days, times, rate_codes, every_weeks, week, from_date, to_date)
     WHERE r.tenant_id = $1 AND r.rule_id = $2 AND r.offer_id = $3 AND r.version = $11
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'changed');

-- name: schedule_delete_rule
DELETE FROM schedule_rule WHERE tenant_id = $1 AND rule_id = $2;
