-- Both, locked in one order, as they were looked at.
-- name: customer_merge_guard
WITH locked AS (
    SELECT customer_id, version FROM customer
     WHERE tenant_id = $1 AND customer_id IN ($2::bigint, $3::bigint)
     ORDER BY customer_id FOR UPDATE)
SELECT vt_require(count(*) = 2, 'customer_gone'),
       vt_require(count(*) FILTER (
           WHERE version = CASE customer_id WHEN $2::bigint THEN $4::bigint ELSE $5::bigint END) = 2,
                  'customer_changed')
  FROM locked;

-- name: customer_merge_insert
INSERT INTO customer_merge (tenant_id, merge_id, customer_id, other_id, merged_at, actor_name,
                            kept_before, other_before)
SELECT $1::bigint, $4::bigint, k.customer_id, o.customer_id, $5::timestamptz, $6::text,
       to_jsonb(k), to_jsonb(o)
  FROM customer k, customer o
 WHERE k.tenant_id = $1 AND k.customer_id = $2::bigint
   AND o.tenant_id = $1 AND o.customer_id = $3::bigint;

-- What the other one may log in with is kept for the way back, as if it were dropped.
-- name: customer_merge_passkeys
WITH gone AS (
    DELETE FROM passkey t WHERE t.tenant_id = $1 AND t.customer_id = $2::bigint RETURNING t.*)
INSERT INTO customer_merge_row (tenant_id, merge_id, table_name, moved, was)
SELECT $1::bigint, $3::bigint, 'passkey', false, to_jsonb(g) FROM gone g;

-- name: customer_merge_passkeys_back
INSERT INTO passkey
SELECT x.*
  FROM customer_merge_row r
 CROSS JOIN LATERAL jsonb_populate_record(NULL::passkey, r.was) x
 WHERE r.tenant_id = $1 AND r.merge_id = $2::bigint AND r.table_name = 'passkey';

-- name: customer_merge_unfind
DELETE FROM search_term WHERE tenant_id = $1 AND kind = 'customer' AND object_id = $2::bigint;

-- name: customer_merge_delete
WITH gone AS (
    DELETE FROM customer WHERE tenant_id = $1 AND customer_id = $2::bigint RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM gone), 'customer_gone');

-- $4 to $8: which fields are the other one's. An account follows where there is but the other's.
-- name: customer_merge_take
UPDATE customer k
   SET first_name = CASE WHEN $4::boolean THEN o.first_name ELSE k.first_name END,
       last_name = CASE WHEN $4 THEN o.last_name ELSE k.last_name END,
       phone = CASE WHEN $5::boolean THEN o.phone ELSE k.phone END,
       gender = CASE WHEN $6::boolean THEN o.gender ELSE k.gender END,
       birthdate = CASE WHEN $7::boolean THEN o.birthdate ELSE k.birthdate END,
       country = CASE WHEN $8::boolean THEN o.country ELSE k.country END,
       email = CASE WHEN a.moves THEN o.email ELSE k.email END,
       email_folded = CASE WHEN a.moves THEN o.email_folded ELSE k.email_folded END,
       language = CASE WHEN a.moves THEN o.language ELSE k.language END,
       password_hash = CASE WHEN a.moves THEN o.password_hash ELSE k.password_hash END,
       registered_at = CASE WHEN a.moves THEN o.registered_at ELSE k.registered_at END,
       verified_at = CASE WHEN a.moves THEN o.verified_at ELSE k.verified_at END,
       created_at = least(k.created_at, o.created_at), version = k.version + 1
  FROM customer_merge m
 CROSS JOIN LATERAL jsonb_populate_record(NULL::customer, m.other_before) o
 CROSS JOIN LATERAL (
       SELECT o.registered_at IS NOT NULL
              AND (m.kept_before ->> 'registered_at') IS NULL
              AND (m.kept_before ->> 'person_id') IS NULL AS moves) a
 WHERE m.tenant_id = $1 AND m.merge_id = $3::bigint
   AND k.tenant_id = $1 AND k.customer_id = $2::bigint;

-- name: customer_merge_note
UPDATE customer_merge m SET kept_after = to_jsonb(k)
  FROM customer k
 WHERE m.tenant_id = $1 AND m.merge_id = $3::bigint
   AND k.tenant_id = $1 AND k.customer_id = $2::bigint;

-- name: customer_merge_load
SELECT m.customer_id, m.other_id, m.other_before ->> 'first_name' AS first_name, m.other_before ->> 'last_name' AS last_name,
       m.other_before ->> 'email' AS email, m.other_before ->> 'phone' AS phone
  FROM customer_merge m
 WHERE m.tenant_id = $1 AND m.merge_id = $2::bigint;

-- The one who stayed, as it was looked at; an account that went over must still be the same.
-- name: customer_unmerge_guard
WITH locked AS (
    SELECT version, email_folded FROM customer
     WHERE tenant_id = $1 AND customer_id = $2::bigint FOR UPDATE),
merge AS (
    SELECT m.kept_before ->> 'email_folded' AS before, m.kept_after ->> 'email_folded' AS after,
           m.other_before ->> 'email_folded' AS theirs
      FROM customer_merge m
     WHERE m.tenant_id = $1 AND m.merge_id = $3::bigint AND m.customer_id = $2::bigint
       AND m.other_before IS NOT NULL AND m.merged_at > $5::timestamptz
       FOR UPDATE)
SELECT vt_require(EXISTS (SELECT 1 FROM merge), 'customer_gone'),
       vt_require((SELECT version FROM locked) = $4::bigint, 'customer_changed'),
       vt_require((SELECT m.before = m.after OR m.after = l.email_folded FROM merge m, locked l),
                  'customer_changed'),
       vt_require(NOT EXISTS (SELECT 1 FROM merge m
                                JOIN customer c ON c.tenant_id = $1 AND c.email_folded = m.theirs
                               WHERE c.customer_id <> $2), 'customer_taken');

