-- name: audit_add
INSERT INTO audit (tenant_id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id,
    before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
