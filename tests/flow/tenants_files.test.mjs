// Blueprints and demo sites are data: this holds every file under tenants/ to the format that tenants/README.md
// describes, so that a loader may trust it.
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const TENANTS = join(dirname(fileURLToPath(import.meta.url)), '../../tenants');
const LANGUAGES = ['en', 'fr', 'es'];
const KINDS = ['padel-club', 'spa', 'museum', 'theatre', 'play-centre'];
const CHECKED_WEEKS = 8;
const WEEK_MIN = 7 * 24 * 60;
const ART_BYTES_MAX = 16 * 1024;

const folders = (group) => readdirSync(join(TENANTS, group)).map((name) => join(group, name));
const sites = [...folders('blueprints'), ...folders('demo')].map((folder) => ({
  folder,
  demo: folder.startsWith('demo'),
  site: JSON.parse(readFileSync(join(TENANTS, folder, 'site.json'), 'utf8')),
}));

const onlyKeys = (object, required, optional, where) => {
  for (const key of required) assert.ok(key in object, `${where}: ${key} is missing`);
  for (const key of Object.keys(object)) {
    assert.ok(required.includes(key) || optional.includes(key), `${where}: unknown field ${key}`);
  }
};

const checkText = (text, where, max = 160) => {
  assert.deepEqual(Object.keys(text ?? {}).sort(), [...LANGUAGES].sort(), `${where}: languages`);
  for (const language of LANGUAGES) {
    const words = text[language];
    assert.ok(typeof words === 'string' && words.trim() === words && words.length > 0, `${where}.${language}: empty`);
    assert.ok(words.length <= max, `${where}.${language}: ${words.length} characters, ${max} at most`);
    assert.doesNotMatch(words, /[!¡]|lorem|["']|undefined| {2}/i, `${where}.${language}`);
  }
};

const checkCodes = (list, field, where, pattern = /^[a-z][a-z0-9-]{0,39}$/) => {
  const seen = new Set();
  for (const item of list) {
    assert.match(item[field], pattern, `${where}: ${item[field]}`);
    assert.ok(!seen.has(item[field]), `${where}: ${item[field]} twice`);
    seen.add(item[field]);
  }
  return seen;
};

const integer = (value, min, max, where) =>
  assert.ok(Number.isInteger(value) && value >= min && value <= max, `${where}: ${value} not in ${min}–${max}`);

const minutes = (clock, where) => {
  const match = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(clock);
  assert.ok(match, `${where}: ${clock} is no time`);
  return Number(match[1]) * 60 + Number(match[2]);
};

// The starts of one rule in a week, in minutes since Monday 00:00.
const ruleStarts = (rule, offer, where) => {
  const clock = rule.at?.map((time) => minutes(time, where)) ?? [];
  if (rule.from) {
    const end = minutes(rule.to, where);
    for (let at = minutes(rule.from, where); at + offer.duration_min <= end; at += rule.every_min) clock.push(at);
  }
  return rule.days.flatMap((day) => clock.map((at) => (day - 1) * 24 * 60 + at));
};

const offerStarts = (offer, where) =>
  Array.from({ length: CHECKED_WEEKS }, (_, week) =>
    offer.schedule
      .filter((rule) => !rule.every_weeks || week % rule.every_weeks === rule.week)
      .flatMap((rule) => ruleStarts(rule, offer, where))
      .map((at) => week * WEEK_MIN + at),
  ).flat();

const resourcesOf = (offer) => offer.resources ?? (offer.resource ? [offer.resource] : []);

const checkRule = (rule, offer, rateCodes, where) => {
  onlyKeys(rule, ['days'], ['at', 'from', 'to', 'every_min', 'rates', 'every_weeks', 'week'], where);
  assert.ok(rule.days.length > 0 && new Set(rule.days).size === rule.days.length, `${where}: days`);
  for (const day of rule.days) integer(day, 1, 7, `${where}.days`);
  assert.notEqual(Boolean(rule.at), Boolean(rule.from), `${where}: either at or from`);
  if (rule.from) integer(rule.every_min, 5, 24 * 60, `${where}.every_min`);
  for (const code of rule.rates ?? []) assert.ok(rateCodes.has(code), `${where}: rate ${code}`);
  if (rule.every_weeks || rule.week !== undefined) {
    integer(rule.every_weeks, 2, 8, `${where}.every_weeks`);
    integer(rule.week, 0, rule.every_weeks - 1, `${where}.week`);
  }
  assert.ok(ruleStarts(rule, offer, where).length > 0, `${where}: gives no slot`);
};

const checkRates = (offer, where) => {
  const codes = checkCodes(offer.rates, 'code', `${where}.rates`);
  assert.ok(codes.size > 0, `${where}: no rate`);
  for (const rate of offer.rates) {
    onlyKeys(rate, ['code', 'name', 'price'], ['note'], `${where}.${rate.code}`);
    checkText(rate.name, `${where}.${rate.code}.name`, 40);
    if (rate.note) checkText(rate.note, `${where}.${rate.code}.note`, 90);
    integer(rate.price, 1, 10_000_000, `${where}.${rate.code}.price`);
  }
  return codes;
};

const checkPlaces = (offer, where) => {
  onlyKeys(offer.places, ['rows', 'per_row'], [], where);
  assert.equal(new Set(offer.places.rows).size, offer.places.rows.length, `${where}: rows`);
  assert.equal(offer.places.rows.length * offer.places.per_row, offer.capacity, `${where}: rows × per_row`);
};

const checkOffer = (offer, site, where) => {
  onlyKeys(
    offer,
    ['slug', 'kind', 'category', 'title', 'line', 'description', 'image', 'image_alt', 'duration_min', 'capacity', 'tax',
      'sales', 'rates', 'schedule'],
    ['exclusive', 'resource', 'resources', 'buffer_min', 'places'],
    where,
  );
  assert.ok(['event', 'class', 'service', 'admission'].includes(offer.kind), `${where}.kind`);
  assert.ok(site.categories.some((category) => category.slug === offer.category), `${where}.category`);
  assert.ok(site.taxes.some((tax) => tax.code === offer.tax), `${where}.tax`);
  checkText(offer.title, `${where}.title`, 60);
  checkText(offer.line, `${where}.line`, 100);
  checkText(offer.description, `${where}.description`, 700);
  checkText(offer.image_alt, `${where}.image_alt`, 125);
  integer(offer.duration_min, 5, 24 * 60, `${where}.duration_min`);
  integer(offer.capacity, 1, 10_000, `${where}.capacity`);
  integer(offer.buffer_min ?? 0, 0, 240, `${where}.buffer_min`);
  assert.ok(!(offer.resource && offer.resources), `${where}: resource or resources`);
  for (const code of resourcesOf(offer)) {
    assert.ok(site.resources.some((resource) => resource.code === code), `${where}: resource ${code}`);
  }
  if (offer.exclusive) {
    assert.equal(offer.capacity, 1, `${where}: exclusive means one place`);
    assert.ok(resourcesOf(offer).length > 0, `${where}: exclusive use of what`);
  }
  const { min_per_order: min, max_per_order: max } = offer.sales;
  onlyKeys(offer.sales, ['min_per_order', 'max_per_order', 'opens_days_before', 'closes_min_before'], [], `${where}.sales`);
  assert.ok(min >= 1 && max >= min, `${where}.sales: ${min}–${max} per order`);
  integer(offer.sales.opens_days_before, 1, 366, `${where}.opens_days_before`);
  integer(offer.sales.closes_min_before, 0, 14 * 24 * 60, `${where}.closes_min_before`);
  const rateCodes = checkRates(offer, where);
  assert.ok(offer.schedule.length > 0, `${where}: no schedule`);
  offer.schedule.forEach((rule, i) => checkRule(rule, offer, rateCodes, `${where}.schedule[${i}]`));
  if (offer.places) checkPlaces(offer, `${where}.places`);
};

// Uses of a resource: two may overlap only when both are exclusive offers, which compete for it at the sale.
const checkAllocations = (site, folder) => {
  for (const { code } of site.resources) {
    const uses = site.offers
      .filter((offer) => resourcesOf(offer).includes(code))
      .flatMap((offer) => offerStarts(offer, offer.slug).map((from) => ({
        offer, from, to: from + offer.duration_min + (offer.buffer_min ?? 0),
      })))
      .sort((a, b) => a.from - b.from);
    assert.ok(uses.length > 0, `${folder}: nothing uses ${code}`);
    uses.forEach((use, i) => {
      for (let j = i + 1; j < uses.length && uses[j].from < use.to; j++) {
        const compete = use.offer !== uses[j].offer && use.offer.exclusive && uses[j].offer.exclusive;
        assert.ok(compete, `${folder}: ${use.offer.slug} and ${uses[j].offer.slug} collide on ${code}`);
      }
    });
  }
};

const checkArt = (folder, file, width, height) => {
  assert.match(file, /^[a-z0-9-]+\.svg$/, `${folder}: ${file}`);
  const path = join(TENANTS, folder, file);
  const svg = readFileSync(path, 'utf8');
  assert.ok(statSync(path).size <= ART_BYTES_MAX, `${folder}/${file}: over ${ART_BYTES_MAX} bytes`);
  assert.ok(svg.includes(`viewBox="0 0 ${width} ${height}"`), `${folder}/${file}: not ${width} × ${height}`);
  assert.doesNotMatch(svg, /<(text|script|image|foreignObject|style)\b|\son\w+=|NaN|undefined/, `${folder}/${file}`);
  assert.doesNotMatch(svg.replace('xmlns="http://www.w3.org/2000/svg"', ''), /https?:|data:/, `${folder}/${file}: refers outside`);
  for (const [, id] of svg.matchAll(/(?:url\(|href=")#([^")]+)/g)) {
    assert.ok(svg.includes(`id="${id}"`), `${folder}/${file}: #${id} is missing`);
  }
};

for (const { folder, demo, site } of sites) {
  test(`${folder}: fields, look and texts`, () => {
    onlyKeys(
      site,
      ['kind', 'currency', 'time_zone', 'languages', 'features', 'branding', 'texts', 'taxes', 'categories', 'resources',
        'offers', 'coupons', ...(demo ? ['name', 'slug', 'manager', 'contact'] : ['title', 'summary'])],
      ['registration', 'marketing-preferences', 'customer-categories'],
      folder,
    );
    assert.ok(['guest', 'both', 'login'].includes(site.registration ?? 'guest'), site.registration);
    assert.ok(!site.registration || 'guest-login' in site.features, 'registration needs a feature that brings login');
    assert.ok(KINDS.includes(site.kind), site.kind);
    assert.deepEqual([...site.languages].sort(), [...LANGUAGES].sort());
    assert.ok(Intl.supportedValuesOf('currency').includes(site.currency), site.currency);
    assert.ok(Intl.supportedValuesOf('timeZone').includes(site.time_zone), site.time_zone);
    const look = site.branding;
    onlyKeys(look, ['brand', 'accent', 'fonts', 'corners', 'header', 'hero', 'hero_alt', ...(demo ? ['logo'] : [])], [], 'branding');
    for (const colour of [look.brand, look.accent]) assert.match(colour, /^#[0-9a-f]{6}$/);
    assert.ok(['editorial', 'grotesk', 'humanist', 'display'].includes(look.fonts));
    assert.ok(['soft', 'sharp'].includes(look.corners));
    assert.ok(['light', 'brand', 'dark'].includes(look.header));
    checkText(look.hero_alt, 'hero_alt', 125);
    checkText(site.texts.tagline, 'tagline', 90);
    checkText(site.texts.intro, 'intro', 420);
    for (const name of Object.keys(site.features)) assert.match(name, /^[a-z][a-z0-9-]{1,30}$/);
  });

  test(`${folder}: lists, offers and their slots`, () => {
    checkCodes(site.categories, 'slug', 'categories');
    for (const category of site.categories) {
      checkText(category.name, category.slug, 40);
      assert.ok(site.offers.some((offer) => offer.category === category.slug), `${category.slug}: no offer`);
    }
    checkCodes(site.taxes, 'code', 'taxes');
    for (const tax of site.taxes) {
      checkText(tax.name, tax.code, 40);
      integer(tax.rate_ppm, 1, 300_000, tax.code);
      assert.ok(site.offers.some((offer) => offer.tax === tax.code), `${tax.code}: no offer`);
    }
    checkCodes(site.resources, 'code', 'resources');
    for (const resource of site.resources) {
      assert.ok(['court', 'room', 'therapist', 'stage'].includes(resource.kind), resource.code);
      assert.ok(resource.name, resource.code);
    }
    checkCodes(site.offers, 'slug', 'offers');
    for (const offer of site.offers) checkOffer(offer, site, offer.slug);
    checkAllocations(site, folder);
    const slots = site.offers.reduce((sum, offer) =>
      sum + offerStarts(offer, offer.slug).length * (offer.exclusive ? resourcesOf(offer).length : 1), 0);
    assert.ok(slots / CHECKED_WEEKS >= 10 && slots / CHECKED_WEEKS < 1500, `${slots / CHECKED_WEEKS} slots a week`);
  });

  test(`${folder}: coupons`, () => {
    checkCodes(site.coupons, 'code', 'coupons', /^[A-Z0-9]{4,20}$/);
    for (const coupon of site.coupons) {
      onlyKeys(coupon, ['code', 'kind', 'value', 'offers', 'uses', 'per_buyer'], [], coupon.code);
      assert.ok(['percent', 'amount'].includes(coupon.kind), coupon.code);
      integer(coupon.value, 1, coupon.kind === 'percent' ? 100 : 1_000_000, coupon.code);
      integer(coupon.uses, 1, 100_000, coupon.code);
      integer(coupon.per_buyer, 1, coupon.uses, coupon.code);
      for (const slug of coupon.offers ?? []) {
        assert.ok(site.offers.some((offer) => offer.slug === slug), `${coupon.code}: ${slug}`);
      }
    }
    if (site.coupons.length > 0) assert.ok('coupons' in site.features, 'coupons need their feature');
  });

  test(`${folder}: what features bring is texts in every language`, () => {
    const preferences = site['marketing-preferences'] ?? [];
    assert.equal(preferences.length > 0, 'marketing-preferences' in site.features);
    for (const { code, title, text } of preferences) {
      assert.match(code, /^[a-z]+$/);
      for (const texts of [title, text]) assert.deepEqual(Object.keys(texts), ['en', 'fr', 'es'], code);
    }
    const categories = site['customer-categories'] ?? [];
    assert.equal(categories.length > 0, 'customer-categories' in site.features);
    for (const { code, name, kind, value, offers } of categories) {
      assert.deepEqual(Object.keys(name), ['en', 'fr', 'es'], code);
      assert.ok(['percent', 'amount'].includes(kind), code);
      integer(value, 1, kind === 'percent' ? 100 : 1_000_000, code);
      for (const slug of offers ?? []) assert.ok(site.offers.some((offer) => offer.slug === slug), `${code}: ${slug}`);
    }
  });

  test(`${folder}: pictures exist, stand alone and are all used`, () => {
    const files = [site.branding.hero, ...site.offers.map((offer) => offer.image)];
    checkArt(folder, site.branding.hero, 1600, 1000);
    for (const offer of site.offers) checkArt(folder, offer.image, 1200, 900);
    if (demo) {
      files.push(site.branding.logo);
      checkArt(folder, site.branding.logo, 64, 64);
    }
    assert.equal(new Set(files).size, files.length, 'one picture an offer');
    assert.deepEqual(readdirSync(join(TENANTS, folder)).sort(), ['site.json', ...files].sort());
  });
}

test('each kind has a blueprint of four to six offers', () => {
  const blueprints = sites.filter(({ demo }) => !demo);
  assert.deepEqual(blueprints.map(({ site }) => site.kind).sort(), [...KINDS].sort());
  for (const { folder, site } of blueprints) {
    assert.equal(folder, join('blueprints', site.kind));
    integer(site.offers.length, 4, 6, folder);
    checkText(site.title, `${folder}.title`, 40);
    checkText(site.summary, `${folder}.summary`);
  }
});

test('the demo sites are four different venues in depth', () => {
  const demos = sites.filter(({ demo }) => demo);
  const distinct = (pick) => new Set(demos.map(({ site }) => pick(site)));
  assert.equal(distinct((site) => site.kind).size, 4);
  assert.equal(distinct((site) => site.branding.brand).size, 4);
  assert.equal(distinct((site) => site.time_zone).size, 4);
  assert.deepEqual([...distinct((site) => site.currency)].sort(), ['EUR', 'GBP', 'JPY']);
  assert.deepEqual([...distinct((site) => site.languages[0])].sort(), [...LANGUAGES].sort());
  for (const { folder, site } of demos) {
    assert.equal(folder, join('demo', site.slug));
    assert.match(site.slug, /^[a-z][a-z0-9-]{1,30}$/);
    assert.ok(site.offers.length >= 10, `${folder}: ${site.offers.length} offers`);
    assert.ok(site.offers.every((offer) => offer.sales.opens_days_before >= 60), `${folder}: sold 60 days ahead`);
    assert.ok(site.manager.email.endsWith(`@${site.slug}.example`), site.manager.email);
    assert.ok(site.manager.password.length >= 12, `${folder}: password`);
    assert.ok(site.contact.email.endsWith('.example'), site.contact.email);
    assert.match(site.contact.phone, /^\+[\d ]{9,20}$/);
    assert.ok(site.contact.address.length > 10, folder);
  }
});
