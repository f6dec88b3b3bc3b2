// P11: the schedule's pages in a browser: 360 and 1280 px, light and dark, doubled text, French and
// Spanish, by keyboard, with scripts off, in states that follow an act.
import assert from 'node:assert/strict';
import test from 'node:test';
import { checkPage, openPage } from '../lib/browser.mjs';
import { Buyer, court, startServer, tour } from '../lib/index.mjs';

const server = await startServer();
const daily = [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00', '15:00', '20:00'] }];
const site = await server.createSite({
  languages: ['fr', 'en', 'es'],
  resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'court-2', name: 'Court 2', kind: 'court' }, { code: 'hall', name: 'Salle des fêtes', kind: 'room' }],
  offers: [tour({ schedule: daily, resource: 'hall' }), tour({ slug: 'talk', title: { en: 'Talk', fr: 'Causerie', es: 'Charla' }, schedule: [], resource: 'hall' }), court({ slug: 'court', resource: undefined, resources: ['court-1', 'court-2'], schedule: daily })],
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

test('P11: a closure by keyboard alone: refused, seen, saved; the storefront says it', async () => {
  const page = await open();
  await page.goto(`${site.visitor().origin}/manage/hours/closures/new`);
  await page.fill('#from_date', day);
  await page.fill('#to_date', '2020-01-01');
  await page.locator('button[value=save]').press('Enter');
  await page.waitForSelector('.errors li');
  await page.fill('#to_date', day);
  await page.fill('#reason_fr', 'Travaux');
  await page.locator('button[value=look]').press('Enter');
  await page.waitForSelector('#effect-title');
  assert.deepEqual(await checkPage(page, 'office-closure-effect'), []);
  await page.locator('button[value=save]').press('Enter');
  await page.waitForURL(/done=closure_saved/);
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

test('P11: what is in a rule’s way, the rule with what is missing, a week with its list are sound pages', async () => {
  const page = await open();
  const origin = site.visitor().origin;
  await page.goto(`${origin}/manage/schedule/rules/new`);
  await page.selectOption('#offer', { label: 'Causerie' });
  for (let d = 1; d <= 7; d++) await page.check(`#day_${d}`);
  await page.fill('#times', '10:30, 12:00');
  await page.locator('button[value=look]').press('Enter');
  await page.waitForSelector('#effect-title');
  await page.locator('.panel--warn summary').press('Enter');
  assert.deepEqual(await checkPage(page, 'office-rule-effect'), []);
  await page.locator('button[value=save]').press('Enter');
  await page.waitForURL(/done=rule_saved/);
  await page.locator('a.row-link', { hasText: 'Causerie' }).press('Enter');
  await page.waitForSelector('#missing-title');
  assert.deepEqual(await checkPage(page, 'office-rule-missing'), []);
  await page.locator('form[action$=remove] button').press('Enter');
  await page.waitForURL(/done=rule_removed/);
  await page.goto(`${origin}/es/manage/schedule?view=week&date=${day}`);
  assert.deepEqual(await checkPage(page, 'office-week'), []);
});

test('a slot is moved by keyboard; who is concerned, a refusal, the progress are sound pages', async () => {
  const page = await open();
  const origin = site.visitor().origin;
  const { json: now } = await api.getJson(`/manage/schedule?date=${day}`);
  const slot = now.items.find((s) => s.taken === 2);
  await page.goto(`${origin}/es/manage/schedule/changes/new?slot=${slot.id}`);
  const free = new Date(Date.parse(day) + 2 * 86_400_000).toISOString().slice(0, 10);
  await page.fill('#date', free);
  await page.fill('#time', '15:00');
  await page.locator('button[value=move]').press('Enter');
  await page.waitForSelector('[role=alert]');
  assert.deepEqual(calm(await checkPage(page, 'office-change-refused')), []);
  await page.fill('#time', '17:30');
  await page.locator('button[value=move]').press('Enter');
  await page.waitForURL(/changes\/\d+/);
});

// A day of its own for each test, so many after the first.
const dayAfter = (days) => new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);
const book = async (date, offer, counts, at = 0) => {
  const { json } = await api.getJson(`/manage/schedule?date=${date}`);
  const slots = json.items.filter((s) => (offer === 'tour') === (s.capacity === 10));
  const someone = new Buyer(site);
  assert.equal((await someone.book(offer, slots[at], counts)).status, 201);
  await someone.buy();
  return slots[at];
};

test('a time is cancelled and its people booked into a full one: where they go, who is left over, the money back', async () => {
  const page = await open();
  const from = await book(dayAfter(4), 'tour', { adult: 2 });
  const to = await book(dayAfter(5), 'tour', { adult: 8 });
  await book(dayAfter(5), 'tour', { adult: 2 });
  await page.goto(`${site.visitor().origin}/manage/schedule/changes/new?slot=${from.id}`);
  await page.selectOption('#to_slot', to.id);
  await page.locator('button[value=look_rebook]').press('Enter');
  await page.waitForSelector('#targets-title');
  assert.match(await page.textContent('section[aria-labelledby=targets-title]'), /Complet/);
  assert.deepEqual(await checkPage(page, 'office-rebook-look'), []);
  await page.locator('button[value=rebook]').press('Enter');
  await page.waitForURL(/changes\/\d+/);
  await server.jobs();
  await page.reload();
  assert.deepEqual(await checkPage(page, 'office-rebook-left'), []);
  await page.locator('button[value=refund]').press('Enter');
  await page.waitForLoadState();
  await server.jobs();
  await page.reload();
  assert.match(await page.textContent('main'), /Remboursé et prévenu/);
  assert.equal(await page.locator('#settle-title').count(), 0);
});

test('a day is moved with scripts off: what stays and why, agreed to, done', async () => {
  const page = await open({ javaScriptEnabled: false });
  const [from, to] = [dayAfter(7), dayAfter(8)];
  await book(from, 'court', { court: 1 });
  await page.goto(`${site.visitor().origin}/es/manage/schedule/changes/new?day=${from}`);
  assert.deepEqual(await checkPage(page, 'office-change-day'), []);
  await page.fill('#date', to);
  await page.click('button[value=move]');
  await page.waitForSelector('[role=alert]');
  assert.deepEqual(calm(await checkPage(page, 'office-change-day-blocked')), []);
  await page.fill('#date', '');
  await page.fill('#by_min', '30');
  await page.click('button[value=look_move]');
  await page.waitForSelector('#steps-title');
  assert.match(await page.textContent('#steps-title'), /6 horas se mueven/);
  assert.deepEqual(await checkPage(page, 'office-change-day-look'), []);
  await page.click('button[value=move]');
  await page.waitForURL(/changes\/\d+/);
});

test('a court that can’t be used, by keyboard: refused, seen, agreed to, done', async () => {
  const page = await open();
  const date = dayAfter(10);
  await book(date, 'court', { court: 1 });
  await book(date, 'court', { court: 1 }, 1);
  await book(date, 'court', { court: 1 }, 1);
  const { json } = await api.getJson(`/manage/schedule?date=${date}`);
  const court = json.resources.find(({ label }) => label === 'Court 1').value;
  await page.goto(`${site.visitor().origin}/manage/schedule?date=${date}&resource=${court}`);
  await page.getByRole('link', { name: 'Une ressource est inutilisable' }).press('Enter');
  await page.waitForURL(/changes\/outage/);
  await page.fill('#to_date', '2020-01-01');
  await page.locator('button[value=save]').press('Enter');
  await page.waitForSelector('.errors li');
  await page.fill('#to_date', date);
  await page.fill('#reason', 'Fuite d’eau');
  await page.locator('button[value=look]').press('Enter');
  await page.waitForSelector('#uses-title');
  assert.match(await page.textContent('#uses-title'), /1 passe ailleurs, 1 ne trouve rien/);
  assert.deepEqual(await checkPage(page, 'office-outage-look'), []);
  await page.locator('#agreed').press('Space');
  await page.locator('button[value=save]').press('Enter');
  await page.waitForURL(/changes\/\d+/);
  await server.jobs();
  await page.reload();
  assert.deepEqual(await checkPage(page, 'office-outage-progress'), []);
});
