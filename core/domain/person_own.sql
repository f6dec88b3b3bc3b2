-- As the platform, all of it.

-- name: person_insert
INSERT INTO person (person_id, email, email_folded, first_name, last_name, phone, gender, country,
                    birthdate, language, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: person_update
WITH saved AS (
    UPDATE person
       SET first_name = $3, last_name = $4, phone = $5, gender = $6, country = $7,
           birthdate = $8::date, version = version + 1
     WHERE person_id = $1 AND version = $2 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'customer_changed');

-- name: person_move
WITH saved AS (
    UPDATE person SET email = $3, email_folded = $4, version = version + 1
     WHERE person_id = $1 AND version = $2 RETURNING 1)
SELECT vt_require(EXISTS (SELECT 1 FROM saved), 'customer_changed');

-- Every linked site looks what is new.
-- name: person_tell
INSERT INTO job (tenant_id, kind, payload, run_at, created_at, lane)
SELECT c.tenant_id, 'person.follow', jsonb_build_object('person_id', $1::bigint::text), $2, $2, 0
  FROM site s
  JOIN customer c ON c.tenant_id = s.tenant_id AND c.person_id = $1::bigint;

-- name: person_delete
DELETE FROM person WHERE person_id = $1;

-- name: person_delete_unused
DELETE FROM person
 WHERE person_id = $1
   AND NOT EXISTS (SELECT 1 FROM site s
                     JOIN customer c ON c.tenant_id = s.tenant_id AND c.person_id = $1);

-- name: person_sites
SELECT s.tenant_id, s.slug, s.name, c.customer_id, c.person_id
  FROM site s
  JOIN customer c ON c.tenant_id = s.tenant_id AND c.email_folded = $1
 WHERE s.state = 'open' AND c.verified_at IS NOT NULL
 ORDER BY s.name, s.slug
 LIMIT 100;
