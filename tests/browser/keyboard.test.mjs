// What owners and account managers do, by keyboard alone: Tab, Enter, Space and arrows. Wherever the
// focus stops it can be seen; after a refusal it is on the summary, whose links lead to the fields.
import assert from 'node:assert/strict';
import test, { before } from 'node:test';
import { eventually } from '../lib/index.mjs';
import { press, tabTo, typeInto } from '../lib/keyboard.mjs';
import { openAs, originOf } from '../lib/pages.mjs';
import { startVenue } from '../lib/venue.mjs';

let venue, mary, olga;
before(async () => {
  venue = await startVenue();
  mary = await openAs(venue, 'owner', { locale: 'fr-FR' });
  olga = await openAs(venue, 'operator', { locale: 'es-ES' });
});

const office = (path) => mary.goto(`${originOf(venue, 'owner')}/fr/manage${path}`);
const console_ = (path) => olga.goto(`${originOf(venue, 'operator')}/es/console${path}`);
const ends = (page, words) => assert.ok(page.url().includes(words), page.url());

// From the summary of a refusal by its first link to the field.
async function mend(page, field) {
  assert.ok(await page.evaluate(() => document.activeElement.matches('[data-errors]')), 'the focus is on the summary');
  await tabTo(page, '[data-errors] a');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), field);
}

test('P5: from the menu to the staff: somebody is invited, somebody removed', async () => {
  await office('');
  await press(mary, '.rail a[href$="/manage/staff"]');
  await press(mary, 'form[action$="/staff/invite"] button');
  await mend(mary, 'email');
  await mary.keyboard.type('dora@canal.example');
  await tabTo(mary, '#role');
  await mary.keyboard.press('ArrowDown');
  await press(mary, 'form[action$="/staff/invite"] button');
  ends(mary, 'done=invited');
  assert.match(await mary.textContent('main'), /dora@canal\.example/);
  await press(mary, '.item a');
  await press(mary, 'a[href$="/remove"]');
  await press(mary, 'main form .button--bad');
  await mend(mary, 'typed');
  await mary.keyboard.type('Ben Colleague');
  await press(mary, 'main form .button--bad');
  ends(mary, 'done=');
});

test('P10: the company, a legal page and a tax: written, refused, mended, removed', async () => {
  await office('/legal');
  await typeInto(mary, '#vat_number', '<b>');
  await press(mary, 'form[action$="/legal/data"] button');
  await mend(mary, 'vat_number');
  await mary.keyboard.press('ControlOrMeta+A');
  await mary.keyboard.type('FR12345678901');
  await press(mary, 'form[action$="/legal/data"] button');
  ends(mary, 'done=saved');
  await press(mary, 'a[href$="/legal/pages/terms"]');
  await typeInto(mary, '#body_fr', 'Soyez aimables.');
  await press(mary, 'button[value=save]');
  ends(mary, 'done=saved');
  await office('/legal');
  await press(mary, 'a[href$="/legal/taxes/new"]');
  for (const language of ['en', 'fr', 'es']) await typeInto(mary, `#name_${language}`, 'Zero');
  await typeInto(mary, '#rate', '0');
  await tabTo(mary, '#included');
  await mary.keyboard.press('Space');
  await press(mary, 'button[value=save]');
  ends(mary, 'done=saved');
  const [{ tax }] = await venue.server.sql('SELECT tax_id::text AS tax FROM tax ORDER BY tax_id DESC LIMIT 1');
  await office(`/legal/taxes/${tax}`);
  await press(mary, 'a[href$="/remove"]');
  await press(mary, 'main form .button--bad');
  ends(mary, '/manage/legal');
});

test('P11: a closure and a weekly rule go, after a look at what follows', async () => {
  await office('/hours');
  await press(mary, '.row-link');
  await press(mary, 'button[value=look]');
  await press(mary, 'form[action$="/remove"] button');
  ends(mary, '/manage/hours');
  await office('/schedule/rules');
  await press(mary, '.row-link');
  await press(mary, 'form[action$="/remove"] button');
  if (!mary.url().includes('done=')) await press(mary, 'form[action$="/remove"] button');
  ends(mary, '/manage/schedule');
});

test('P5: the own account: a password refused and mended, another session ended', async () => {
  await office('/account');
  await press(mary, 'form[action$="/account/password"] button[value=save]');
  await mend(mary, 'current');
  await mary.keyboard.type(venue.site.manager.password);
  await typeInto(mary, '#password', 'a very long winter evening');
  await press(mary, 'form[action$="/account/password"] button[value=save]');
  ends(mary, 'done=');
  await press(mary, 'form[action*="log-out-everywhere"] button');
  ends(mary, '/manage/account');
});

