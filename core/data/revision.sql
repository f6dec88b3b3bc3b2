-- name: revision_touch
INSERT INTO site_revision (tenant_id, revision, changed_at)
VALUES ($1, 1, clock_timestamp())
ON CONFLICT (tenant_id) DO UPDATE
SET revision = site_revision.revision + 1, changed_at = excluded.changed_at
RETURNING revision

-- name: revision_newest
SELECT vt_us(COALESCE(max(changed_at), to_timestamp(0))) AS newest_us FROM site_revision

-- name: revision_page
SELECT tenant_id, revision FROM site_revision WHERE tenant_id > $1 ORDER BY tenant_id LIMIT 5000

-- name: revision_changes
SELECT tenant_id, revision, vt_us(changed_at) AS changed_us
FROM site_revision
WHERE changed_at > $1::timestamptz
ORDER BY changed_at
