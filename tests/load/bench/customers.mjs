// A venue with a hundred thousand customers: search as one types in the office, and the account of
// one who bought five hundred times.
import assert from 'node:assert/strict';
import { manyCustomers } from '../../lib/customers.mjs';
import { manyOrders } from '../../lib/orders.mjs';
import { tour } from '../../lib/site.mjs';
import { Visitor } from '../../lib/visitor.mjs';
import { computed } from './pages.mjs';
import { p99AtRate } from './tools.mjs';
import { pgbenchScript, traced } from './trace.mjs';

const customers = 100_000;
const bought = 500;
// What a busy desk types, key by key: many times what one person can.
const typed = 40;
const email = 'regular@buyer.example';
const password = 'lighthouse keeper 1843';

async function customerSite(stage) {
  if (stage.customers) return stage.customers;
  const offers = [tour(), tour({ slug: 'walk' })];
  const site = await stage.server.createSite({ slug: 'house-of-customers', offers, features: { 'guest-login': {} } });
  await stage.sql(`UPDATE channel SET settings = '{"registration": "both"}' WHERE kind = 'web'`);
  await stage.sql('UPDATE site_revision SET revision = revision + 1, changed_at = clock_timestamp()');
  await manyCustomers(stage.server, site, customers);
  await manyOrders(stage.server, site, bought);
  await stage.settle();
  return (stage.customers = site);
}

const visitorOf = (stage, site) => new Visitor({ host: stage.host(site.slug), port: stage.server.port });
const cookieOf = (visitor) => [...visitor.cookies()].map(([name, { value }]) => `${name}=${value}`).join('; ');

// As names, addresses and phones are typed, from the second letter on.
async function searches(stage) {
  const some = await stage.sql(
    `SELECT first_name AS first, last_name AS last, email, phone FROM customer WHERE email LIKE 'buyer.%' ORDER BY md5(email) LIMIT 6`);
  const words = some.flatMap(({ first, last, email: address, phone }) => [
    first.slice(0, 2), first, `${first} ${last.slice(0, 2)}`, `${first} ${last}`, last.slice(0, 3),
    address.slice(0, address.indexOf('@') + 1), address, phone.slice(0, 7), `0${phone.slice(3)}`]);
  return [...new Set(words), 'nobody'].map((word) => `/manage/customers?q=${encodeURIComponent(word)}`);
}

export async function customerSearch(stage, { seconds }) {
  const site = await customerSite(stage);
  await stage.serve();
  const visitor = visitorOf(stage, site);
  const answer = await visitor.postJson('/manage/login', { email: site.manager.email, password: site.manager.password });
  assert.equal(answer.status, 200, answer.text);
  const paths = await searches(stage);
  for (const path of paths) {
    const page = await visitor.get(path);
    assert.equal(page.status, 200, path);
    assert.equal(page.text.includes('row-link'), !path.endsWith('nobody'), path);
  }
  const headers = { Host: stage.host(site.slug), 'Accept-Encoding': 'gzip', Cookie: cookieOf(visitor) };
  const how = { headers, rate: typed, clients: 8, seconds: Math.max(seconds, 3) };
  return [{ name: 'customer_search', unit: 'ms p99', value: await p99AtRate(paths.map((path) => stage.url(path)), how) }];
}

// Everything that the site sold is one customer's, who is logged in.
async function regular(stage, site) {
  const visitor = visitorOf(stage, site);
  const [known] = await stage.sql('SELECT 1 FROM customer WHERE email_folded = $1', [email]);
  if (known) {
    const answer = await visitor.postJson('/account/login', { email, password });
    assert.equal(answer.status, 200, answer.text);
    return visitor;
  }
  const page = await visitor.visit('/account/register');
  await page.submit('form', { first_name: 'Ada', last_name: 'Lovelace', email, password }, { follow: false });
  const [{ id }] = await stage.sql('SELECT customer_id::text AS id FROM customer WHERE email_folded = $1', [email]);
  await stage.sql(`UPDATE orders o SET customer_id = $1 FROM site s WHERE s.tenant_id = o.tenant_id AND s.slug = $2`, [id, site.slug]);
  await stage.sql(`UPDATE order_line l SET customer_id = $1 FROM site s WHERE s.tenant_id = l.tenant_id AND s.slug = $2`, [id, site.slug]);
  await stage.settle();
  return visitor;
}

export async function accountOrders(stage, options) {
  const site = await customerSite(stage);
  const path = '/account/orders/previous';
  let visitor;
  const script = await traced(stage, {}, async (units) => {
    visitor = await regular(stage, site);
    await visitor.get(path);
    await units();
    const page = await visitor.get(path);
    assert.equal(page.status, 200, page.text);
    assert.match(page.text, /Tour/);
    return pgbenchScript(await units());
  });
  const headers = { Host: stage.host(site.slug), 'Accept-Encoding': 'gzip', Cookie: cookieOf(visitor) };
  return computed(stage, { name: 'account_orders', path, script, headers, settings: {}, ...options });
}
