-- name: site_set_state
WITH changed AS (
    UPDATE site SET state = $3, state_reason = $4, state_since = $5
     WHERE tenant_id = $1 AND state = $2
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- name: site_set_plan
WITH changed AS (
    UPDATE site SET plan = $3 WHERE tenant_id = $1 AND plan = $2 AND state <> 'closed'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');
