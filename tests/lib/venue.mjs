// A venue with one of everything that the office and the console have a page for, and where those
// pages are: tests of every page take their addresses from here.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { consoleVisitor } from './console.mjs';
import { hire, multipart, offerId, png, staff } from './office.mjs';
import { root } from './place.mjs';
import { startReceiver } from './receiver.mjs';
import { Buyer } from './sale.mjs';
import { startServer } from './server.mjs';
import { court, tour } from './site.mjs';
import { addSlots } from './stock.mjs';
import { codeAt, secretOf } from './totp.mjs';

const hour = 3_600_000;
const features = { coupons: {}, greeter: {}, sampler: {}, 'pay-at-venue': {}, 'sandbox-pay': {}, 'self-cancel': {}, 'recurring-bookings': {},
  'marketing-preferences': {}, 'customer-categories': {}, 'customer-import': {} };
const coupons = [{ code: 'WELCOME', kind: 'percent', value: 10, offers: null, uses: 100, per_buyer: 100 }];
const named = (text) => ({ en: text, fr: `${text} (fr)`, es: `${text} (es)` });

const linkOf = (mail) => {
  const { pathname, search } = new URL(mail.text.match(/http:\S+/)[0]);
  return pathname + search;
};

function done(answer) {
  assert.ok(answer.status < 400, `${answer.url}: ${answer.status} ${answer.text.slice(0, 400)}`);
  return answer;
}

// The site, who works there, and `addresses`: for every route with parameters, and for those that
// show more with a query, the paths of its pages; [path, who] is looked at by somebody else than
// the surface's own person (owner, operator): nobody, half and asked (a code is asked of them), bound
// (has to set up a second factor), heir (is to own the site), stranger (is to own the other one).
export async function startVenue() {
  const server = await startServer({
    env: { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins'), VITRINE_WEBHOOKS_TO_SELF: 'on' },
  });
  const site = await server.createSite({
    name: 'Maison du Canal', features, coupons, greeter: ['Ann'], languages: ['en', 'fr', 'es'],
    resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }, { code: 'hall', name: 'Salle des fêtes', kind: 'room' }],
    offers: [tour({ resource: 'hall' }), court(), tour({ slug: 'evening', title: named('Evening'), schedule: [] }),
      tour({ slug: 'spare', title: named('Spare'), schedule: [] })],
  });
  const strict = await server.createSite({ name: 'Strict House' });
  const plain = await server.createSite({ name: 'Plain House', features: { 'guest-login': {} } });
  const { visitor: olga, ...operator } = await consoleVisitor(server, 'olga@platform.example', 'operator');
  const venue = { server, site, strict, plain, olga, mary: await staff(site) };
  Object.assign(venue, await hirePeople(venue));
  Object.assign(venue.people, { owner: site.manager, operator, nobody: {}, stranger: { site: strict } });
  venue.addresses = {};
  for (const part of [entries, sales, customers, planning, recurring, imports, settings, integrations, platform]) {
    Object.assign(venue.addresses, await part(venue));
  }
  await server.jobs();
  // What somebody called a thing isn't of any language, and what was sold keeps the name that it had.
  const names = await server.sql('SELECT name FROM channel UNION SELECT title FROM plan UNION SELECT name FROM profile');
  venue.names = ['Vitrine', 'Court', ...names.map(({ name }) => name)];
  return venue;
}

// A file as the page's form sends it, with its token.
async function sendFile(visitor, path, files, fields = {}) {
  const form = (await visitor.visit(path)).document.querySelector('form[enctype]');
  const csrf = form.querySelector('input[name=csrf]').getAttribute('value');
  const action = form.getAttribute('action') ?? path;
  return done(await visitor.post(action, { ...multipart({ csrf, ...fields }, files), follow: true }));
}

async function turnOnFactor(visitor, surface = '/manage') {
  const page = await visitor.visit(`${surface}/account/second-factor`);
  done(await page.submit('form[action$="/second-factor"]', { code: codeAt(secretOf(page.words('#setup')), Date.now()) }));
}

