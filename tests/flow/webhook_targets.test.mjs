// A site's webhooks never make the server talk to its own house: refused when they are saved, and
// again at every send, however the address is written and wherever a name leads by then.
import assert from 'node:assert/strict';
import http from 'node:http';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { atEnd } from '../lib/place.mjs';

const server = await startServer({ env: { VITRINE_TEST_HASTE: '5' } });
// More than anybody may try in ten minutes.
const again = () => server.sql(`DELETE FROM attempt`);
const site = await server.createSite();
const mary = await staff(site);
const events = { 'order.placed': true };

// Whoever is inside and shall hear nothing.
let heard = 0;
const inside = http.createServer((request, response) => {
  heard++;
  response.end();
});
await new Promise((resolve) => inside.listen(0, '127.0.0.1', resolve));
atEnd(() => inside.close());
const { port } = inside.address();

const add = (url) => mary.postJson('/manage/webhooks', { url, on: true, events });
const refusal = (page) => page.json.errors?.find(({ field }) => field === 'url')?.code ?? page.status;

const privateHosts = [
  'localhost', 'LOCALHOST', 'localhost.', '127.0.0.1', '127.1', '127.0.1', '2130706433', '0x7f000001', '0x7f.1',
  '017700000001', '0177.0.0.1', '0.0.0.0', '0', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '100.64.0.1',
  '100.127.255.255', '169.254.169.254', '192.0.0.1', '192.0.2.1', '198.18.0.1', '198.51.100.7', '203.0.113.9', '224.0.0.1',
  '239.255.255.255', '240.0.0.1', '255.255.255.255', '[::]', '[::1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]',
  '[::ffff:10.0.0.1]', '[::127.0.0.1]', '[64:ff9b::7f00:1]', '[64:ff9b:1::7f00:1]', '[2002:7f00:1::]', '[2002:a00:1::]',
  '[2001:0:1::1]', '[fe80::1]', '[fe80::1%25eth0]', '[fec0::1]', '[fc00::1]', '[fd12:3456::1]', '[ff02::1]',
  '[2001:db8::1]', '[100::1]', 'intranet', 'kubernetes',
];

test('addresses that are not public are refused where they are typed', async () => {
  for (const host of privateHosts) {
    await again();
    const code = refusal(await add(`https://${host}/hook`));
    assert.ok(['private', 'malformed', 'unknown'].includes(code), `${host}: ${code}`);
  }
  assert.deepEqual((await mary.getJson('/manage/webhooks')).json.items, []);
});

test('names that lead inside are refused; unknown ones are said to be', async () => {
  for (const host of ['localhost.localdomain', 'ip6-localhost', 'app.localhost', 'no-such-host.invalid']) {
    const code = refusal(await add(`https://${host}/hook`));
    assert.ok(['private', 'unknown', 'look_up'].includes(code), `${host}: ${code}`);
  }
});

test('what is no address for this: scheme, secrets, ports, line breaks', async () => {
  const wrong = {
    'http://93.184.216.34/': 'plain', 'ftp://93.184.216.34/': 'malformed', 'file:///etc/passwd': 'malformed',
    'gopher://93.184.216.34/': 'malformed', 'javascript:alert(1)': 'malformed', '//93.184.216.34/': 'malformed', 'hook': 'malformed',
    'https://': 'malformed', 'https:///x': 'private', 'https://ann:secret@93.184.216.34/': 'secrets',
    'https://ann@93.184.216.34/': 'secrets', 'https://93.184.216.34:22/': 'port', 'https://93.184.216.34:25/': 'port',
    'https://93.184.216.34:80/': 'port', 'https://93.184.216.34:6379/': 'port', 'https://93.184.216.34:0/': 'port',
    'https://93.184.216.34:99999/': 'malformed', 'https://93.184.216.34/a b': 'malformed',
    'https://93.184.216.34\\@127.0.0.1/': 'malformed', 'https://example.org@127.0.0.1/': 'secrets',
    'https://93.184.216.34/\u0000': 'malformed', 'https://exämple.org/': 'malformed',
  };
  for (const [url, code] of Object.entries(wrong)) {
    await again();
    const page = await add(url);
    const got = refusal(page);
    assert.ok([400, 422].includes(page.status), `${url}: ${page.status}`);
    assert.ok(got === code || page.status === 400, `${url}: ${got}`);
  }
  const long = await add(`https://93.184.216.34/${'x'.repeat(2000)}`);
  assert.equal(long.status, 422);
  const none = await mary.postJson('/manage/webhooks', { url: 'https://93.184.216.34/', on: true, events: {} });
  assert.ok(none.json.errors.some(({ code }) => code === 'none'));
});

test('at every send it is looked at again: a name that leads elsewhere by then gains nothing', async () => {
  const made = await add('https://93.184.216.34/hook#part');
  assert.equal(made.status, 201, made.text);
  assert.equal(made.json.webhook.url, 'https://93.184.216.34/hook');
  const path = `/manage/webhooks/${made.json.webhook.id}`;
  const hosts = ['localhost', '127.0.0.1', '2130706433', '0x7f.1', '017700000001', '[::ffff:127.0.0.1]', '0.0.0.0', '[::1]', '10.0.0.1'];
  for (const host of hosts) {
    for (const scheme of ['http', 'https']) {
      await again();
      await server.sql('UPDATE webhook_endpoint SET url = $1', [`${scheme}://${host}:${port}/hook`]);
      const { delivery } = (await mary.postJson(`${path}/test`, {})).json;
      await server.jobs();
      const { tries: [last] } = (await mary.getJson(`${path}/deliveries/${delivery}`)).json;
      assert.equal(last.fault, 'private', `${scheme}://${host}: ${JSON.stringify(last)}`);
    }
  }
  assert.equal(heard, 0);
});

test('sixty in ten minutes: nobody finds out what is inside by trying, nor floods a stranger', async () => {
  await again();
  const statuses = [];
  for (let i = 0; i < 61; i++) statuses.push((await add('https://localhost/')).status);
  assert.deepEqual([...new Set(statuses.slice(0, 60))], [422]);
  const late = await add('https://localhost/');
  assert.equal(late.status, 429);
  assert.ok(Number(late.headers['retry-after']) > 0);
  await again();
});

test('as a page: the refusal stands beside the address, which stays as it was typed', async () => {
  const page = await mary.visit('/manage/webhooks/new');
  const refused = await page.submit('Add the endpoint', { Address: 'https://127.0.0.1/hook', 'What it is for': 'Till' });
  assert.equal(refused.status, 422);
  assert.match(refused.errors.url, /public internet/);
  assert.equal(refused.document.querySelector('#url').value, 'https://127.0.0.1/hook');
  assert.equal(refused.document.querySelector('#description').value, 'Till');
});
