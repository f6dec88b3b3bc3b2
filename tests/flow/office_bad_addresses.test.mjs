// An address of the office or the console that asks for what can't be: a program is refused it beside
// its field, a person is led to the same page without it. One rule for every list and calendar.
import assert from 'node:assert/strict';
import test from 'node:test';
import { consoleVisitor } from '../lib/console.mjs';
import { startServer } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer();
const site = await server.createSite();
const mary = await staff(site);
const { visitor: otto } = await consoleVisitor(server);

const office = {
  '/manage/schedule?date=2027-02-29': ['date'],
  '/manage/schedule?date=x': ['date'],
  '/manage/schedule?date=2199-01-01': ['date'],
  '/manage/schedule?view=zzz': ['view'],
  '/manage/schedule?resource=zzz&offer=-1': ['resource', 'offer'],
  '/manage/schedule/slots/new?date=zzz': ['date'],
  '/manage/orders?state=zzz': ['state'],
  '/manage/orders?from=2027-02-29&to=x': ['from', 'to'],
  '/manage/orders?slot=zzz': ['slot'],
  '/manage/orders?after=zzz': ['after'],
  '/manage/offers?state=zzz': ['state'],
};
const console_ = {
  '/console?state=zzz': ['state'],
  '/console?attention=zzz': ['attention'],
  '/console/jobs?state=zzz': ['state'],
  '/console/approvals?state=zzz': ['state'],
};

for (const [visitor, addresses] of [[mary, office], [otto, console_]]) {
  for (const [address, fields] of Object.entries(addresses)) {
    test(`refused to a program, left out for a person: ${address}`, async () => {
      const refused = await visitor.getJson(address);
      assert.equal(refused.status, 422, refused.text);
      assert.deepEqual(refused.json.errors.map(({ field }) => field).sort(), [...fields].sort());
      const page = await visitor.visit(address);
      assert.equal(page.status, 200);
      if (fields[0] !== 'after') assert.equal(page.url.search, '');
    });
  }
}

test('what is good stays in the address', async () => {
  const page = await mary.visit('/manage/orders?state=zzz&q=ann&from=2027-01-01');
  assert.equal(page.url.search, '?q=ann&from=2027-01-01');
});

test('the description says that they are days', () => server.vitrine('openapi', 'site').then((text) => {
  const { parameters } = JSON.parse(text).paths['/manage/orders'].get;
  const format = (wanted) => parameters.find(({ name }) => name === wanted).schema.format;
  assert.deepEqual([format('from'), format('to')], ['date', 'date']);
}));
