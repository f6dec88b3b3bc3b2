-- As the platform. One by one, so that each goes by the index.
-- name: person_of_addresses
SELECT p.person_id, p.version, p.email, p.first_name, p.last_name, p.phone, p.gender, p.country,
       p.birthdate::text AS birthdate, p.language
  FROM unnest($1::text[]) AS a (email_folded)
  JOIN person p ON p.email_folded = a.email_folded;