async function hirePeople({ server, site, strict, mary }) {
  const half = await hire(server, site, 'manager', 'half@canal.example');
  await turnOnFactor(await staff(site, half));
  const heir = await hire(server, site, 'manager', 'heir@canal.example');
  done(await mary.postJson('/manage/staff/invite', { email: 'bea@canal.example', role: 'box_office' }));
  const bound = await hire(server, strict, 'manager', 'bound@strict.example');
  const nora = await staff(strict);
  await turnOnFactor(nora);
  done(await nora.postJson('/manage/staff/second-factor', { required: true }));
  const { visitor: otto, ...asked } = await consoleVisitor(server, 'otto@platform.example');
  await turnOnFactor(otto, '/console');
  return { nora, people: { half, heir, bound: { ...bound, site: strict }, asked } };
}

// The ways in, and what mails lead to.
async function entries({ server, site, strict, olga, people: { heir } }) {
  done(await site.visitor().postJson('/manage/login/forgot', { email: heir.email }));
  const invitation = linkOf(await server.mail({ to: 'bea@canal.example' }));
  const reset = linkOf(await server.mail({ to: heir.email, subject: 'ass' }));
  const transfer = { former: 'leave', reason: 'Mary left the venue in October.', proof: 'Extract of the commercial register, seen today.' };
  const ask = (slug, owner_email) => olga.postJson(`/console/sites/${slug}/owner`, { owner_email, ...transfer });
  done(await ask(site.slug, heir.email));
  done(await ask(strict.slug, 'nora@new.example'));
  const stranger = linkOf(await server.mail({ to: 'nora@new.example', subject: 'You are to own' }));
  const own = linkOf(await server.mail({ to: heir.email, subject: 'You are to own' }));
  const objection = linkOf(await server.mail({ to: site.manager.email, subject: 'you can object' }));
  const nobody = (path) => [[path, 'nobody']];
  return {
    '/manage/login': nobody('/manage/login'),
    '/manage/login/code': [['/manage/login/code', 'half']],
    '/manage/login/second-factor': [['/manage/login/second-factor', 'bound']],
    '/manage/login/forgot': nobody('/manage/login/forgot'),
    '/manage/login/sent': nobody('/manage/login/sent'),
    '/manage/login/reset': nobody(reset),
    '/manage/login/invitation': nobody(invitation),
    '/manage/login/ownership': [[own, 'nobody'], [stranger, 'stranger']],
    '/manage/login/ownership/confirmed': nobody('/manage/login/ownership/confirmed'),
    '/manage/login/objection': nobody(objection),
    '/manage/login/objection/noted': nobody('/manage/login/objection/noted'),
    '/manage/ownership/confirm': [[own.replace('/login/ownership', '/ownership/confirm'), 'heir']],
    '/console/login': nobody('/console/login'),
  };
}

