// Selling in tests: a buyer who takes the steps of a purchase as JSON, and what has to hold in the
// database after each of them.
import assert from 'node:assert/strict';

// The slots of an offer from now on, soonest first: [{id, starts_at, capacity, taken}].
export function slotsOf(server, site, offer) {
  return server.sql(
    `SELECT s.slot_id AS id, s.starts_at, s.capacity, s.taken
       FROM slot s JOIN offer o USING (tenant_id, offer_id) JOIN site t USING (tenant_id)
      WHERE t.slug = $1 AND o.slug = $2 AND s.starts_at > now() + interval '1 hour'
      ORDER BY s.starts_at`,
    [site.slug, offer],
  );
}

// A person with a basket. Each step returns the page with its JSON.
export class Buyer {
  constructor(site) {
    this.visitor = site.visitor();
  }

  // counts: {adult: 2, child: 1}
  book(offer, slot, counts, options) {
    const quantity = Object.entries(counts).map(([key, count]) => ({ key, count }));
    return this.visitor.postJson(`/offers/${offer}`, { slot: String(slot.id ?? slot), quantity }, options);
  }

  async basket() {
    return (await this.visitor.getJson('/basket')).json;
  }

  change(line, quantity) {
    return this.visitor.postJson(`/basket/lines/${line.id}`, { quantity });
  }

  extend() {
    return this.visitor.postJson('/basket/extend', {});
  }

  renew() {
    return this.visitor.postJson('/basket/renew', {});
  }

  details(changes = {}) {
    return this.visitor.postJson('/checkout', { name: 'Ann Buyer', email: 'ann@buyer.example', ...changes });
  }

  pay(method, options) {
    return this.visitor.postJson('/checkout/pay', { method }, options);
  }

