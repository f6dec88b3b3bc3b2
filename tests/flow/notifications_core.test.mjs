// P3: the mails of every booking are notifications too: listed in one place, written anew, switched
// off, sent to oneself as a test, in versions; what can't be read is refused with its line.
import assert from 'node:assert/strict';
import test from 'node:test';
import { startServer } from '../lib/index.mjs';
import { Buyer, slotsOf } from '../lib/sale.mjs';

const server = await startServer();
const site = await server.createSite();
const other = await server.createSite();
const path = '/manage/features/core/notifications/order_confirmed';
const mary = site.visitor();
await mary.postJson('/manage/login', { email: site.manager.email, password: site.manager.password });

async function buy(where = site) {
  const buyer = new Buyer(where);
  const [slot] = await slotsOf(server, where, 'tour');
  await buyer.book('tour', slot, { adult: 1 });
  return buyer.buy();
}

test('every mail stands in one list', async () => {
  const page = await mary.visit('/manage/notifications');
  for (const title of ['Places reserved', 'Booking confirmed', 'Booking cancelled', 'Booked time moved', 'Booking somewhere else', 'Invitation to the back office']) {
    assert.ok(page.link(title));
  }
  const groups = (prefix) => mary.visit(`${prefix}/manage/notifications`).then((list) => Object.fromEntries(list.all('section[id^=mails-]').map((section) =>
    [section.querySelector('h2').textContent.trim(), section.querySelectorAll('li a').map((link) => link.textContent.trim())])));
  const english = await groups('');
  assert.deepEqual(Object.keys(english).slice(0, 4), ['Bookings', 'Money given back', 'Customers’ accounts', 'People who work here']);
  assert.ok(!('Every booking' in english) && !('Other mails' in english), 'each is where it belongs');
  for (const [group, titles] of [['Bookings', ['Booking confirmed', 'Part of a booking cancelled', 'Time chosen after a change']], ['Money given back', ['Paid twice, given back', 'Money given back']],
    ['Customers’ accounts', ['Account created', 'Passkey added', 'Code to log in']], ['People who work here', ['Invitation to the back office', 'Second factor removed']]]) {
    for (const title of titles) assert.ok(english[group].some((text) => text.includes(title)), `${group}: ${title} in ${english[group]}`);
  }
  assert.deepEqual(Object.keys(await groups('/fr')).slice(0, 4), ['Réservations', 'Remboursements', 'Comptes des clients', 'Équipe']);
  assert.match((await page.click('Invitation to the back office')).words('.crumbs'), /People who work here/);
  assert.equal((await page.click('Booking confirmed')).url.pathname, path);
});

test('the venue’s words open the booking’s mail; the order stays below them', async () => {
  const saved = await (await mary.visit(path)).submit('Save', {
    subject_en: 'See you, {{name}}', body_en: 'Dear {{name}}, *bring shoes*. {{code}}' });
  assert.match(saved.words('.notice'), /Saved/);
  await buy();
  const mail = await server.mail({ subject: 'See you, Ann Buyer' });
  assert.match(mail.html, /<em>bring shoes<\/em>/);
  assert.match(mail.html, /Tour/);
  assert.match(mail.text, /Dear Ann Buyer/);
  await buy(other);
  assert.match((await server.mail({ subject: `House of ${other.slug}` })).subject, /Your booking/);
});

test('unknown variable, open tag and recursion are refused with line and reason', async () => {
  const page = await mary.visit(path);
  const wrong = await page.submit('Save', { body_en: 'One\nTwo {{nobody}}', body_fr: 'Un\n\n{{name', body_es: '{{> mail/order}}' });
  assert.equal(wrong.status, 422);
  assert.match(wrong.errors.body_en, /Line 2.*“nobody”/);
  assert.match(wrong.errors.body_fr, /Line 3.*Two braces/);
  assert.match(wrong.errors.body_es, /Line 1.*“> mail\/order”/);
});

