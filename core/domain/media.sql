-- Pictures that nothing shows any more, not even a version of the look to go back to, and that were
-- sent long enough ago that no mail or cache is likely to ask for them.
-- name: media_forget
DELETE FROM file f
 WHERE f.tenant_id = $1 AND f.created_at < $2
   AND NOT EXISTS (SELECT FROM offer o
                    WHERE o.tenant_id = f.tenant_id
                      AND o.image = 'files/' || split_part(f.name, '-', 1))
   AND NOT EXISTS (SELECT FROM edition e
                    WHERE e.tenant_id = f.tenant_id AND e.subject = 'branding'
                      AND strpos(e.value::text, split_part(f.name, '-', 1)) > 0);

-- name: media_room
SELECT vt_require(coalesce(sum(size), 0) + $2 <= $3, 'file_full') FROM file WHERE tenant_id = $1;

-- name: media_insert
INSERT INTO file (tenant_id, name, kind, size, bytes, created_at)
VALUES ($1, $2, $3, $4, decode($5, 'hex'), $6)
ON CONFLICT (tenant_id, name) DO NOTHING;

-- name: media_load
SELECT kind, translate(encode(bytes, 'base64'), E'\n', '') AS bytes
  FROM file WHERE tenant_id = $1 AND name = $2;
