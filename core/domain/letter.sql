-- name: letter_to_owners
INSERT INTO job (tenant_id, kind, payload, run_at, created_at)
SELECT s.tenant_id, $2::text, $3::jsonb || jsonb_build_object('to', s.email, 'to_name', s.name),
       $4::timestamptz, $4
  FROM staff s WHERE s.tenant_id = $1 AND s.role = 'owner';

-- name: letter_to_staff
INSERT INTO job (tenant_id, kind, payload, run_at, created_at)
SELECT s.tenant_id, $2::text, $3::jsonb || jsonb_build_object('to', s.email, 'to_name', s.name),
       $4::timestamptz, $4
  FROM staff s WHERE s.tenant_id = $1 AND s.staff_id = $5;