// Three orders: paid by card and partly given back, due at the venue, cancelled.
async function sales({ server, site, mary }) {
  const at = (hours) => new Date(Date.now() + hours * hour).toISOString();
  const slots = await addSlots(server, site.slug, 'evening', [at(30), at(31), at(32)]);
  const codes = [];
  for (const [i, [name, email]] of [
    ['Ignatius Featherstonehaugh-Cholmondeley', 'a.very.long.address.of.somebody@an-orchestra-of-many-instruments.example'],
    ['Anna Lee', 'anna@music.example'], ['José O’Brien', 'jose@music.example'],
  ].entries()) {
    const buyer = new Buyer(site);
    await buyer.book('evening', slots[i], { adult: 2, child: 1 });
    const details = buyer.details;
    buyer.details = () => details.call(buyer, { name, email });
    const path = i === 0 ? await buyer.buyByCard() : await buyer.buy();
    codes.push(path.match(/orders\/(\w+)/)[1]);
  }
  done(await mary.postJson(`/manage/orders/${codes[0]}/notes`, { note: 'Arrives with a wheelchair.' }));
  const { json: { quote } } = await mary.getJson(`/manage/orders/${codes[2]}/cancel`);
  const { json: { order } } = await mary.getJson(`/manage/orders/${codes[2]}`);
  done(await mary.postJson(`/manage/orders/${codes[2]}/cancel`, {
    version: order.version, back_minor: quote.back.minor, lines: order.lines.map(({ id }) => ({ key: id, count: 1 })) }));
  done(await mary.postJson('/manage/orders/export', {}));
  await server.sql(
    `INSERT INTO mail (tenant_id, job_id, plugin, key, recipient, subject, state, order_id, at)
     SELECT tenant_id, 1, 'core', 'order', 'nobody@gone.example', 'Your places for the evening', 'refused', order_id, now() FROM orders WHERE code = $1`, [codes[2]]);
  await server.jobs();
  const { json: { items: [made] } } = done(await mary.getJson('/manage/exports'));
  const offer = await offerId(server, site, 'evening');
  return {
    '/manage/orders': ['/manage/orders', '/manage/orders?q=nobody', '/manage/orders?state=cancelled'],
    '/manage/mails': ['/manage/mails'],
    '/manage/orders/new': ['/manage/orders/new', `/manage/orders/new?offer=${offer}&day=${at(30).slice(0, 10)}&slot=${slots[0]}`],
    '/manage/orders/{code}': codes.map((code) => `/manage/orders/${code}`),
    '/manage/orders/{code}/customer': [`/manage/orders/${codes[1]}/customer`],
    '/manage/orders/{code}/cancel': [`/manage/orders/${codes[0]}/cancel`],
    '/manage/exports/{id}': [`/manage/exports/${made.id}`],
  };
}

async function customers({ server, mary }) {
  done(await mary.postJson('/manage/customers/new', {
    first_name: 'Ada', last_name: 'Lovelace', email: 'ada@buyer.example', phone: '+33612345678', gender: 'female',
    country: 'FR', tags: 'VIP, member' }));
  const [{ id }] = await server.sql(`SELECT customer_id::text AS id FROM customer WHERE email_folded = 'ada@buyer.example'`);
  done(await mary.postJson(`/manage/customers/${id}/notes`, { note: 'Comes on Fridays.' }));
  const marketing = '/manage/x/marketing-preferences';
  const { id: news } = done(await mary.postJson(`${marketing}/new`, { title_en: 'News', text_en: 'Once a month.', active: true })).json;
  const agrees = done(await mary.postJson(`${marketing}/customers/${id}`, { preferences: [{ key: news, count: 1 }], note: 'By phone' }));
  assert.equal(agrees.json.changed, 1);
  const views = '/manage/customers/views', unpaid = '/manage/orders/views';
  const { id: regulars } = done(await mary.postJson(views, { name: 'VIP', shared: true, tag: 'VIP' })).json;
  const { id: due } = done(await mary.postJson(unpaid, { name: 'Due', state: 'due' })).json;
  const many = '/manage/customers/many';
  const { id: batch } = done(await mary.postJson(many, { all: true, do: 'tag', add_tag: 'regular', seen_all: 1, seen_will: 1 })).json;
  await server.jobs();
  const prices = '/manage/x/customer-categories';
  const { id: members } = done(await mary.postJson(`${prices}/new`, { name_en: 'Members', name_fr: 'Membres', name_es: 'Socios', kind: 'prices', applies: 'all' })).json;
  done(await mary.postJson(`${prices}/customers/${id}`, { category: members, until: '2030-12-31' }));
  return {
    [`${prices}/{id}`]: [`${prices}/${members}`],
    [`${prices}/customers/{id}`]: [`${prices}/customers/${id}`],
    [`${marketing}/{id}`]: [`${marketing}/${news}`],
    [`${marketing}/customers/{id}`]: [`${marketing}/customers/${id}`],
    '/manage/customers': ['/manage/customers', '/manage/customers?q=nobody', '/manage/customers?tag=VIP'],
    [many]: [`${many}?all=1`, `${many}?chosen_${id}=1&do=tag&add_tag=guest`],
    [`${many}/{batch}`]: [`${many}/${batch}`],
    '/manage/customers/duplicates': ['/manage/customers/duplicates?by=phone', '/manage/customers/duplicates'],
    '/manage/customers/views/new': [`${views}/new?state=asks`],
    '/manage/customers/views/{view}': [`${views}/${regulars}`],
    '/manage/orders/views/new': [`${unpaid}/new?state=due`],
    '/manage/orders/views/{view}': [`${unpaid}/${due}`],
    '/manage/customers/{id}': [`/manage/customers/${id}`],
    '/manage/customers/{id}/email': [`/manage/customers/${id}/email`],
    '/manage/customers/{id}/data': [`/manage/customers/${id}/data`],
    '/manage/customers/{id}/merge': [`/manage/customers/${id}/merge`],
    '/manage/customers/{id}/delete': [`/manage/customers/${id}/delete`],
    '/manage/customers/{id}/bookings': [`/manage/customers/${id}/bookings`],
  };
}