test('what can’t be read is said in the reader’s language, with its line, as whoever writes mails understands it', async () => {
  const deep = '{{#name}}'.repeat(33) + '{{/name}}'.repeat(33);
  const kinds = [
    ['Hi\n{{#name}}there', [/^Line 2: .*“\{\{#name\}\}”.*never closed.*“\{\{\/name\}\}”/, /^Ligne 2 : .*jamais fermée/, /^Línea 2: .*no se cierra nunca/]],
    ['Hi {{/name}}', [/^Line 1: “\{\{\/name\}\}” closes a part that nothing opens/, /^Ligne 1 : .*que rien n’ouvre/, /^Línea 1: .*que nada abre/]],
    ['{{#name}}\n{{#code}}\n{{/name}}\n{{/code}}', [/^Line 3: “\{\{\/name\}\}” stands where “\{\{\/code\}\}” must close the part that line 2 opens/, /^Ligne 3 : .*ligne 2/, /^Línea 3: .*línea 2/]],
    [`One\n${deep}`, [/^Line 2: .*more than 32 deep/, /^Ligne 2 : plus de 32 parties/, /^Línea 2: hay más de 32 partes/]],
    ['{{{name}}', [/^Line 1: three braces open/, /^Ligne 1 : trois accolades/, /^Línea 1: se abren tres llaves/]],
  ];
  for (const [body, words] of kinds) {
    for (const [i, prefix] of ['', '/fr', '/es'].entries()) {
      const refused = await (await mary.visit(`${prefix}${path}`)).submit({ '': 'Save', '/fr': 'Enregistrer', '/es': 'Guardar' }[prefix], { body_en: body });
      assert.equal(refused.status, 422, body);
      assert.match(refused.errors.body_en, words[i], `${prefix} ${body.slice(0, 30)}`);
      assert.doesNotMatch(refused.errors.body_en, /partial|words:|is never closed: add/);
    }
  }
});

test('a test mail goes to whoever asks, with samples, also when it is off', async () => {
  await (await mary.visit(path)).submit('Save', { 'Send this mail': false });
  const sent = await (await mary.visit(path)).submit('Send me a test');
  assert.match(sent.words('.notice'), /on its way/);
  assert.match((await server.mail({ to: site.manager.email })).subject, /See you, Ann Buyer/);
  const before = (await server.mails({ to: 'ann@buyer.example' })).length;
  await buy();
  assert.equal((await server.mails({ to: 'ann@buyer.example' })).length, before, 'off is off');
});

test('versions: one goes back', async () => {
  const page = await mary.visit(path);
  const back = await page.submit('Go back to it 0');
  assert.match(back.words('.notice'), /Saved/);
  assert.doesNotMatch(back.all('textarea').map((area) => area.textContent).join(), /bring shoes/);
  await buy();
  assert.match((await server.mail({ to: 'ann@buyer.example' })).subject, /Your booking/);
  assert.equal((await mary.postJson(`${path}/restore/99`, {})).status, 404);
});

test('P5: what happened to a mail and to a feature stands on its page', async () => {
  assert.match((await mary.visit(path)).words('#history'), /Mary Manager changed the mail/);
  const page = await mary.visit('/manage/features/coupons');
  await mary.postJson('/manage/features/coupons/off', {});
  const after = await mary.visit('/manage/features/coupons');
  assert.doesNotMatch(page.words('#history'), /switched the feature off/);
  assert.match(after.words('#history'), /Mary Manager switched the feature off/);
});

test('mails about somebody’s own login can’t be switched off, by page or by program', async () => {
  const reset = '/manage/features/core/notifications/staff_reset';
  const page = await mary.visit(reset);
  assert.match(page.words('main'), /always sent/);
  assert.equal(page.all('input[name=enabled]').length, 0);
  const { notification } = (await mary.getJson(reset)).json;
  assert.equal(notification.always, true);
  const words = { subject: { en: 'A new password' }, body: { en: 'Here: {{url}}' } };
  const saved = await mary.postJson(reset, { do: 'save', seen: notification.seen, enabled: false, ...words });
  assert.ok([200, 422].includes(saved.status), saved.text);
  await server.sql(`INSERT INTO notification (tenant_id, plugin, key, enabled, changed_at)
                    SELECT tenant_id, 'core', 'staff_reset', false, now() FROM site WHERE slug = $1
                    ON CONFLICT (tenant_id, plugin, key) DO UPDATE SET enabled = false`, [site.slug]);
  const before = (await server.mails({ to: site.manager.email })).length;
  await site.visitor().postJson('/manage/login/forgot', { email: site.manager.email });
  assert.equal((await server.mails({ to: site.manager.email })).length, before + 1);
});
