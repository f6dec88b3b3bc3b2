-- name: console_changes
SELECT r.rollout_id, r.title, r.operator_name, r.state, r.changes, vt_us(r.created_at) AS created_us,
       (SELECT count(*) FROM rollout_site s WHERE s.rollout_id = r.rollout_id) AS sites
  FROM rollout r
 WHERE r.rollout_id < $1::bigint
 ORDER BY r.rollout_id DESC LIMIT $2;

-- name: console_change
SELECT r.rollout_id, r.title, r.operator_name, r.state, r.changes, vt_us(r.created_at) AS created_us,
       count(s.tenant_id) AS sites,
       count(*) FILTER (WHERE s.state = 'waiting') AS waiting,
       count(*) FILTER (WHERE s.state = 'done') AS done,
       count(*) FILTER (WHERE s.state = 'same') AS same,
       count(*) FILTER (WHERE s.state IN ('failed', 'kept')) AS failed,
       count(*) FILTER (WHERE s.state = 'undone') AS undone
  FROM rollout r LEFT JOIN rollout_site s ON s.rollout_id = r.rollout_id
 WHERE r.rollout_id = $1
 GROUP BY r.rollout_id;

-- name: console_change_sites
SELECT s.slug, s.name, c.tenant_id, c.state, c.error, c.before
  FROM rollout_site c JOIN site s ON s.tenant_id = c.tenant_id
 WHERE c.rollout_id = $1 AND c.tenant_id > $2::bigint
 ORDER BY c.tenant_id LIMIT $3;
