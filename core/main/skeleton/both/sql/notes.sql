-- $1 is always the site. Tables are named with the plugin's own schema.

-- name: add_note
INSERT INTO @schema@.note (tenant_id, text) VALUES ($1, $2);

-- name: newest_notes
SELECT text, vt_us(left_at) AS left_us
  FROM @schema@.note
 WHERE tenant_id = $1
 ORDER BY note_id DESC
 LIMIT 50;
