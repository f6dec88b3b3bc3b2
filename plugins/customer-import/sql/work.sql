-- name: look_begin
WITH begun AS (
    UPDATE plugin_customer_import.import
       SET state = 'looking', position = mark, line = 1, rows_read = 0, dates = $4, region = $5,
           mapping = $6::jsonb, started_at = to_timestamp($7::bigint), finished_at = NULL,
           version = version + 1
     WHERE tenant_id = $1 AND import_id = $2::bigint AND version = $3::bigint
       AND state IN ('mapping', 'preview')
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM begun), 'changed');

-- Whom the site has by these addresses: of several, who has shown that it is theirs, else who has
-- an account, else the last one.
-- name: look_known
SELECT c.customer_id::text AS id, c.version, c.email_folded, c.first_name, c.last_name,
       coalesce(c.phone, '') AS phone, coalesce(c.gender, '') AS gender,
       coalesce(c.birthdate::text, '') AS birthdate, c.person_id IS NOT NULL AS linked
  FROM (SELECT DISTINCT e.folded FROM jsonb_array_elements_text($2::jsonb) AS e (folded)) n
 CROSS JOIN LATERAL (
       SELECT o.customer_id, o.version, o.email_folded, o.first_name, o.last_name, o.phone,
              o.gender, o.birthdate, o.person_id
         FROM customer o
        WHERE o.tenant_id = $1 AND o.email_folded = n.folded
        ORDER BY o.verified_at IS NULL, o.registered_at IS NULL, o.customer_id DESC
        LIMIT 1) c;

-- Addresses that stand in the file already. Found by the address alone: nobody has analyzed rows that
-- were written a moment ago, and without figures the index that has all rows of the import looks as
-- good as the one that has the address.
-- name: look_seen
SELECT n.folded AS email_folded, s.line
  FROM (SELECT DISTINCT e.folded FROM jsonb_array_elements_text($3::jsonb) AS e (folded)) n
 CROSS JOIN LATERAL (
       SELECT r.line
         FROM plugin_customer_import.import_row r
        WHERE r.tenant_id = $1 AND r.email_folded = n.folded AND r.import_id + 0 = $2::bigint
          AND r.kind <> 'error'
        ORDER BY r.line
        LIMIT 1) s;

-- The rows of a piece of the file, and where the next one begins: once.
-- name: look_add
INSERT INTO plugin_customer_import.import_row
       (tenant_id, import_id, number, line, kind, reason, other_line, cells, customer_id, version,
        first_name, last_name, email, email_folded, phone, gender, birthdate, own, put, before)
SELECT $1, $2::bigint, x.number, x.line, x.kind, x.reason, x.other_line, x.cells,
       coalesce(x.customer_id, vt_id()), x.version, x.first_name, x.last_name, x.email,
       x.email_folded, x.phone, x.gender, x.birthdate, x.own, x.put, x.before
  FROM jsonb_to_recordset($3::jsonb) AS x (
       number int, line int, kind text, reason text, other_line int, cells jsonb,
       customer_id bigint, version bigint, first_name text, last_name text, email text,
       email_folded text, phone text, gender text, birthdate text, own boolean, put jsonb,
       before jsonb);

-- name: look_advance
WITH moved AS (
    UPDATE plugin_customer_import.import
       SET position = $4::bigint, line = $5::int, rows_read = $6::int,
           state = CASE WHEN $7::boolean THEN 'preview' ELSE 'looking' END,
           finished_at = CASE WHEN $7::boolean THEN to_timestamp($8::bigint) END,
           version = version + $7::boolean::int
     WHERE tenant_id = $1 AND import_id = $2::bigint AND state = 'looking'
       AND position = $3::bigint
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM moved), 'already');

-- One at a time: the index says so.
-- name: apply_begin
WITH begun AS (
    UPDATE plugin_customer_import.import
       SET state = 'applying', step = 0, started_at = to_timestamp($4::bigint),
           finished_at = NULL, staff_id = $5::bigint, staff_name = $6, version = version + 1
     WHERE tenant_id = $1 AND import_id = $2::bigint AND version = $3::bigint
       AND state = 'preview'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM begun), 'changed');

