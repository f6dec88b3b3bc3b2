// P11: the schedule's pages in a browser: 360 and 1280 px, light and dark, doubled text, French and
// Spanish, by keyboard, with scripts off, in empty, full and refused states.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { Buyer, court, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00', '15:00', '20:00'] }];
const site = await server.createSite({
  languages: ['fr', 'en', 'es'],
  resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'court-2', name: 'Court 2', kind: 'court' }, { code: 'hall', name: 'Salle des fêtes', kind: 'room' }],
  offers: [tour({ schedule: daily, resource: 'hall' }), court({ slug: 'court', resource: undefined, resources: ['court-1', 'court-2'], schedule: daily })],
});
const day = new Date(Date.now() + 9 * 86_400_000).toISOString().slice(0, 10);
const calm = (findings) => findings.filter((text) => !/: (409|422): /.test(text));

const api = site.visitor();
await api.postJson('/manage/login', { email: site.manager.email, password: site.manager.password });
const { json } = await api.getJson(`/manage/schedule?date=${day}`);
const buyer = new Buyer(site);
await buyer.book('tour', json.items.find((s) => s.capacity === 10), { adult: 2 });
await buyer.buy();

async function open(options) {
  const page = await openPage(options);
  await page.goto(`${site.visitor().origin}/manage/login`);
  await page.fill('#email', site.manager.email);
  await page.fill('#password', site.manager.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  return page;
}

test('P11: hours, closures, schedule, rules and slots are sound pages', async () => {
  const page = await open();
  const { json: rules } = await api.getJson('/manage/schedule/rules');
  const { json: today } = await api.getJson(`/manage/schedule?date=${day}`);
  for (const [path, name] of [
    ['/manage/hours', 'office-hours'],
    ['/es/manage/hours/closures/new', 'office-closure'],
    [`/manage/schedule?date=${day}`, 'office-schedule'],
    [`/es/manage/schedule?date=${day}&view=week`, 'office-week'],
    ['/manage/schedule?date=2027-12-31', 'office-schedule-empty'],
    ['/manage/schedule/rules', 'office-rules'],
    [`/es/manage/schedule/rules/${rules.items[0].id}`, 'office-rule'],
    [`/manage/schedule/slots/${today.items[0].id}`, 'office-slot'],
    [`/manage/schedule/slots/new?date=${day}`, 'office-slot-new'],
  ]) {
    await page.goto(`${site.visitor().origin}${path}`);
    assert.deepEqual(await checkPage(page, name), []);
  }
});

test('P11: a closure by keyboard alone: refused, seen, saved; the storefront says it', async () => {
  const page = await open();
  await page.goto(`${site.visitor().origin}/manage/hours/closures/new`);
  await page.fill('#from_date', day);
  await page.fill('#to_date', '2020-01-01');
  await page.locator('button[value=save]').press('Enter');
  await page.waitForSelector('.errors li');
  assert.deepEqual(calm(await checkPage(page, 'office-closure-refused')), []);
  await page.fill('#to_date', day);
  await page.fill('#reason_fr', 'Travaux');
  await page.locator('button[value=look]').press('Enter');
  await page.waitForSelector('#effect-title');
  assert.deepEqual(await checkPage(page, 'office-closure-effect'), []);
  await page.locator('button[value=save]').press('Enter');
  await page.waitForURL(/done=closure_saved/);
  assert.deepEqual(await checkPage(page, 'office-hours-full'), []);
  await page.goto(`${site.visitor().origin}/offers/tour?date=${day}`);
  assert.match(await page.textContent('.slots'), /Fermé : Travaux/);
  assert.deepEqual(await checkPage(page, 'offer-closed'), []);
});

test('with scripts off: a rule is made, a time is added with its conflict said', async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(`${site.visitor().origin}/manage/schedule/rules/new`);
  await page.check('#day_1');
  await page.fill('#times', '08:00');
  await page.click('button[value=save]');
  await page.waitForURL(/done=rule_saved/);
  const free = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
  await page.goto(`${site.visitor().origin}/manage/schedule/slots/new?date=${free}&time=10:00`);
  await page.click('button[value=look]');
  await page.waitForSelector('[role=alert]');
  assert.deepEqual(calm(await checkPage(page, 'office-slot-conflict')), []);
});

test('a slot is moved by keyboard; who is concerned, a refusal, the progress are sound pages', async () => {
  const page = await open();
  const origin = site.visitor().origin;
  const { json: now } = await api.getJson(`/manage/schedule?date=${day}`);
  const slot = now.items.find((s) => s.taken === 2);
  await page.goto(`${origin}/es/manage/schedule/changes/new?slot=${slot.id}`);
  assert.deepEqual(await checkPage(page, 'office-change'), []);
  const free = new Date(Date.parse(day) + 2 * 86_400_000).toISOString().slice(0, 10);
  await page.fill('#date', free);
  await page.fill('#time', '15:00');
  await page.locator('button[value=move]').press('Enter');
  await page.waitForSelector('[role=alert]');
  assert.deepEqual(calm(await checkPage(page, 'office-change-refused')), []);
  await page.fill('#time', '17:30');
  await page.locator('button[value=move]').press('Enter');
  await page.waitForURL(/changes\/\d+/);
  assert.deepEqual(await checkPage(page, 'office-change-progress'), []);
});
