-- Ten files on their way are enough: what nobody goes on with is gone after a day.
-- name: file_begin
WITH open AS (
    SELECT count(*) AS files FROM plugin_customer_import.import
     WHERE tenant_id = $1 AND state IN ('sending', 'mapping', 'looking', 'preview')),
made AS (
    INSERT INTO plugin_customer_import.import
           (tenant_id, import_id, state, file_name, size, staff_id, staff_name, created_at)
    SELECT $1, $2::bigint, 'sending', $3, $4::bigint, $5::bigint, $6, to_timestamp($7::bigint)
      FROM open WHERE open.files < 10
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM made), 'many');

-- name: file_next_id
SELECT vt_id()::text AS id WHERE $1::bigint IS NOT NULL;

-- Each where the last one ended.
-- name: file_add
WITH moved AS (
    UPDATE plugin_customer_import.import
       SET received = received + $4::bigint
     WHERE tenant_id = $1 AND import_id = $2::bigint AND state = 'sending'
       AND received = $3::bigint AND received + $4::bigint <= size
    RETURNING 1),
kept AS (
    INSERT INTO plugin_customer_import.part (tenant_id, import_id, starts, bytes)
    SELECT $1, $2::bigint, $3::bigint, decode($5, 'hex') FROM moved)
SELECT vt_require(EXISTS (SELECT 1 FROM moved), 'elsewhere');

-- Looked at: how it seems to be meant. From a state that it may have been in.
-- name: file_read_as
WITH changed AS (
    UPDATE plugin_customer_import.import
       SET state = 'mapping', encoding = $3, mark = $4::int, separator = $5,
           header = $6::boolean, dates = $7, region = $8, mapping = $9::jsonb,
           columns = $10::int, titles = $12::jsonb, version = version + 1
     WHERE tenant_id = $1 AND import_id = $2::bigint AND received = size
       AND version = $11::bigint AND state IN ('sending', 'mapping', 'preview')
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM changed), 'changed');

-- What an earlier look said.
-- name: file_unlook
DELETE FROM plugin_customer_import.import_row WHERE tenant_id = $1 AND import_id = $2::bigint;

-- name: file_piece
SELECT p.starts,
       encode(substring(p.bytes FROM ($3::bigint - p.starts + 1)::int FOR $4::int), 'hex') AS bytes
  FROM plugin_customer_import.part p
 WHERE p.tenant_id = $1 AND p.import_id = $2::bigint AND p.starts <= $3::bigint
 ORDER BY p.starts DESC
 LIMIT 1;

-- name: import_load
SELECT i.import_id::text AS id, i.state, i.file_name, i.size, i.received, i.encoding, i.mark,
       i.separator, i.header, i.dates, i.region, i.mapping, i.columns, i.titles, i.position, i.line,
       i.rows_read, i.step, i.staff_id::text AS staff_id, i.staff_name, i.version,
       vt_us(i.created_at) AS created_us, vt_us(i.started_at) AS started_us,
       vt_us(i.finished_at) AS finished_us, vt_us(i.applied_at) AS applied_us
  FROM plugin_customer_import.import i
 WHERE i.tenant_id = $1 AND i.import_id = $2::bigint;

-- name: import_counts
SELECT r.kind, r.outcome, r.undone, count(*)::int AS rows
  FROM plugin_customer_import.import_row r
 WHERE r.tenant_id = $1 AND r.import_id = $2::bigint
 GROUP BY r.kind, r.outcome, r.undone;

-- name: import_list
SELECT i.import_id::text AS id, i.state, i.file_name, i.rows_read, i.staff_name,
       vt_us(i.created_at) AS created_us
  FROM plugin_customer_import.import i
 WHERE i.tenant_id = $1 AND i.import_id < $2::bigint AND i.state <> 'sending'
 ORDER BY i.import_id DESC
 LIMIT 51;

-- Of the kind ($3), behind a number.
-- name: rows_of_kind
SELECT r.number, r.line, r.kind, r.reason, r.other_line, r.cells, r.customer_id::text AS customer_id,
       r.first_name, r.last_name, r.email, r.phone, r.gender, r.birthdate, r.put, r.before,
       r.outcome, r.undone
  FROM plugin_customer_import.import_row r
 WHERE r.tenant_id = $1 AND r.import_id = $2::bigint AND r.kind = $3 AND r.number > $4::int
 ORDER BY r.number
 LIMIT 51;

