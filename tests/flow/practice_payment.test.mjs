// P8: while a site practises, a payment provider that takes real money is neither offered nor
// started, whoever names it; once it is live it is the other way round.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { eventually } from '../lib/feature.mjs';
import { Buyer, slotsOf, startServer } from '../lib/index.mjs';
import { temporaryFolder } from '../lib/place.mjs';

const folder = temporaryFolder();
mkdirSync(join(folder, 'real-pay'));
const words = (en) => ({ en, fr: en, es: en });
writeFileSync(join(folder, 'real-pay/plugin.json'), JSON.stringify({
  name: 'real-pay', title: words('Cards'), section: 'selling', summary: words('Takes real cards.'), version: '1.0.0', api: 1,
  language: 'lua', provides: ['payment'], hooks: ['tenders', 'payment_start', 'payment_status', 'payment_refund'],
}));
writeFileSync(join(folder, 'real-pay/plugin.lua'), `
local function tenders() return { { key = "card", kind = "hosted", title = "Real card", text = "" } } end
local function payment_start(input) return { reference = "r-1", redirect_url = "https://pay.example/r-1" } end
local function payment_status() return { state = "pending" } end
local function payment_refund() return { reference = "b-1", state = "captured" } end
return { hooks = { tenders = tenders, payment_start = payment_start, payment_status = payment_status, payment_refund = payment_refund } }
`);

const server = await startServer({ env: { VITRINE_TEST_PLUGINS: folder } });
const site = await server.createSite({ features: { 'sandbox-pay': {}, 'real-pay': {} } });
const slots = await slotsOf(server, site, 'tour');
const practice = (on) => server.sql('WITH s AS (UPDATE site SET practice = $2 WHERE slug = $1 RETURNING tenant_id) UPDATE site_revision SET revision = revision + 1 WHERE tenant_id = (SELECT tenant_id FROM s)', [site.slug, on]);

async function atPayment(slot) {
  const ann = new Buyer(site);
  assert.equal((await ann.book('tour', slot, { adult: 1 })).status, 201);
  await ann.details();
  return ann;
}
const offered = async (buyer) => (await buyer.visitor.getJson('/checkout/pay')).json.methods.map(({ code }) => code).join();

test('P8: in practice the real provider is not offered, and refused when it is named all the same', async () => {
  await practice(true);
  const ann = await atPayment(slots[0]);
  await eventually(() => offered(ann), 'sandbox-pay', 3000);
  const forged = await ann.pay('real-pay');
  assert.ok(forged.status >= 400 && forged.status < 500, forged.text);
  assert.deepEqual(await server.sql(`SELECT 1 FROM payment WHERE provider = 'real-pay'`), []);
});

test('P8: live it is offered and the test one is not', async () => {
  await practice(false);
  const ann = await atPayment(slots[1]);
  await eventually(() => offered(ann), 'real-pay', 3000);
  assert.ok((await ann.pay('sandbox-pay')).status >= 400);
  assert.match((await ann.pay('real-pay')).json.location, /^https:\/\/pay\.example\//);
});