  // By card, approved; the order's address comes back.
  async buyByCard() {
    await this.details();
    const page = await this.visitor.visit((await this.pay('sandbox-pay')).json.location);
    const order = await page.submit('Approve', {}, { follow: true });
    assert.match(order.url.pathname, /^\/orders\//, order.text);
    return order.url.pathname + order.url.search;
  }

  // Details and payment at the venue, or neither when it's free; the order's address comes back.
  async buy(method = 'pay-at-venue') {
    const details = await this.details();
    if (details.status === 201) return details.json.location;
    assert.equal(details.status, 200, details.text);
    const paid = await this.pay(method);
    assert.equal(paid.status, 201, paid.text);
    return paid.json.location;
  }
}

// Each returns what contradicts it; none may.
const invariants = {
  'a slot counts the places of its held, paying, reserved and confirmed lines': `
    SELECT s.slot_id, s.taken, coalesce(sum(l.quantity), 0) AS lines
      FROM slot s
      LEFT JOIN order_line l ON l.tenant_id = s.tenant_id AND l.slot_id = s.slot_id
           AND l.state IN ('held', 'paying', 'reserved', 'confirmed')
     GROUP BY s.tenant_id, s.slot_id, s.taken
    HAVING s.taken <> coalesce(sum(l.quantity), 0)`,
  'no slot has more places taken than it has':
    'SELECT slot_id, taken, capacity FROM slot WHERE taken > capacity OR taken < 0',
  'a line of an exclusive offer uses as many resources as it counts, others none': `
    SELECT l.line_id, l.state, l.quantity, count(a.*) AS allocations
      FROM order_line l
      JOIN offer o USING (tenant_id, offer_id)
      LEFT JOIN allocation a ON a.tenant_id = l.tenant_id AND a.line_id = l.line_id
     GROUP BY l.tenant_id, l.line_id, o.exclusive
    HAVING count(a.*) <> CASE WHEN o.exclusive
           AND l.state IN ('held', 'paying', 'reserved', 'confirmed') THEN l.quantity ELSE 0 END`,
  'a line with numbered places has as many as it counts, others none': `
    SELECT l.line_id, l.state, l.quantity, count(p.*) AS places
      FROM order_line l
      LEFT JOIN slot_place p ON p.tenant_id = l.tenant_id AND p.line_id = l.line_id
     GROUP BY l.tenant_id, l.line_id, l.offer_id
    HAVING count(p.*) <> CASE WHEN l.state IN ('held', 'paying', 'reserved', 'confirmed')
           AND EXISTS (SELECT 1 FROM offer_place n WHERE n.tenant_id = l.tenant_id AND n.offer_id = l.offer_id)
           THEN l.quantity ELSE 0 END`,
  'no two uses of a resource overlap': `
    SELECT a.allocation_id, b.allocation_id AS other
      FROM allocation a JOIN allocation b USING (tenant_id, resource_id)
     WHERE a.allocation_id < b.allocation_id AND a.from_at < b.to_at AND b.from_at < a.to_at`,
  'an order costs what its lines cost': `
    SELECT o.code, o.total_minor, o.tax_minor, sum(l.total_minor) AS lines
      FROM orders o JOIN order_line l USING (tenant_id, order_id)
     WHERE (l.state IN ('held', 'paying', 'reserved', 'confirmed') OR l.cancelled_at IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM order_line e WHERE e.tenant_id = o.tenant_id
                        AND e.order_id = o.order_id AND e.state = 'expired')
     GROUP BY o.tenant_id, o.order_id
    HAVING o.total_minor <> sum(l.total_minor) OR o.tax_minor <> sum(l.tax_minor)`,
  'a line costs its price less discounts, with tax': `
    SELECT line_id, total_minor FROM (
        SELECT l.*, l.unit_minor * l.quantity + coalesce((SELECT sum((d->>'minor')::bigint)
                      FROM jsonb_array_elements(l.discounts) d), 0) AS net FROM order_line l) n
     WHERE total_minor <> net + CASE WHEN tax_included THEN 0 ELSE tax_minor END`,
  'a placed order has nothing held, and what is paid and due makes its total less what was returned': `
    SELECT o.code, o.total_minor, o.returned_minor, o.due_minor, p.paid
      FROM orders o
      LEFT JOIN LATERAL (SELECT coalesce(sum(CASE WHEN refund_of IS NULL THEN amount_minor ELSE -amount_minor END), 0) AS paid
                           FROM payment p WHERE p.tenant_id = o.tenant_id AND p.order_id = o.order_id
                            AND (p.state = 'captured' OR (p.refund_of IS NOT NULL AND p.state IN ('started', 'refused')))) p ON true
     WHERE o.placed_at IS NOT NULL
       AND (o.total_minor - o.returned_minor <> o.due_minor + p.paid
            OR EXISTS (SELECT 1 FROM order_line l WHERE l.tenant_id = o.tenant_id AND l.order_id = o.order_id
                        AND l.state IN ('held', 'paying')))`,
  'no payment gives back more than it was': `
    SELECT p.payment_id, p.amount_minor, sum(r.amount_minor) AS refunded
      FROM payment p JOIN payment r ON r.tenant_id = p.tenant_id AND r.refund_of = p.payment_id
     WHERE r.state <> 'abandoned' GROUP BY p.tenant_id, p.payment_id
    HAVING sum(r.amount_minor) > p.amount_minor`,
  'every confirmed place has one valid ticket, nothing else has': `
    SELECT l.line_id, l.state, l.quantity, count(t.*) AS tickets
      FROM order_line l
      LEFT JOIN ticket t ON t.tenant_id = l.tenant_id AND t.line_id = l.line_id AND t.state = 'valid'
     GROUP BY l.tenant_id, l.line_id
    HAVING count(t.*) <> CASE WHEN l.state = 'confirmed' THEN l.quantity ELSE 0 END`,
  'a session has one basket at most': `
    SELECT session_id FROM orders WHERE placed_at IS NULL AND session_id IS NOT NULL
     GROUP BY tenant_id, session_id HAVING count(*) > 1`,
  "a line's last event is its state": `
    SELECT l.line_id, l.state, e.to_state
      FROM order_line l
      JOIN LATERAL (SELECT to_state FROM order_event e
                     WHERE e.tenant_id = l.tenant_id AND e.order_id = l.order_id AND e.line_id = l.line_id
                     ORDER BY at DESC, event_id DESC LIMIT 1) e ON true
     WHERE e.to_state <> l.state`,
};

const everything = Object.entries(invariants)
  .map(([words, sql], i) => `SELECT $w$${words}$w$ AS words, to_jsonb(i${i}) AS row FROM (${sql}) i${i}`)
  .join('\nUNION ALL\n');

// Over all sites of the server: what is sold, held and paid fits together.
export async function checkInvariants(server) {
  assert.deepEqual(await server.sql(everything), []);
}
