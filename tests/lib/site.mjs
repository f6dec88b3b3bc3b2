// A small site as data, the format of tenants/*/site.json: every test has its own.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const words = (text) => ({ en: text, fr: `${text} (fr)`, es: `${text} (es)` });

// Addresses that nobody could take for one another: the platform refuses look-alikes.
const addresses = 'abbey bridge castle dome estate forge gallery harbour island jetty'.split(' ');
let made = 0;

function newSlug() {
  const round = Math.floor(made / addresses.length);
  return addresses[made++ % addresses.length] + (round ? `-${round + 1}` : '');
}

// A museum with a daily tour of ten places, and a court that one party takes. Anything may be
// replaced; lists are replaced whole.
export function siteData(changes = {}) {
  const slug = changes.slug ?? newSlug();
  return {
    kind: 'museum',
    name: `House of ${slug}`,
    slug,
    currency: 'EUR',
    time_zone: 'Europe/Paris',
    languages: ['en', 'fr', 'es'],
    manager: { name: 'Mary Manager', email: `manager@${slug}.example`, password: 'correct horse battery' },
    features: { 'pay-at-venue': {}, 'sandbox-pay': {}, coupons: {} },
    branding: { brand: '#0f766e', fonts: 'humanist', corners: 'soft', header: 'light' },
    texts: { tagline: words('Come in'), intro: words('A house with a tour') },
    contact: { email: `desk@${slug}.example`, phone: '+33 1 23 45 67 89', address: '1 rue du Test, Paris' },
    taxes: [{ code: 'standard', name: words('VAT'), rate_ppm: 200_000, included: true }],
    categories: [{ slug: 'visits', name: words('Visits') }],
    resources: [{ code: 'court-1', name: 'Court 1', kind: 'court' }],
    offers: [tour(), court()],
    coupons: [],
    ...changes,
  };
}

export function tour(changes = {}) {
  return {
    slug: 'tour',
    kind: 'event',
    category: 'visits',
    title: words('Tour'),
    line: words('An hour with a guide'),
    description: words('Through **every** room.'),
    duration_min: 60,
    capacity: 10,
    tax: 'standard',
    sales: { min_per_order: 1, max_per_order: 8, opens_days_before: 60, closes_min_before: 0 },
    rates: [
      { code: 'adult', name: words('Adult'), price: 1200 },
      { code: 'child', name: words('Child'), price: 600 },
    ],
    schedule: [{ days: [1, 2, 3, 4, 5, 6, 7], at: ['10:00', '14:00'] }],
    ...changes,
  };
}

export function court(changes = {}) {
  return {
    slug: 'court',
    kind: 'service',
    category: 'visits',
    title: words('Court'),
    line: words('An hour of play'),
    description: words('Bring shoes.'),
    duration_min: 60,
    capacity: 1,
    exclusive: true,
    resource: 'court-1',
    tax: 'standard',
    sales: { min_per_order: 1, max_per_order: 1, opens_days_before: 60, closes_min_before: 0 },
    rates: [{ code: 'court', name: words('Court'), price: 3000 }],
    schedule: [{ days: [1, 2, 3, 4, 5, 6, 7], from: '09:00', to: '21:00', every_min: 60 }],
    ...changes,
  };
}

// Writes a folder of sites with this one in it, as `vitrine site demo` takes it, and returns its path.
export function writeSite(parent, data) {
  const folder = join(parent, 'sites', `only-${data.slug}`);
  mkdirSync(join(folder, data.slug), { recursive: true });
  writeFileSync(join(folder, data.slug, 'site.json'), JSON.stringify(data, null, 2));
  return folder;
}
