-- name: audit_add
INSERT INTO audit (tenant_id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id,
    before, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10);

-- Of many objects of a kind; an absent state is empty.
-- name: audit_add_all
INSERT INTO audit (tenant_id, at, actor_kind, actor_id, actor_name, action, object_kind, object_id,
    before, after)
SELECT $1::bigint, $2::timestamptz, $3::text, $4::bigint, $5::text, $6::text, $7::text, n.id,
       nullif(n.before, '')::jsonb, nullif(n.after, '')::jsonb
  FROM unnest($8::text[], $9::text[], $10::text[]) AS n (id, before, after);
