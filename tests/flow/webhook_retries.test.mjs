// What isn't taken comes again, with growing pauses for three days; an endpoint that takes nothing
// for five days is switched off; one that is slow or gone holds up nobody else.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import test from 'node:test';
import { Buyer, eventually, slotsOf, startServer, temporaryFolder, tour } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';
import { atEnd } from '../lib/place.mjs';
import { startReceiver } from '../lib/receiver.mjs';

const server = await startServer({ env: { VITRINE_WEBHOOKS_TO_SELF: 'on', VITRINE_TEST_HASTE: '2' } });
const site = await server.createSite({ features: { 'pay-at-venue': {} }, offers: [tour({ capacity: 500 })] });
const mary = await staff(site);
const hour = 3_600_000;

async function add(url) {
  const page = await mary.postJson('/manage/webhooks', { url, on: true, events: { 'order.placed': true } });
  assert.equal(page.status, 201, page.text);
  return `/manage/webhooks/${page.json.webhook.id}`;
}
const remove = async (path) => assert.equal((await mary.postJson(`${path}/remove`, {})).status, 200);
async function sendTest(path) {
  const page = await mary.postJson(`${path}/test`, {});
  assert.equal(page.status, 201, page.text);
  return `${path}/deliveries/${page.json.delivery}`;
}
const look = async (path) => {
  const page = await mary.getJson(path);
  assert.equal(page.status, 200, page.text);
  return page.json;
};
async function lastTry(path) {
  await server.jobs();
  return (await look(path)).tries[0];
}
async function buy() {
  const buyer = new Buyer(site);
  await buyer.book('tour', (await slotsOf(server, site, 'tour'))[0], { adult: 1 });
  return buyer.buy();
}

test('refused again and again: growing pauses for three days, always the same event, then given up; sent again', async () => {
  const receiver = await startReceiver(() => ({ status: 500, body: 'down for repairs' }));
  const path = await add(`${receiver.url}/hook`);
  const delivery = await sendTest(path);
  await server.jobs();
  const first = await look(delivery);
  assert.equal(first.tries[0].status, 500);
  assert.equal(first.tries[0].answer, 'down for repairs');
  const began = Date.parse(first.delivery.created.at);
  const times = [Date.parse(first.tries[0].when.at)];
  for (let now = first; now.delivery.state === 'waiting'; now = await look(delivery)) {
    // A moment before it is due nothing is sent.
    const [{ next }] = await server.sql(`SELECT next_at AS next FROM webhook_delivery WHERE state = 'waiting'`);
    receiver.take();
    await server.time(`set ${new Date(next.getTime() - 1500).toISOString()}`);
    await server.jobs();
    assert.equal(receiver.take().length, 0, 'too early');
    await server.time(`set ${new Date(next.getTime() + 10).toISOString()}`);
    await server.jobs();
    assert.equal(receiver.requests.length, 1);
    times.push(next.getTime());
    assert.ok(times.length < 30);
  }
  const end = await look(delivery);
  assert.equal(end.delivery.state, 'given_up');
  const lasted = times.at(-1) - began;
  assert.ok(Math.abs(lasted - 72 * hour) < 10_000, `${lasted / hour} hours`);
  const gaps = times.slice(1).map((at, i) => at - times[i]);
  assert.ok(gaps[0] >= 40_000 && gaps[0] <= 80_000, `${gaps[0]}`);
  for (const i of [1, 2, 3, 4, 5]) assert.ok(gaps[i] > gaps[i - 1], `pauses grow: ${gaps}`);
  assert.ok(times.length >= 10 && times.length <= 15, `${times.length} tries`);

  receiver.answer = () => ({ status: 204 });
  await mary.postJson(`${delivery}/again`, {});
  await server.jobs();
  const again = await look(delivery);
  assert.equal(again.delivery.state, 'delivered');
  assert.equal(again.delivery.tries, times.length + 1);
  const [last] = receiver.take();
  assert.equal(last.event.id, again.delivery.event);
  assert.equal(last.body, again.delivery.body);
  await remove(path);
  await server.time('real');
});

test('nothing arrives for five days: switched off, the owner is told; what waits is stopped', async () => {
  const receiver = await startReceiver(() => ({ status: 503 }));
  const path = await add(`${receiver.url}/broken`);
  await sendTest(path);
  await server.jobs();
  assert.ok((await look(path)).webhook.failing_since);
  await server.time(`+${4 * 86400}`);
  await sendTest(path);
  await server.jobs();
  assert.equal((await look(path)).webhook.state, 'on', 'not yet');
  await server.time('+86500');
  const waiting = await sendTest(path);
  await server.jobs();
  const { webhook } = await look(path);
  assert.equal(webhook.state, 'failed');
  assert.equal((await look(waiting)).delivery.state, 'stopped');
  const mails = await server.mails({ subject: 'webhook' });
  assert.equal(mails.length, 1);
  assert.match(mails[0].text, /\/broken/);
  assert.ok(mails[0].text.includes(path), mails[0].text);
  assert.match((await mary.visit(path)).words('#history'), /switched it off/);
  assert.equal((await mary.postJson(`${waiting}/again`, {})).status, 409);

  receiver.answer = () => ({ status: 200 });
  const body = { url: webhook.url, on: true, events: webhook.events, version: webhook.version };
  assert.equal((await mary.postJson(path, body)).status, 200);
  assert.equal((await mary.postJson(`${waiting}/again`, {})).status, 200);
  await server.jobs();
  assert.equal((await look(waiting)).delivery.state, 'delivered');
  assert.equal((await look(path)).webhook.failing_since, null);
  await remove(path);
  await server.time('real');
});