-- name: undo_begin
WITH begun AS (
    UPDATE plugin_customer_import.import
       SET state = 'undoing', step = 0, started_at = to_timestamp($4::bigint),
           finished_at = NULL, staff_id = $5::bigint, staff_name = $6, version = version + 1
     WHERE tenant_id = $1 AND import_id = $2::bigint AND version = $3::bigint
       AND state = 'done' AND applied_at > to_timestamp($4::bigint) - interval '7 days'
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM begun), 'changed');

-- name: apply_due
SELECT r.number, r.kind, r.customer_id::text AS customer_id, r.version, r.first_name, r.last_name,
       r.email, r.phone, r.gender, r.birthdate, r.own, r.put
  FROM plugin_customer_import.import_row r
 WHERE r.tenant_id = $1 AND r.import_id = $2::bigint AND r.kind IN ('new', 'changed')
   AND r.number > $3::int
 ORDER BY r.number
 LIMIT $4::int;

-- What was applied, with what stood there before.
-- name: undo_due
SELECT r.number, r.kind, r.customer_id::text AS customer_id, r.version, r.email, r.own, r.put,
       r.before
  FROM plugin_customer_import.import_row r
 WHERE r.tenant_id = $1 AND r.import_id = $2::bigint AND r.kind IN ('new', 'changed')
   AND r.outcome = 'done' AND r.number > $3::int
 ORDER BY r.number
 LIMIT $4::int;

-- In the unit that writes the customers. $3 was the last number before them, $4 is theirs; $5 has
-- what became of each.
-- name: apply_done
WITH moved AS (
    UPDATE plugin_customer_import.import SET step = $4::int
     WHERE tenant_id = $1 AND import_id = $2::bigint AND step = $3::int AND state = 'applying'
    RETURNING 1),
said AS (
    UPDATE plugin_customer_import.import_row r SET outcome = x.result, left_out = x.result <> 'done'
      FROM jsonb_to_recordset($5::jsonb) AS x (id bigint, result text)
     WHERE r.tenant_id = $1 AND r.import_id = $2::bigint AND r.customer_id = x.id
       AND r.number > $3::int AND r.number <= $4::int AND r.kind IN ('new', 'changed'))
SELECT vt_require(EXISTS (SELECT 1 FROM moved), 'already');

-- name: undo_done
WITH moved AS (
    UPDATE plugin_customer_import.import SET step = $4::int
     WHERE tenant_id = $1 AND import_id = $2::bigint AND step = $3::int AND state = 'undoing'
    RETURNING 1),
said AS (
    UPDATE plugin_customer_import.import_row r SET undone = x.result, left_out = x.result <> 'done'
      FROM jsonb_to_recordset($5::jsonb) AS x (id bigint, result text)
     WHERE r.tenant_id = $1 AND r.import_id = $2::bigint AND r.customer_id = x.id
       AND r.number > $3::int AND r.number <= $4::int AND r.outcome = 'done')
SELECT vt_require(EXISTS (SELECT 1 FROM moved), 'already');

-- name: work_end
UPDATE plugin_customer_import.import
   SET state = CASE state WHEN 'applying' THEN 'done' ELSE 'undone' END,
       finished_at = to_timestamp($3::bigint),
       applied_at = CASE state WHEN 'applying' THEN to_timestamp($3::bigint) ELSE applied_at END,
       version = version + 1
 WHERE tenant_id = $1 AND import_id = $2::bigint AND state IN ('applying', 'undoing');

-- What was interrupted by the switch, for when it is on again.
-- name: work_open
SELECT i.import_id::text AS id, i.state
  FROM plugin_customer_import.import i
 WHERE i.tenant_id = $1 AND i.state IN ('looking', 'applying', 'undoing')
 ORDER BY i.import_id
 LIMIT 100;

-- name: work_busy
SELECT count(*)::int AS count
  FROM plugin_customer_import.import i
 WHERE i.tenant_id = $1 AND i.state IN ('applying', 'undoing');

-- name: today
SELECT ((to_timestamp($2::bigint) AT TIME ZONE $3::text)::date)::text AS today
 WHERE $1::bigint IS NOT NULL;