async function planning({ server, site, mary }) {
  const date = new Date(Date.now() + 9 * 24 * hour).toISOString().slice(0, 10);
  const next = new Date(Date.now() + 10 * 24 * hour).toISOString().slice(0, 10);
  const day = (await mary.getJson(`/manage/schedule?date=${date}`)).json;
  const slot = day.items.find(({ capacity }) => capacity === 10);
  const buyer = new Buyer(site);
  await buyer.book('tour', slot, { adult: 2 });
  await buyer.buy();
  const courts = day.resources.find(({ label }) => label === 'Court 1').value;
  const closure = { do: 'save', kind: 'holiday', from_date: next, to_date: next, reason: named('Fête'), agreed: true };
  done(await mary.postJson('/manage/hours/closures/new', closure));
  const spare = done(await mary.postJson('/manage/resources/new', { name: 'Petit salon', kind: 'room' })).json.id;
  const moved = done(await mary.postJson('/manage/schedule/changes/new', {
    do: 'move', slot: String(slot.id), version: slot.version, date, time: '17:30', reason: 'The guide arrives late.' }));
  await server.jobs();
  const [{ id: closed }] = (await mary.getJson('/manage/hours')).json.closures;
  const [rule] = (await mary.getJson('/manage/schedule/rules')).json.items;
  const offer = await offerId(server, site, 'tour');
  const [category] = (await mary.getJson('/manage/offers/categories')).json.items;
  const [rate] = (await mary.getJson(`/manage/offers/${offer}/rates`)).json.rates;
  await sendFile(mary, `/manage/offers/${offer}/picture`, { picture: ['a.png', 'image/png', png(900, 600)] });
  const change = moved.json.location ?? moved.headers.location ?? '';
  return {
    '/manage/schedule': ['/manage/schedule', `/manage/schedule?date=${date}`, `/manage/schedule?date=${date}&view=week`],
    '/manage/schedule/changes/new': [`/manage/schedule/changes/new?slot=${slot.id}`, `/manage/schedule/changes/new?day=${date}`],
    '/manage/schedule/changes/{id}': [change],
    '/manage/schedule/changes/outage': [`/manage/schedule/changes/outage?date=${date}&resource=${courts}`],
    '/manage/schedule/rules/{id}': [`/manage/schedule/rules/${rule.id}`],
    '/manage/schedule/slots/new': [`/manage/schedule/slots/new?date=${date}`],
    '/manage/schedule/slots/{id}': [`/manage/schedule/slots/${slot.id}`],
    '/manage/hours': ['/manage/hours', `/manage/hours?resource=${courts}`],
    '/manage/hours/closures/{id}': [`/manage/hours/closures/${closed}`],
    '/manage/resources': ['/manage/resources'],
    '/manage/resources/{id}': [`/manage/resources/${courts}`, '/manage/resources/new'],
    '/manage/resources/{id}/remove': [`/manage/resources/${spare}/remove`],
    '/manage/offers': ['/manage/offers', '/manage/offers?q=nothing'],
    '/manage/offers/categories/{id}': [`/manage/offers/categories/${category.id}`],
    '/manage/offers/{id}': [`/manage/offers/${offer}`],
    '/manage/offers/{id}/delete': [`/manage/offers/${await offerId(server, site, 'spare')}/delete`],
    '/manage/offers/{id}/preview': [`/manage/offers/${offer}/preview`],
    '/manage/offers/{id}/picture': [`/manage/offers/${offer}/picture`],
    '/manage/offers/{id}/rates': [`/manage/offers/${offer}/rates`],
    '/manage/offers/{id}/rates/{rate}': [`/manage/offers/${offer}/rates/${rate.id}`],
    '/manage/offers/{id}/rates/new': [`/manage/offers/${offer}/rates/new`],
  };
}

