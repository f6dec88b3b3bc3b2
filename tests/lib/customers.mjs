// Customers by the thousand, as years of a venue would have left them: for what has to stay quick,
// however many there are.
const first = 'Ada Bruno Carla David Elena Felix Greta Hugo Inès Jonas Karin Louis Marta Nils Olga Pablo Rosa Simon Teresa Viktor'.split(' ');
const last = 'Abel Bauer Costa Dubois Evans Fischer García Hansen Ivanov Jensen Keller Lopez Moreau Novak Olsen Petit Quinn Rossi Silva Torres'.split(' ');

const words = (list) => `(ARRAY[${list.map((word) => `'${word}'`).join()}])`;

// `count` customers, a third with an account, some with a tag. All of them can be found.
export async function manyCustomers(server, site, count) {
  await server.postgres.sql(
    server.database,
    `SET session_replication_role = replica;
     CREATE TEMP TABLE made AS
     SELECT t.tenant_id, 7000000000000 + n AS customer_id, n, now() - n * interval '7 minutes' AS at,
            ${words(first)}[1 + n % 20] AS first_name, ${words(last)}[1 + n / 20 % 20] || ' ' || n / 400 AS last_name,
            lower('buyer.' || n || '@' || (n % 7) || '.example') AS email, lpad((n * 7919 % 100000000)::text, 8, '0') AS digits
       FROM site t, generate_series(1::bigint, ${Number(count)}) n WHERE t.slug = '${site.slug}';
     INSERT INTO customer (tenant_id, customer_id, first_name, last_name, email, email_folded, phone, language, gender, country,
                           created_at, registered_at)
     SELECT tenant_id, customer_id, first_name, last_name, email, email, '+336' || digits, 'en', 'other', 'FR', at,
            CASE WHEN n % 3 = 0 THEN at END FROM made;
     INSERT INTO customer_tag (tenant_id, customer_id, tag, tag_folded)
     SELECT tenant_id, customer_id, 'Member', 'member' FROM made WHERE n % 10 = 0;
     INSERT INTO search_term (tenant_id, kind, term, object_id)
     SELECT DISTINCT m.tenant_id, 'customer', t.term, m.customer_id FROM made m
      CROSS JOIN LATERAL (SELECT m.email AS term UNION SELECT '336' || m.digits UNION SELECT '06' || m.digits
                          UNION SELECT translate(regexp_split_to_table(lower(m.first_name || ' ' || m.last_name), ' '), 'áéíóúè', 'aeioue')) t;
     DROP TABLE made;
     SET session_replication_role = origin`,
    [], 'postgres');
  await server.postgres.sql(server.database, 'VACUUM ANALYZE', [], 'postgres');
}
