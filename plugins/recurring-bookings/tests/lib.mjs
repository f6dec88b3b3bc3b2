// What the plugin's tests share.
export const name = 'recurring-bookings';
export const base = `/manage/x/${name}`;

export async function manager(site) {
  const visitor = site.visitor();
  const { email, password } = site.manager;
  await visitor.post('/manage/login', { form: { email, password } });
  return visitor;
}

// A draft by JSON; `changes` replace fields.
export async function draftOf(visitor, changes = {}) {
  const { offer, rates, times } = await visitor.getJson(`${base}/new`).then((r) => r.json);
  return visitor.postJson(`${base}/new`, {
    offer, time: times[0].time_text, quantity: [{ key: rates[0].code, count: 1 }], repeat: 'week', every: 1,
    days: [{ key: '1', count: 1 }], first: '2027-03-01', ends: 'count', count: 3, name: 'Ann Lee', email: 'ann@example.com',
    ...changes,
  });
}

export const seriesOf = async (visitor, id) => (await visitor.getJson(`${base}/${id}`)).json;

// Books a draft, whatever is in the way left out.
export async function bookAll(visitor, id, decisions = {}) {
  const draft = await seriesOf(visitor, id);
  const conflict = draft.dates.filter((d) => !d.free)
    .map((d) => ({ key: String(d.number), count: decisions[d.number] ?? 1 }));
  return visitor.postJson(`${base}/${id}/book`, { version: draft.version, conflict });
}

// What is booked on a site, by start, with its court.
export const bookings = (server, site, where = `l.state = 'confirmed'`) => server.sql(
  `SELECT to_char(l.starts_at AT TIME ZONE s.time_zone, 'YYYY-MM-DD"T"HH24:MI') AS starts, o.name, o.code, l.quantity,
          l.line_id::text AS line, o.order_id::text AS "order", l.state,
          (SELECT string_agg(r.name, ',') FROM allocation a JOIN resource r USING (tenant_id, resource_id)
            WHERE a.tenant_id = l.tenant_id AND a.line_id = l.line_id) AS resource
     FROM order_line l JOIN orders o USING (tenant_id, order_id) JOIN site s USING (tenant_id)
    WHERE s.slug = $1 AND ${where}
    ORDER BY l.starts_at, l.line_id`, [site.slug]);
