import assert from 'node:assert/strict';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();
const [slot] = await slotsOf(server, site, 'tour');
const ann = new Buyer(site);
await ann.book('tour', slot, { adult: 1 });

const kept = async () =>
  (await server.sql('SELECT name, email, phone FROM orders WHERE email IS NOT NULL'))[0];

for (const name of [
  '😀 Zoë 👩‍👩‍👧',
  'محمد بن سلمان',
  '<script>alert(1)</script>',
  "Robert'); DROP TABLE orders;--",
  'O’Brien & "Söhne" {{name}}',
  'ǅ'.repeat(120),
]) {
  test(`a name stays as it was typed: ${name.slice(0, 30)}`, async () => {
    assert.equal((await ann.details({ name })).status, 200);
    assert.equal((await kept()).name, name);
    const page = await ann.visitor.get('/checkout');
    assert.equal(page.status, 200);
    assert.equal(page.document.querySelector('#name').getAttribute('value'), name);
    assert.equal(page.all('script:not([src])').length, 0);
  });
}

for (const [what, changes, field, code] of [
  ['no name', { name: '' }, 'name', 'required'],
  ['white space for a name', { name: ' \u00a0 ' }, 'name', 'required'],
  ['a name of 10,000 characters', { name: 'x'.repeat(10_000) }, 'name', 'too_long'],
  ['a name of two lines', { name: 'Ann\nBcc: all@example.com' }, 'name', 'one_line'],
  ['a name that is a number', { name: 7 }, 'name', 'type'],
  ['no e-mail', { email: '' }, 'email', 'required'],
  ['an address without a host', { email: 'ann' }, 'email', 'email'],
  ['two at signs', { email: 'a@b@example.com' }, 'email', 'email'],
  ['a header in the address', { email: 'a@example.com\r\nBcc: b@example.com' }, 'email', 'one_line'],
  ['two addresses', { email: 'a@example.com,b@example.com' }, 'email', 'email'],
  ['a space inside', { email: 'a b@example.com' }, 'email', 'email'],
  ['angle brackets', { email: '<a@example.com>' }, 'email', 'email'],
  ['dots in a row', { email: 'a..b@example.com' }, 'email', 'email'],
  ['an address of 300 characters', { email: `${'x'.repeat(290)}@example.com` }, 'email', 'too_long'],
  ['words for a phone', { phone: 'call me' }, 'phone', 'phone'],
  ['a field that does not exist', { total_minor: 1 }, 'total_minor', 'undeclared'],
]) {
  test(`"a clear … problem document, the right status, nothing changed": ${what}`, async () => {
    const before = await kept();
    const page = await ann.details(changes);
    if (page.status === 400) assert.equal(field, 'total_minor', page.text);
    else {
      assert.equal(page.status, 422, page.text);
      assert.deepEqual(page.json.errors.map((e) => [e.field, e.code]), [[field, code]], page.text);
    }
    assert.deepEqual(await kept(), before);
  });
}

for (const email of ['ann+tag@example.co.uk', "o'hara@example.com", 'a@sub.sub.example.museum', 'Ann.Buyer@Example.COM', 'zoë@exämple.example']) {
  test(`an address that works: ${email}`, async () => {
    assert.equal((await ann.details({ email })).status, 200);
    assert.equal((await kept()).email, email);
  });
}

test('ux 7: on error 422, a summary that links to each field, the same words beside it, nothing typed is lost', async () => {
  const page = await (await ann.visitor.get('/checkout')).submit('Continue', { name: 'Ann Long', email: 'nonsense' }).catch(async () => {
    const form = (await ann.visitor.get('/checkout')).form('form.form', { name: 'Ann Long', email: 'nonsense' });
    return form.submit();
  });
  assert.equal(page.status, 422);
  const [link] = page.all('.errors a');
  assert.equal(link.getAttribute('href'), '#email');
  assert.ok(page.errors.email.includes(link.textContent));
  assert.equal(page.document.querySelector('#name').getAttribute('value'), 'Ann Long');
  assert.equal(page.document.querySelector('#email').getAttribute('value'), 'nonsense');
});

test('"phone if the site asks": never, optional, always', async () => {
  const ask = async (how) => {
    const other = await server.createSite({ settings: { ask_phone: how } });
    await server.sql(`UPDATE site SET settings = settings || jsonb_build_object('ask_phone', $2::text) WHERE slug = $1`, [other.slug, how]);
    const buyer = new Buyer(other);
    const [at] = await slotsOf(server, other, 'tour');
    await buyer.book('tour', at, { adult: 1 });
    const page = await buyer.visitor.get('/checkout');
    return { buyer, field: page.document.querySelector('#phone') };
  };
  const never = await ask('never');
  assert.equal(never.field, null);
  assert.equal((await never.buyer.details()).status, 200);

  const optional = await ask('optional');
  assert.equal(optional.field.hasAttribute('required'), false);
  assert.equal((await optional.buyer.details()).status, 200);

  const always = await ask('always');
  assert.equal(always.field.hasAttribute('required'), true);
  const refused = await always.buyer.details();
  assert.equal(refused.status, 422);
  assert.deepEqual(refused.json.errors.map((e) => [e.field, e.code]), [['phone', 'required']]);
  assert.equal((await always.buyer.details({ phone: '+33 (0)1.23-45 67 89' })).status, 200);
});

test('nothing was sold meanwhile', () => checkInvariants(server));