test('redirects are not followed, a large answer is cut, a certificate is looked at', async () => {
  const away = await startReceiver();
  const receiver = await startReceiver(() => ({ status: 302, headers: { location: `${away.url}/there` } }));
  const path = await add(`${receiver.url}/hook`);
  const redirected = await lastTry(await sendTest(path));
  assert.deepEqual([redirected.status, redirected.fault], [302, 'redirect']);
  assert.equal(away.requests.length, 0);

  receiver.answer = () => ({ status: 200, body: 'é'.repeat(1 << 20) });
  const large = await lastTry(await sendTest(path));
  assert.deepEqual([large.status, large.fault], [200, null]);
  assert.ok(Buffer.byteLength(large.answer) <= 2048 && large.answer.startsWith('éé'));
  receiver.answer = () => ({ status: 200, headers: { 'x-large': 'x'.repeat(8000), 'y-large': 'y'.repeat(8000) }, body: Buffer.from([0xff, 0xfe, 65]) });
  assert.equal((await lastTry(await sendTest(path))).answer, '??A');
  await remove(path);

  const folder = temporaryFolder();
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=127.0.0.1', '-days', '1',
    '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', join(folder, 'key'), '-out', join(folder, 'cert')], { stdio: 'ignore' });
  const secure = https.createServer({ key: readFileSync(join(folder, 'key')), cert: readFileSync(join(folder, 'cert')) },
    () => assert.fail('it was trusted'));
  await new Promise((resolve) => secure.listen(0, '127.0.0.1', resolve));
  atEnd(() => secure.close());
  const untrusted = await add(`https://127.0.0.1:${secure.address().port}/`);
  assert.equal((await lastTry(await sendTest(untrusted))).fault, 'untrusted');
  await remove(untrusted);
});

test('one that never answers holds up neither the others nor the mails', async () => {
  const order = [];
  const silent = await startReceiver(() => null);
  const quick = await startReceiver(() => {
    order.push('quick');
    return { status: 200 };
  });
  const [a, b] = [await add(`${silent.url}/a`), await add(`${quick.url}/b`)];
  const others = await Promise.all(Array.from({ length: 6 }, (_, i) => add(`${silent.url}/${i}`)));
  await buy();
  await eventually(() => order.length, 1, 6000);
  await eventually(async () => (await server.sql(`SELECT count(*)::int AS n FROM mail WHERE key = 'order'`))[0].n, 1, 6000);
  assert.equal((await server.sql(`SELECT count(*)::int AS n FROM webhook_try WHERE fault = 'late'`))[0].n, 0, 'they are still silent');
  await server.jobs();
  const { items } = await look(`${a}/deliveries`);
  assert.deepEqual([items[0].fault, items[0].state], ['late', 'waiting']);
  for (const path of [a, b, ...others]) await remove(path);
});

test('the process is killed while it sends: sent again by the next, as the same event', async () => {
  let killed = false;
  const receiver = await startReceiver(() => {
    if (killed) return { status: 200 };
    killed = true;
    const jobs = server.processes().filter(({ parent }) => parent === server.child.pid).map(({ pid }) => pid);
    process.kill(Math.max(...jobs), 'SIGKILL');
    return null;
  });
  const path = await add(`${receiver.url}/hook`);
  await buy();
  await eventually(() => killed, true, 5000);
  // Its successor has to be there to be told.
  await eventually(() => server.time('+120').then(() => true, () => false), true, 20_000);
  await eventually(async () => {
    await server.jobs().catch(() => {});
    return receiver.requests.length;
  }, 2, 20_000);
  const [first, second] = receiver.take();
  assert.equal(first.event.id, second.event.id);
  assert.equal(first.body, second.body);
  await eventually(async () => (await look(`${path}/deliveries`)).items.map(({ state }) => state).join(), 'delivered', 5000);
  await remove(path);
  await server.time('real');
});

test('after thirty days nothing of it is kept', async () => {
  const receiver = await startReceiver();
  const path = await add(`${receiver.url}/hook`);
  await sendTest(path);
  await server.jobs();
  assert.equal((await look(`${path}/deliveries`)).items.length, 1);
  await server.time(`+${40 * 86400}`);
  await server.jobs();
  await mary.postJson('/manage/login', { email: site.manager.email, password: site.manager.password });
  assert.equal((await look(`${path}/deliveries`)).items.length, 0);
  for (const table of ['webhook_event', 'webhook_delivery', 'webhook_try']) {
    assert.equal((await server.sql(`SELECT count(*)::int AS n FROM ${table}`))[0].n, 0, table);
  }
});