// A draft with a holiday in its way, and a series whose dates are booked.
async function recurring({ server, mary }) {
  const base = '/manage/x/recurring-bookings';
  const form = (await mary.getJson(`${base}/new`)).json;
  const court = form.offers.find(({ exclusive }) => exclusive).id;
  const { times, rates } = (await mary.getJson(`${base}/new?offer=${court}`)).json;
  const first = new Date(Date.now() + 8 * 24 * hour).toISOString().slice(0, 10);
  const draft = async (name) => done(await mary.postJson(`${base}/new`, {
    offer: court, time: times.at(-1).time_text, quantity: [{ key: rates[0].code, count: 1 }], repeat: 'day', every: 1, first,
    ends: 'count', count: 5, name, email: 'ada@buyer.example', public_note: 'Bring balls', private_note: 'Pays late' })).json.id;
  const [series, open] = [await draft('Ada Lovelace'), await draft('Bob')];
  const { version, dates } = (await mary.getJson(`${base}/${series}`)).json;
  done(await mary.postJson(`${base}/${series}/book`, {
    version, conflict: dates.filter(({ free }) => !free).map(({ number }) => ({ key: String(number), count: 1 })) }));
  await server.jobs();
  return {
    [`${base}/`]: [`${base}/`, `${base}/?show=drafts`],
    [`${base}/new`]: [`${base}/new`, `${base}/new?offer=${court}&q=ada`],
    [`${base}/{id}`]: [`${base}/${series}`, `${base}/${open}`],
    [`${base}/{id}/dates/{number}`]: [`${base}/${series}/dates/1`],
    [`${base}/{id}/change`]: [`${base}/${series}/change?number=1&scope=following&time=${times[0].time_text}`],
    [`${base}/{id}/cancel`]: [`${base}/${series}/cancel?number=1&scope=all`],
  };
}

// A file whose columns are to be checked, one to be applied, one that was.
async function imports({ server, mary }) {
  const base = '/manage/x/customer-import';
  const sent = async (text) => {
    await sendFile(mary, `${base}/new`, { file: ['people.csv', 'text/csv', Buffer.from(text)] });
    return (await mary.getJson(`${base}/`)).json.items[0].id;
  };
  const chosen = (list) => list.find((choice) => choice.chosen).value;
  const look = async (id) => {
    const page = (await mary.getJson(`${base}/${id}`)).json;
    done(await mary.postJson(`${base}/${id}/map`, {
      version: page.version, go: 'look', encoding: chosen(page.encodings), separator: chosen(page.separators), header: 'yes', dates: 'dmy',
      region: 'FR', name: 0, email: 1 }));
    await server.jobs();
    return (await mary.getJson(`${base}/${id}`)).json;
  };
  const mapped = await sent('name,email,email\nAda Lovelace,ada@import.example,x\n');
  const preview = await look(await sent('name,email\nBob Import,bob@import.example\nNo Address,\n'));
  const applied = await look(await sent('name,email\nCleo Import,cleo@import.example\n'));
  done(await mary.postJson(`${base}/${applied.id}/apply`, { version: applied.version }));
  await server.jobs();
  return {
    [`${base}/`]: [`${base}/`], [`${base}/new`]: [`${base}/new`],
    [`${base}/{id}`]: [`${base}/${mapped}`, `${base}/${preview.id}`, `${base}/${applied.id}?show=new`],
    [`${base}/{id}/errors`]: [`${base}/${preview.id}/errors`],
  };
}