-- name: rows_all
SELECT r.number, r.line, r.kind, r.reason, r.other_line, r.cells, r.customer_id::text AS customer_id,
       r.first_name, r.last_name, r.email, r.phone, r.gender, r.birthdate, r.put, r.before,
       r.outcome, r.undone
  FROM plugin_customer_import.import_row r
 WHERE r.tenant_id = $1 AND r.import_id = $2::bigint AND r.number > $3::int
 ORDER BY r.number
 LIMIT 51;

-- Those that were to be written and weren't, or weren't put back.
-- name: rows_left
SELECT r.number, r.line, r.kind, r.reason, r.other_line, r.cells, r.customer_id::text AS customer_id,
       r.first_name, r.last_name, r.email, r.phone, r.gender, r.birthdate, r.put, r.before,
       r.outcome, r.undone
  FROM plugin_customer_import.import_row r
 WHERE r.tenant_id = $1 AND r.import_id = $2::bigint AND r.number > $3::int
   AND r.left_out
 ORDER BY r.number
 LIMIT 51;

-- The file of errors: the row as it was and why, which $3 says by its code. $4 is the key of the
-- last row, $5 how many.
-- name: error_rows
SELECT r.number::text AS key, r.line,
       coalesce($3::jsonb ->> CASE WHEN r.kind = 'error' THEN r.reason
                                   WHEN r.undone <> '' THEN 'kept_' || r.undone
                                   ELSE 'left_' || r.outcome END,
                r.reason) AS reason,
       r.cells ->> 0 AS c0, r.cells ->> 1 AS c1, r.cells ->> 2 AS c2, r.cells ->> 3 AS c3,
       r.cells ->> 4 AS c4, r.cells ->> 5 AS c5, r.cells ->> 6 AS c6, r.cells ->> 7 AS c7,
       r.cells ->> 8 AS c8, r.cells ->> 9 AS c9, r.cells ->> 10 AS c10, r.cells ->> 11 AS c11,
       r.cells ->> 12 AS c12, r.cells ->> 13 AS c13, r.cells ->> 14 AS c14, r.cells ->> 15 AS c15,
       r.cells ->> 16 AS c16, r.cells ->> 17 AS c17, r.cells ->> 18 AS c18, r.cells ->> 19 AS c19,
       r.cells ->> 20 AS c20, r.cells ->> 21 AS c21, r.cells ->> 22 AS c22, r.cells ->> 23 AS c23,
       r.cells ->> 24 AS c24, r.cells ->> 25 AS c25, r.cells ->> 26 AS c26, r.cells ->> 27 AS c27,
       r.cells ->> 28 AS c28, r.cells ->> 29 AS c29
  FROM plugin_customer_import.import_row r
 WHERE r.tenant_id = $1 AND r.import_id = $2::bigint AND r.number > coalesce($4::int, 0)
   AND (r.kind = 'error' OR r.left_out)
 ORDER BY r.number
 LIMIT $5::int;

-- name: file_discard
WITH gone AS (
    DELETE FROM plugin_customer_import.import
     WHERE tenant_id = $1 AND import_id = $2::bigint AND version = $3::bigint
       AND state IN ('sending', 'mapping', 'preview')
    RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'changed');

-- name: file_parts_gone
DELETE FROM plugin_customer_import.part WHERE tenant_id = $1 AND import_id = $2::bigint;

-- What was never applied goes after a day, rows and file.
-- name: forget_open
DELETE FROM plugin_customer_import.import
 WHERE tenant_id = $1 AND import_id = $2::bigint
   AND state IN ('sending', 'mapping', 'looking', 'preview')
   AND created_at <= to_timestamp($3::bigint) - interval '1 day';

-- What was applied keeps its name and numbers, and loses its rows.
-- name: forget_rows
DELETE FROM plugin_customer_import.import_row r
 USING plugin_customer_import.import i
 WHERE r.tenant_id = $1 AND r.import_id = $2::bigint
   AND i.tenant_id = $1 AND i.import_id = $2::bigint AND i.state IN ('done', 'undone')
   AND i.applied_at <= to_timestamp($3::bigint) - interval '7 days';
