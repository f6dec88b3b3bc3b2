// T20, T11: an order that joined an account is cancelled by its owner on any device, by nobody else.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, eventually, slotsOf, startServer, tour } from '../../../tests/lib/index.mjs';
import { staff } from '../../../tests/lib/office.mjs';

const server = await startServer();
const features = { 'pay-at-venue': {}, 'guest-login': {}, 'self-cancel': {} };
const [site, other] = [
  await server.createSite({ features, offers: [tour({ capacity: 20 })] }), await server.createSite({ features }),
];
for (const where of [site, other]) {
  const channels = await (await staff(where)).visit('/manage/channels');
  await (await channels.click('Web')).submit('Save', { 'User registration': 'Guest and login purchases' });
  await eventually(async () => (await where.visitor().get('/account/login')).status, 200);
}
const slots = await slotsOf(server, site, 'tour');
const slot = slots.at(-1);
const ann = { first_name: 'Ann', last_name: 'Buyer', email: 'ann@buyer.example', password: 'analytical engine 1843' };
const register = (where, changes = {}, visitor = where.visitor()) =>
  visitor.postJson('/account/register', { ...ann, ...changes }).then((answer) => (assert.equal(answer.status, 200, answer.text), visitor));

const buyer = new Buyer(site);
await buyer.book('tour', slot, { adult: 2 });
const code = (await buyer.buy()).match(/orders\/(\w{8})/)[1];
const path = `/x/self-cancel/${code}`;
// Registers on another device, and shows that the address is theirs: the guest's order joins.
const desktop = await register(site);
const mail = await server.mail({ to: ann.email, subject: 'Your account' });
const link = new URL(mail.text.match(/https?:\S+\/account\/\S+/)[0]);
await (await desktop.visit(link.pathname + link.search)).submit('Confirm your e-mail');
const taken = async () => (await server.sql('SELECT taken FROM slot WHERE slot_id = $1', [slot.id]))[0].taken;

test('T20: another customer of the site, one of another site, a guest and the staff are refused', async () => {
  const bob = await register(site, { first_name: 'Bob', email: 'bob@buyer.example' });
  const namesake = await register(other);
  for (const who of [bob, namesake, site.visitor(), await staff(site)]) {
    const look = await who.getJson(path);
    assert.equal(look.status, 404, look.text);
    assert.equal((await who.postJson(path, { version: 1, back_minor: 0, lines: [] })).status, 404);
  }
  assert.equal(await taken(), 2);
});

test('T20, T11: a claimed order is cancelled from another device by its logged-in owner, without the link’s token', async () => {
  const [{ own }] = await server.sql('SELECT customer_id IS NOT NULL AS own FROM orders WHERE code = $1', [code]);
  assert.equal(own, true);
  const phone = site.visitor();
  assert.equal((await phone.getJson(path)).status, 404, 'logged out');
  assert.equal((await phone.postJson('/account/login', { email: ann.email, password: ann.password })).status, 200);
  const order = await phone.visit(`/orders/${code}`);
  assert.equal((await order.click('Cancel a booking')).status, 200);
  const { json } = await phone.getJson(path);
  const page = await phone.visit(`${path}?lines_${json.lines[0].id}=1`);
  const done = await page.submit('Cancel');
  assert.equal(done.status, 200);
  assert.equal(await taken(), 0);
  await checkInvariants(server);
});