async function settings({ server, site, mary, people: { heir } }) {
  done(await (await mary.visit('/manage/legal')).submit('form[action$="/legal/data"]', { company: 'Maison SARL', legal_address: '1 rue du Test' }));
  for (const name of ['notice', 'privacy', 'terms']) {
    for (const text of ['Words.', 'Better words.']) {
      done(await (await mary.visit(`/manage/legal/pages/${name}`)).submit('form[action*="/legal/pages/"]', { body_fr: text }));
    }
  }
  const look = await mary.visit('/manage/branding');
  done(await look.submit('Save', { brand: '#7c2d12' }));
  await sendFile(mary, '/manage/branding/pictures/logo', { picture: ['a.png', 'image/png', png(500, 400)] });
  await server.sql(`UPDATE offer o SET sample = false FROM site s WHERE s.tenant_id = o.tenant_id AND s.slug = $1`, [site.slug]);
  done(await mary.postJson('/manage/legal/taxes/new', { name: named('Reduced'), rate: '5.5', included: true }));
  const taxes = await server.sql('SELECT tax_id::text AS id FROM tax JOIN site USING (tenant_id) WHERE slug = $1 ORDER BY tax_id', [site.slug]);
  const [channel] = (await mary.getJson('/manage/channels')).json.items.filter(({ kind }) => kind === 'web');
  const [profile] = (await mary.getJson(`/manage/channels/${channel.channel_id}`)).json.profiles;
  const [coupon] = (await mary.getJson('/manage/x/coupons/')).json.items ?? [];
  const { staff_id: colleague } = (await mary.getJson('/manage/staff')).json.items.find(({ email }) => email === heir.email);
  const web = `/manage/channels/${channel.channel_id}`;
  const mail = (key) => `/manage/features/${key.replace('/', '/notifications/')}`;
  return {
    '/manage/features/{name}': ['coupons', 'sampler', 'greeter', 'self-cancel', 'sandbox-pay', 'tenth'].map((name) => `/manage/features/${name}`),
    '/manage/features/{name}/notifications/{key}': [mail('core/order_confirmed'), mail('greeter/thanks')],
    '/manage/legal/pages/{page}': ['/manage/legal/pages/terms'],
    '/manage/legal/taxes/{id}': [`/manage/legal/taxes/${taxes[0].id}`, '/manage/legal/taxes/new'],
    '/manage/legal/taxes/{id}/remove': [`/manage/legal/taxes/${taxes[1].id}/remove`],
    '/manage/branding/pictures/{kind}': ['/manage/branding/pictures/logo', '/manage/branding/pictures/hero'],
    '/manage/channels/{id}': [web],
    '/manage/channels/{id}/profiles/{profile}': [`${web}/profiles/${profile.profile_id}`, `${web}/profiles/new`],
    '/manage/staff/{id}': [`/manage/staff/${colleague}`],
    '/manage/staff/{id}/remove': [`/manage/staff/${colleague}/remove`],
    '/manage/staff/{id}/hand-over': [`/manage/staff/${colleague}/hand-over`],
    '/manage/x/coupons/{id}': [`/manage/x/coupons/${coupon?.id}`],
  };
}

