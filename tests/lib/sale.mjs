// Selling in tests: a buyer who takes the steps of a purchase as JSON, and what has to hold in the
// database after each of them.
import assert from 'node:assert/strict';
import { readStatements } from './statements.mjs';

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

// What has to hold, each statement named by it: the program's own table. None may return a row.
const everything = readStatements()
  .filter(({ file }) => file === 'core/domain/invariant.sql')
  .map(({ name, text }, i) => `SELECT '${name.replaceAll('_', ' ')}' AS words, to_jsonb(i${i}) AS row FROM (${text}) i${i}`)
  .join('\nUNION ALL\n');

// Over all sites of the server: what is sold, held and paid fits together.
export async function checkInvariants(server) {
  assert.deepEqual(await server.sql(everything), []);
}
