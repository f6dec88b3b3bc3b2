// Slots, holds and office changes as rows, for tests that need them at exact times.

// Slots of an offer that start at these instants; returns their ids in order.
export async function addSlots(server, slug, offer, starts, { minutes = 60, capacity = 10, rates = null } = {}) {
  const rows = await server.sql(
    `INSERT INTO slot (tenant_id, offer_id, starts_at, ends_at, capacity, rate_codes)
     SELECT o.tenant_id, o.offer_id, t, t + make_interval(mins => $4), $5, $6
       FROM unnest($3::timestamptz[]) AS t, offer o JOIN site s USING (tenant_id)
      WHERE s.slug = $1 AND o.slug = $2
     RETURNING slot_id::text AS id, starts_at`,
    [slug, offer, starts, minutes, capacity, rates],
  );
  return rows.sort((a, b) => a.starts_at - b.starts_at).map(({ id }) => id);
}

// A line that takes places of a slot; `until` makes it a hold that ends then, `resource` the use of
// a court from the slot's start to its end and `buffer` minutes.
export async function takePlaces(server, slotId, quantity, { until = null, resource = null, buffer = 0 } = {}) {
  await server.sql(
    `WITH s AS (SELECT * FROM slot WHERE slot_id = $1),
          o AS (INSERT INTO orders (tenant_id, code, channel_id, language, currency, created_at,
                                    hold_started_at, hold_until)
                SELECT s.tenant_id, upper(substr(md5(random()::text), 1, 8)), c.channel_id, 'en', 'EUR',
                       s.starts_at, s.starts_at, s.starts_at
                  FROM s JOIN channel c ON c.tenant_id = s.tenant_id AND c.kind = 'web'
                RETURNING *),
          l AS (INSERT INTO order_line (tenant_id, order_id, offer_id, slot_id, rate_id, quantity, state,
                                        hold_until, title, rate_name, starts_at, ends_at, unit_minor,
                                        tax_ppm, tax_included, total_minor)
                SELECT s.tenant_id, o.order_id, s.offer_id, s.slot_id,
                       (SELECT min(rate_id) FROM rate r WHERE r.offer_id = s.offer_id), $2,
                       CASE WHEN $3::timestamptz IS NULL THEN 'confirmed' ELSE 'held' END, $3,
                       'x', 'x', s.starts_at, s.ends_at, 100, 0, true, 100
                  FROM s, o
                RETURNING *),
          a AS (INSERT INTO allocation (tenant_id, resource_id, line_id, from_at, to_at)
                SELECT l.tenant_id, r.resource_id, l.line_id, l.starts_at,
                       l.ends_at + make_interval(mins => $5)
                  FROM l JOIN resource r ON r.tenant_id = l.tenant_id AND r.code = $4)
     UPDATE slot SET taken = taken + $2 WHERE slot_id = $1`,
    [slotId, quantity, until, resource, buffer],
  );
}

// Runs an office change's SQL with the site's slug as $1 and raises the site's revision, then waits
// until the server has it.
export async function change(server, slug, text, params = []) {
  await server.sql(text, [slug, ...params]);
  const [{ revision }] = await server.sql(
    `UPDATE site_revision r SET revision = revision + 1, changed_at = clock_timestamp()
       FROM site s WHERE s.tenant_id = r.tenant_id AND s.slug = $1 RETURNING revision`,
    [slug],
  );
  for (let tries = 0; tries < 300; tries++) {
    const page = await server.visitor(slug).get('/robots.txt');
    const css = await server.visitor(slug).get('/nothing-here');
    if (page.status === 200 && css.text.includes(`/site.css?v=${revision}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`${slug} does not get to revision ${revision}`);
}
