-- name: letter_operators
INSERT INTO job (tenant_id, kind, payload, run_at, created_at)
SELECT $1, $2, $3::jsonb || jsonb_build_object('to', o.email, 'to_name', o.name,
           'language', o.language, 'operator', true), $4::timestamptz, $4
  FROM operator o;
