-- name: search_add
INSERT INTO search_term (tenant_id, kind, term, object_id)
SELECT DISTINCT $1::bigint, $2, t.term, $3::bigint FROM unnest($4::text[]) AS t (term)
ON CONFLICT (tenant_id, kind, term, object_id) DO NOTHING;
