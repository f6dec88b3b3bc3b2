import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, slotsOf, startServer, tour } from '../lib/index.mjs';
import { Smtp } from '../lib/smtp.mjs';

const smtp = await Smtp.start();
const server = await startServer({ env: { VITRINE_SMTP_URL: smtp.url } });
const site = await server.createSite({
  offers: [tour({ capacity: 500, rates: [{ code: 'guest', name: { en: 'Guest', fr: 'Invité', es: 'Invitado' }, price: 0 }] })],
});
const [slot] = await slotsOf(server, site, 'tour');

async function order(email) {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { guest: 1 });
  assert.equal((await ann.details({ email })).status, 201);
  await server.jobs();
}
const sentTo = (email) => smtp.mails.filter((mail) => mail.to.includes(email)).length;
const noted = async (email) => (await server.sql('SELECT state FROM mail WHERE recipient = $1', [email])).map((m) => m.state);
const job = async () => (await server.sql("SELECT state, attempt, last_error FROM job WHERE kind = 'mail.order' ORDER BY job_id DESC LIMIT 1"))[0];

test('"through libcurl SMTP from the job worker": the mail arrives, from the site', async () => {
  await order('ann@buyer.example');
  assert.equal(sentTo('ann@buyer.example'), 1);
  assert.match(smtp.mails[0].from, new RegExp(`^${site.slug}@`));
  assert.deepEqual(await noted('ann@buyer.example'), ['sent']);
});

test('an address that is refused for good is noted, and not tried again', async () => {
  smtp.answers.set('gone@buyer.example', '550 no such person');
  await order('gone@buyer.example');
  assert.deepEqual(await noted('gone@buyer.example'), ['refused']);
  assert.equal((await job()).state, 'done');
});

test('a server that says "later" is asked later, and the mail goes out once', async () => {
  smtp.answers.set('busy@buyer.example', '451 try again');
  await order('busy@buyer.example');
  assert.deepEqual(await noted('busy@buyer.example'), []);
  const waiting = await job();
  assert.equal(waiting.state, 'waiting');
  assert.match(waiting.last_error, /451/);
  smtp.answers.clear();
  await server.time('+3600');
  await server.jobs();
  assert.equal(sentTo('busy@buyer.example'), 1);
  assert.deepEqual(await noted('busy@buyer.example'), ['sent']);
});

test('the mail server is away: the order stands, the mail follows', async () => {
  await smtp.stop();
  await order('later@buyer.example');
  assert.equal((await job()).state, 'waiting');
  await smtp.resume();
  await server.time('+7200');
  await server.jobs();
  assert.equal(sentTo('later@buyer.example'), 1);
});
