// Orders by the thousand, as years of a venue's sales would have left them: for what has to stay
// quick, and small, however many there are.
const first = 'Ada Bruno Carla David Elena Felix Greta Hugo Inès Jonas Karin Louis Marta Nils Olga Pablo Rosa Simon Teresa Viktor'.split(' ');
const last = 'Abel Bauer Costa Dubois Evans Fischer García Hansen Ivanov Jensen Keller Lopez Moreau Novak Olsen Petit Quinn Rossi Silva Torres'.split(' ');

const words = (list) => `(ARRAY[${list.map((word) => `'${word}'`).join()}])`;

// `count` orders of the site's first two offers, one every seven minutes until `until`, each of one
// or two lines; most are paid, some due, some cancelled with the money back. All of them can be found.
export async function manyOrders(server, site, count, { until = 'now()' } = {}) {
  await server.postgres.sql(
    server.database,
    `SET session_replication_role = replica;
     CREATE TEMP TABLE made AS
     SELECT t.tenant_id, t.currency, 5000000000000 + n AS order_id, n,
            (${until})::timestamptz - n * interval '7 minutes' AS at, n % 20 < 17 AS paid, n % 50 = 1 AS cancelled,
            1 + (n % 3 = 0)::int AS lines, 1200 * (1 + (n % 3 = 0)::int) AS total,
            translate(upper(lpad(to_hex(2863311530 # (n * 2654435761 % 4294967296)), 8, '0')), '01', 'XY') AS code,
            ${words(first)}[1 + n % 20] || ' ' || ${words(last)}[1 + n / 20 % 20] || ' ' || n / 400 AS name,
            lower('guest.' || n || '@' || (n % 7) || '.example') AS email,
            (SELECT channel_id FROM channel c WHERE c.tenant_id = t.tenant_id AND c.kind = CASE WHEN n % 5 > 0 THEN 'web' ELSE 'box_office' END LIMIT 1) AS channel_id,
            (SELECT array_agg(offer_id ORDER BY position, offer_id) FROM offer o WHERE o.tenant_id = t.tenant_id) AS offers
       FROM site t, generate_series(1::bigint, ${Number(count)}) n WHERE t.slug = '${site.slug}';
     CREATE TEMP TABLE slots AS
     SELECT offer_id, array_agg(slot_id ORDER BY starts_at) AS ids FROM slot GROUP BY offer_id;
     INSERT INTO orders (tenant_id, order_id, code, channel_id, language, currency, created_at, placed_at, hold_started_at,
                         hold_until, name, email, email_folded, total_minor, tax_minor, due_minor, returned_minor)
     SELECT tenant_id, order_id, code, channel_id, 'en', currency, at, at, at, at, name, email, email, total, total / 6,
            CASE WHEN paid OR cancelled THEN 0 ELSE total END, CASE WHEN cancelled THEN total ELSE 0 END FROM made;
     INSERT INTO order_line (tenant_id, line_id, order_id, offer_id, slot_id, rate_id, quantity, state, title, rate_name,
                             starts_at, ends_at, unit_minor, tax_ppm, tax_included, tax_minor, total_minor, placed_at,
                             cancelled_at, returned_minor)
     SELECT m.tenant_id, m.order_id * 2 + l, m.order_id, m.offers[l], s.slot_id, r.rate_id, 1,
            CASE WHEN cancelled THEN 'cancelled' ELSE 'confirmed' END, 'Tour ' || l, 'Adult', m.at + interval '3 days',
            m.at + interval '3 days 1 hour', 1200, 200000, true, 200, 1200, m.at, CASE WHEN cancelled THEN m.at END,
            CASE WHEN cancelled THEN 1200 ELSE 0 END
       FROM made m CROSS JOIN LATERAL generate_series(1, m.lines) l
       CROSS JOIN LATERAL (SELECT min(rate_id) AS rate_id FROM rate r WHERE r.tenant_id = m.tenant_id AND r.offer_id = m.offers[l]) r
       CROSS JOIN LATERAL (SELECT a.ids[1 + m.n % cardinality(a.ids)] AS slot_id FROM slots a WHERE a.offer_id = m.offers[l]) s;
     INSERT INTO payment (tenant_id, payment_id, order_id, provider, state, amount_minor, currency, created_at, changed_at)
     SELECT tenant_id, order_id * 2, order_id, 'sandbox-pay', 'captured', total, currency, at, at FROM made WHERE paid;
     INSERT INTO payment (tenant_id, payment_id, order_id, refund_of, provider, state, amount_minor, currency, created_at, changed_at)
     SELECT tenant_id, order_id * 2 + 1, order_id, order_id * 2, 'sandbox-pay', 'captured', total, currency, at, at
       FROM made WHERE paid AND cancelled;
     INSERT INTO order_note (tenant_id, order_id, at, author, body)
     SELECT tenant_id, order_id, at, 'Mary', 'Comes late' FROM made WHERE n % 25 = 0;
     INSERT INTO search_term (tenant_id, kind, term, object_id)
     SELECT DISTINCT m.tenant_id, 'order', t.term, m.order_id FROM made m
      CROSS JOIN LATERAL (SELECT lower(m.code) AS term UNION SELECT m.email
                          UNION SELECT translate(regexp_split_to_table(lower(m.name), ' '), 'áéíóúè', 'aeioue')) t;
     DROP TABLE made, slots;
     SET session_replication_role = origin`,
    [], 'postgres');
  await server.postgres.sql(server.database, 'VACUUM ANALYZE', [], 'postgres');
}
