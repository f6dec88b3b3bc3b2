-- name: person_here
SELECT customer_id FROM customer WHERE tenant_id = $1 AND person_id = $2;

-- name: person_make_customer
INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, phone,
                      language, gender, country, birthdate, registered_at, verified_at, created_at,
                      person_id, person_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11::date, $12, $12, $12, $13, $14);