async function integrations({ server, mary }) {
  done(await mary.postJson('/manage/tokens', { name: 'Till', days: '30', scopes: [{ key: 'orders_read', count: 1 }] }));
  const receiver = await startReceiver(() => ({ status: 500, body: 'not now' }));
  const { json: { webhook } } = done(await mary.postJson('/manage/webhooks', {
    url: `${receiver.url}/hook`, description: 'The till', on: true, events: { 'order.placed': true, 'offer.published': true } }));
  done(await mary.postJson(`/manage/webhooks/${webhook.id}/test`, {}));
  await server.jobs();
  const { json: { items: [delivery] } } = done(await mary.getJson(`/manage/webhooks/${webhook.id}/deliveries`));
  const { items: [kept] } = (await mary.getJson('/manage/tokens')).json;
  return {
    '/manage/tokens/{id}': [`/manage/tokens/${kept.id}`],
    '/manage/tokens/{id}/revoke': [`/manage/tokens/${kept.id}/revoke`],
    '/manage/webhooks/{id}': [`/manage/webhooks/${webhook.id}`],
    '/manage/webhooks/{id}/remove': [`/manage/webhooks/${webhook.id}/remove`],
    '/manage/webhooks/{id}/deliveries': [`/manage/webhooks/${webhook.id}/deliveries`],
    '/manage/webhooks/{id}/deliveries/{delivery}': [`/manage/webhooks/${webhook.id}/deliveries/${delivery.id}`],
  };
}

// What the console has of it: a failed job, mails, a request, changes, plans, files, plugin errors.
async function platform({ server, site, strict, plain, nora, olga }) {
  const page = `/console/sites/${site.slug}`;
  await server.sql(
    `INSERT INTO job (tenant_id, kind, state, attempt, payload, run_at, created_at, finished_at, last_error)
     SELECT tenant_id, 'mail.order', 'failed', 12, '{"order_id": "77"}', now(), now(), now(), 'the mail server said no'
       FROM site WHERE slug = $1`, [site.slug]);
  await site.visitor().get('/x/greeter/raise/raise');
  done(await nora.postJson('/manage/features/tenth/on', { consent: true, note: 'For the winter season.' }));
  done(await olga.postJson(`${page}/support`, { why: 'Coupons do not apply, ticket 4711.' }));
  done(await olga.postJson('/console/plans', { name: 'small', title: 'Small' }));
  const change = done(await olga.postJson('/console/changes', { path: 'branding/brand', value: '#335577', title: 'Autumn' })).json.id;
  const applied = done(await olga.postJson('/console/changes', { path: 'features/coupons', value: 'on', title: 'Spring' })).json.id;
  done(await olga.postJson(`/console/changes/${applied}/apply`, {}));
  done(await olga.postJson(`${page}/export`, {}));
  await server.jobs();
  const [file] = (await olga.getJson(`${page}/export`)).json.exports;
  const bytes = (await olga.get(file.file_url)).bytes;
  const sent = await sendFile(olga, '/console/import', { archive: ['a.tar.gz', 'application/gzip', bytes] }, { slug: 'new-weir' });
  await server.jobs();
  const [{ list_url }] = (await olga.getJson('/console')).json.items.map(({ jobs }) => jobs).filter(Boolean);
  const [job] = (await olga.getJson(list_url)).json.items;
  return {
    '/console': ['/console', '/console?q=nothing-like-it', '/console?attention=any'],
    '/console/login/code': [['/console/login/code', 'asked']],
    '/console/sites/{slug}': [page, `/console/sites/${strict.slug}`],
    '/console/sites/{slug}/owner': [`${page}/owner`, `/console/sites/${plain.slug}/owner`],
    '/console/sites/{slug}/sales': [`${page}/sales`],
    '/console/sites/{slug}/mails': [`${page}/mails`],
    '/console/sites/{slug}/close': [`${page}/close`],
    '/console/sites/{slug}/setup': [`${page}/setup`],
    '/console/sites/{slug}/export': [`${page}/export`],
    '/console/jobs': ['/console/jobs', '/console/jobs?state=waiting'],
    '/console/jobs/{tenant}/{job}': [job.retry_url.replace(/\/retry$/, '')],
    '/console/changes/new': ['/console/changes/new?path=branding/brand', '/console/changes/new?path=features/coupons'],
    '/console/changes/{id}': [`/console/changes/${change}`, `/console/changes/${applied}`],
    '/console/import/{id}': [sent.url.pathname],
  };
}