test('design: an order opens beside the list, keeps the focus in, and gives it back', async () => {
  await office('/orders');
  await mary.setViewportSize({ width: 1440, height: 900 });
  await tabTo(mary, '.row-link');
  const order = await mary.evaluate(() => document.activeElement.href);
  await mary.keyboard.press('Enter');
  await mary.waitForSelector('dialog.side-panel:modal');
  assert.equal(mary.url(), order);
  for (let i = 0; i < 40; i++) {
    await mary.keyboard.press('Tab');
    const out = await mary.evaluate(() => document.activeElement !== document.body && !document.activeElement.closest('dialog'));
    assert.ok(!out, 'the focus stays in the dialog');
  }
  await mary.keyboard.press('Escape');
  await mary.waitForSelector('dialog.side-panel', { state: 'detached' });
  assert.equal(await mary.evaluate(() => document.activeElement.href), order, 'the focus is where it came from');
  await mary.keyboard.press('Enter');
  await mary.waitForSelector('dialog.side-panel:modal');
  await tabTo(mary, 'dialog [data-close]', { key: 'Shift+Tab' });
  await mary.keyboard.press('Enter');
  await mary.waitForSelector('dialog.side-panel', { state: 'detached' });
  assert.equal(new URL(mary.url()).pathname, '/fr/manage/orders');
});

test('P8: the list before going live, and the name that is typed', async () => {
  await office('/go-live');
  await press(mary, 'a[href$="/go-live/confirm"]');
  await typeInto(mary, '#typed', 'oui');
  await press(mary, 'main form .button--bad');
  await mend(mary, 'typed');
  await mary.keyboard.press('ControlOrMeta+A');
  await mary.keyboard.type(venue.site.name);
  await press(mary, 'main form .button--bad');
  assert.equal((await venue.server.sql('SELECT practice FROM site WHERE slug = $1', [venue.site.slug]))[0].practice, false);
});

test('P4: a site is found, suspended with its reason, resumed, put on another plan', async () => {
  await console_('');
  await typeInto(olga, 'input[type=search]', 'plain');
  await olga.keyboard.press('Enter');
  await olga.waitForURL(/q=plain/);
  await press(olga, '.row-link');
  await press(olga, 'form[action$="/suspend"] button');
  await mend(olga, 'reason');
  await olga.keyboard.type('Nadie paga desde octubre.');
  await press(olga, 'form[action$="/suspend"] button');
  assert.match(await olga.textContent('main'), /Nadie paga desde octubre/);
  await press(olga, 'form[action$="/resume"] button');
  await tabTo(olga, '#plan');
  await olga.keyboard.press('Home');
  await press(olga, 'form[action$="/plan"] button');
  ends(olga, 'done=');
});

test('P4: a plan is made, named anew and removed', async () => {
  await console_('/plans');
  await typeInto(olga, '#name', 'tiny');
  await typeInto(olga, '#title', 'Diminuto');
  await olga.keyboard.press('Enter');
  await olga.waitForURL(/done=plan_saved/);
  await typeInto(olga, '#title-tiny', 'Pequeño');
  await tabTo(olga, 'form[action$="/plans/tiny"] .ticks input');
  await olga.keyboard.press('Space');
  await press(olga, 'form[action$="/plans/tiny"] button[type=submit]');
  assert.match(await olga.textContent('main'), /Pequeño/);
  await press(olga, 'button[formaction$="/plans/tiny/remove"]');
  assert.equal(await olga.locator('#plan-tiny').count(), 0);
});

test('P9: one change on many sites is looked at, made and taken back', async () => {
  await console_('/changes/new?path=branding/corners');
  await tabTo(olga, '#value');
  await olga.keyboard.press('ArrowDown');
  await press(olga, 'form[action$="/changes"] button');
  await press(olga, 'form[action$="/apply"] button');
  const page = olga.url();
  await venue.server.jobs();
  await olga.goto(page);
  await press(olga, 'form[action$="/undo"] button');
  await venue.server.jobs();
  await olga.goto(page);
  await eventually(async () => (await olga.locator('form[action$="/undo"]').count()), 0);
});

test('P4: a failed job is read and run again', async () => {
  await console_('/jobs');
  await press(olga, '.row-link');
  assert.match(await olga.textContent('main'), /the mail server said no/);
  await press(olga, 'form[action$="/retry"] button');
  ends(olga, '/console/jobs');
});