-- What the merge changed and nobody changed since is as it was.
-- name: customer_unmerge_kept
UPDATE customer k
   SET first_name = CASE WHEN k.first_name = a.first_name THEN b.first_name ELSE k.first_name END,
       last_name = CASE WHEN k.last_name = a.last_name THEN b.last_name ELSE k.last_name END,
       phone = CASE WHEN k.phone IS NOT DISTINCT FROM a.phone THEN b.phone ELSE k.phone END,
       gender = CASE WHEN k.gender IS NOT DISTINCT FROM a.gender THEN b.gender ELSE k.gender END,
       birthdate = CASE WHEN k.birthdate IS NOT DISTINCT FROM a.birthdate THEN b.birthdate
                        ELSE k.birthdate END,
       country = CASE WHEN k.country IS NOT DISTINCT FROM a.country THEN b.country
                      ELSE k.country END,
       email = CASE WHEN s.moved THEN b.email ELSE k.email END,
       email_folded = CASE WHEN s.moved THEN b.email_folded ELSE k.email_folded END,
       language = CASE WHEN s.moved THEN b.language ELSE k.language END,
       password_hash = CASE WHEN s.moved THEN b.password_hash ELSE k.password_hash END,
       registered_at = CASE WHEN s.moved THEN b.registered_at ELSE k.registered_at END,
       verified_at = CASE WHEN s.moved THEN b.verified_at ELSE k.verified_at END,
       created_at = b.created_at, version = k.version + 1
  FROM customer_merge m
 CROSS JOIN LATERAL jsonb_populate_record(NULL::customer, m.kept_before) b
 CROSS JOIN LATERAL jsonb_populate_record(NULL::customer, m.kept_after) a
 CROSS JOIN LATERAL (
       SELECT b.registered_at IS NULL AND a.registered_at IS NOT NULL AS moved) s
 WHERE m.tenant_id = $1 AND m.merge_id = $3::bigint
   AND k.tenant_id = $1 AND k.customer_id = $2::bigint;

-- name: customer_unmerge_other
INSERT INTO customer
SELECT o.*
  FROM customer_merge m
 CROSS JOIN LATERAL jsonb_populate_record(
       NULL::customer, m.other_before || jsonb_build_object('version',
           (m.other_before ->> 'version')::bigint + 1)) o
 WHERE m.tenant_id = $1 AND m.merge_id = $2::bigint;

-- name: customer_unmerge_end
DELETE FROM customer_merge WHERE tenant_id = $1 AND merge_id = $2::bigint;

-- name: customer_merges
SELECT m.merge_id, m.other_id, vt_us(m.merged_at) AS merged_us, m.actor_name,
       m.other_before ->> 'first_name' AS first_name, m.other_before ->> 'last_name' AS last_name,
       m.other_before ->> 'email' AS email
  FROM customer_merge m
 WHERE m.tenant_id = $1 AND m.customer_id = $2::bigint AND m.other_before IS NOT NULL
   AND m.merged_at > $3::timestamptz
 ORDER BY m.merge_id DESC
 LIMIT 10;

-- name: customer_merged_into
SELECT customer_id FROM customer_merge
 WHERE tenant_id = $1 AND other_id = $2::bigint
 ORDER BY merge_id DESC LIMIT 1;

-- Who has the same phone ($3, as it is searched for), or every word of the name ($4).
-- name: customer_twins
WITH same AS (
    SELECT s.object_id FROM search_term s
     WHERE s.tenant_id = $1 AND s.kind = 'customer' AND s.term = $3::text
    UNION
    (SELECT t.object_id
       FROM unnest($4::text[]) AS w (word)
      CROSS JOIN LATERAL (
            SELECT s.object_id FROM search_term s
             WHERE s.tenant_id = $1 AND s.kind = 'customer' AND s.term = w.word
             LIMIT 5000) t
      GROUP BY t.object_id
     HAVING count(*) = cardinality($4)))
SELECT c.customer_id, c.first_name, c.last_name, c.phone
  FROM same s
  JOIN customer c ON c.tenant_id = $1 AND c.customer_id = s.object_id
 WHERE s.object_id <> $2::bigint
   AND NOT EXISTS (SELECT 1 FROM customer_apart x
                    WHERE x.tenant_id = $1 AND x.one_id = LEAST(s.object_id, $2)
                      AND x.two_id = GREATEST(s.object_id, $2))
 ORDER BY c.customer_id DESC
 LIMIT 50;

-- What it would take to go back, after its days: who it was is forgotten, that it was stays.
-- name: customer_merge_forget
WITH old AS (
    SELECT merge_id FROM customer_merge
     WHERE tenant_id = $1 AND merged_at < $2::timestamptz AND other_before IS NOT NULL),
rows AS (
    DELETE FROM customer_merge_row r USING old
     WHERE r.tenant_id = $1 AND r.merge_id = old.merge_id)
UPDATE customer_merge m SET kept_before = NULL, kept_after = NULL, other_before = NULL
  FROM old WHERE m.tenant_id = $1 AND m.merge_id = old.merge_id;

-- name: customer_merge_counts
SELECT (SELECT count(*) FROM orders o
         WHERE o.tenant_id = $1 AND o.customer_id = $2::bigint AND o.placed_at IS NOT NULL) AS orders,
       (SELECT count(*) FROM customer_note n
         WHERE n.tenant_id = $1 AND n.customer_id = $2) AS notes,
       (SELECT count(*) FROM passkey p
         WHERE p.tenant_id = $1 AND p.customer_id = $2) AS passkeys;
