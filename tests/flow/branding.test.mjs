// P3: the look: saved once, it is everywhere within a second (storefront, mails); tried without
// being saved; in versions; colours that can't be read are corrected and said, wrong ones refused.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test from 'node:test';
import { deflateSync } from 'node:zlib';
import { parseHTML } from 'linkedom';
import { eventually } from '../lib/feature.mjs';
import { startServer } from '../lib/index.mjs';
import { Buyer, slotsOf } from '../lib/sale.mjs';

// A PNG of one colour.
function png(width, height) {
  const crc = (bytes) => {
    let c = ~0;
    for (const byte of bytes) { c ^= byte; for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1; }
    return ~c >>> 0;
  };
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const out = Buffer.alloc(8);
    out.writeUInt32BE(data.length);
    out.writeUInt32BE(crc(body), 4);
    return Buffer.concat([out.subarray(0, 4), body, out.subarray(4)]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width); head.writeUInt32BE(height, 4); head[8] = 8; head[9] = 2;
  const rows = Buffer.alloc(height * (1 + 3 * width), 90);
  for (let y = 0; y < height; y++) rows[y * (1 + 3 * width)] = 0;
  return Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

const server = await startServer({ workers: 2 });
const site = await server.createSite();
const other = await server.createSite();

async function logIn(where) {
  const visitor = where.visitor();
  await visitor.postJson('/manage/login', { email: where.manager.email, password: where.manager.password });
  return visitor;
}
const mary = await logIn(site);
const css = async (where = site) => (await where.visitor().get('/site.css')).text;

test('P3: colours, letters, corners, header and words hold everywhere within a second', async () => {
  const strangers = await css(other);
  const page = await mary.visit('/manage/branding');
  const saved = await page.submit('Save', {
    brand: '#7c2d12', fonts: 'display', corners: 'sharp', header: 'brand', tagline_en: 'Come and see', tagline_fr: 'Venez voir' });
  assert.match(saved.words('.notice'), /Saved/);
  await eventually(async () => (await css()).includes('--brand:light-dark(#7c2d12'), true, 1000);
  const home = await site.visitor().visit('/');
  assert.equal(home.document.documentElement.dataset.fonts, 'display');
  assert.equal(home.document.documentElement.dataset.corners, 'sharp');
  assert.equal(home.document.documentElement.dataset.header, 'brand');
  assert.match(home.words('footer'), /Come and see/);
  assert.match((await site.visitor().visit('/fr')).words('footer'), /Venez voir/);
  assert.equal(await css(other), strangers);
  const buyer = new Buyer(site);
  const [slot] = await slotsOf(server, site, 'tour');
  await buyer.book('tour', slot, { adult: 1 });
  await buyer.buy();
  assert.match((await server.mail({ to: 'ann@buyer.example' })).html, /#7c2d12/);
});

test('P3: a look is tried on the real storefront without being saved', async () => {
  const page = await (await mary.visit('/manage/branding')).submit('Preview', { brand: '#1d4ed8', corners: 'soft' });
  assert.equal(page.status, 200);
  const frame = page.all('iframe')[0].getAttribute('src');
  const look = await mary.get(frame);
  assert.equal(look.status, 200);
  assert.equal(look.headers['x-frame-options'], 'SAMEORIGIN');
  assert.match(look.headers['content-security-policy'], /frame-ancestors 'self'/);
  assert.equal(look.document.documentElement.dataset.corners, 'soft');
  assert.match(look.words('main'), /Tour/);
  const sheet = look.all('link[rel=stylesheet]').map((link) => link.getAttribute('href')).find((url) => url.includes('preview.css'));
  assert.match((await mary.get(sheet)).text, /#1d4ed8/);
  assert.match(await css(), /#7c2d12/);
  assert.equal((await site.visitor().get(frame)).status, 302, 'for staff only');
  assert.equal((await mary.get('/manage/branding')).headers['x-frame-options'], 'DENY');
});

test('P3: a colour that can’t be read is corrected, and said; one that is none is refused', async () => {
  const wrong = await mary.postJson('/manage/branding', { do: 'save', seen: 1, brand: 'red' });
  assert.equal(wrong.status, 422);
  assert.equal(wrong.json.errors[0].code, 'colour');
  const forged = await mary.postJson('/manage/branding', { do: 'save', seen: 1, fonts: 'comic' });
  assert.equal(forged.status, 422);
  const saved = await (await mary.visit('/manage/branding')).submit('Save', { brand: '#22a05b' });
  assert.match(saved.words('.notices'), /#22a05b is too light.*#[0-9a-f]{6} is used/);

  const { json: { seen, corrected } } = await mary.getJson('/manage/branding');
  const told = await mary.postJson('/manage/branding', { do: 'save', seen, brand: '#22a05b', accent: '#1d4ed8' });
  assert.equal(told.status, 200, told.text);
  assert.deepEqual(told.json.corrected, corrected, 'a program is told too');
  assert.deepEqual(corrected.map(({ field, given }) => [field, given]), [['brand', '#22a05b']]);
  assert.match(corrected[0].used, /^#[0-9a-f]{6}$/);
});

test('P3: versions: one goes back, two people see each other', async () => {
  const stale = await mary.visit('/manage/branding');
  const back = await stale.submit('Go back to it Version 1');
  assert.match(back.words('.notice'), /Saved/);
  await eventually(async () => (await css()).includes('#7c2d12'), true, 1000);
  const late = await stale.submit('Save', { brand: '#000080' });
  assert.equal(late.status, 409);
  assert.match(late.words('.conflict'), /Mary Manager saved this/);
  assert.equal(late.form('Save').values?.brand ?? '#000080', '#000080');
  const first = await (await mary.visit('/manage/branding')).submit('Go back to it As it began');
  assert.match(first.words('.notice'), /Saved/);
  await eventually(async () => (await site.visitor().visit('/')).document.documentElement.dataset.fonts, 'humanist', 1000);
  const rows = await server.sql(`SELECT actor_name FROM audit WHERE action = 'branding.save'`);
  assert.equal(rows.length, 5);
});

test('P3: a logo is encoded again, shown everywhere, part of the versions; bad ones are refused', async () => {
  const page = await mary.visit('/manage/branding/pictures/logo');
  const csrf = page.document.querySelector('form[enctype] input[name=csrf]').getAttribute('value');
  const send = (bytes, type) => {
    const body = Buffer.concat([
      Buffer.from(`--x\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n${csrf}\r\n`),
      Buffer.from(`--x\r\nContent-Disposition: form-data; name="picture"; filename="a"\r\nContent-Type: ${type}\r\n\r\n`),
      bytes, Buffer.from('\r\n--x--\r\n')]);
    return mary.post('/manage/branding/pictures/logo', { body, headers: { 'content-type': 'multipart/form-data; boundary=x' } });
  };
  const svg = await send(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), 'image/svg+xml');
  assert.equal(svg.status, 422);
  assert.ok(svg.errors.picture);
  assert.equal((await send(png(800, 600), 'image/png')).status, 303);
  await eventually(async () => /\/files\/\w+-s\.webp/.test((await site.visitor().visit('/')).all('.logo img')[0]?.getAttribute('src') ?? ''), true, 1000);
  const url = (await site.visitor().visit('/')).all('.logo img')[0].getAttribute('src');
  const file = await site.visitor().get(url);
  assert.equal(file.headers['content-type'], 'image/webp');
  assert.equal((await other.visitor().get(url)).status, 404);
});

// One page of a PDF as pixels.
function pagePixels(pdf) {
  const ppm = execFileSync('pdftoppm', ['-r', '72', '-f', '1', '-l', '1', '-'], { input: pdf, maxBuffer: 1 << 26 });
  const [, width] = ppm.subarray(0, 20).toString().match(/^P6\n(\d+) (\d+)\n255\n/);
  const start = ppm.indexOf('255\n') + 4;
  return (x, y) => `#${ppm.subarray(start + 3 * (y * width + x)).subarray(0, 3).toString('hex')}`;
}

test('P3: saved colour, letters and logo reach the mail and the ticket, without anything to be fetched', async () => {
  const look = async (changes) => {
    const { json: { seen } } = await mary.getJson('/manage/branding');
    assert.equal((await mary.postJson('/manage/branding', { do: 'save', seen, ...changes })).status, 200);
    await eventually(async () => (await css()).includes(`--brand:light-dark(${changes.brand}`), true, 1000);
  };
  const bought = async (where, email) => {
    const buyer = new Buyer(where);
    const [, slot] = await slotsOf(server, where, 'tour');
    const details = buyer.details.bind(buyer);
    buyer.details = (given) => details({ ...given, email });
    await buyer.book('tour', slot, { adult: 1 });
    await buyer.buy();
    const mail = await server.mail({ to: email });
    return { mail, pdf: mail.attachments.find(({ type }) => type === 'application/pdf').bytes };
  };
  const fonts = (pdf) => execFileSync('pdffonts', ['-'], { input: pdf }).toString();
  const pictures = (pdf) => execFileSync('pdfimages', ['-list', '-'], { input: pdf }).toString().trim().split('\n').slice(2);

  await look({ brand: '#7c2d12', fonts: 'editorial', header: 'light' });
  const { mail, pdf } = await bought(site, 'logo@buyer.example');
  const [img] = parseHTML(mail.html).document.querySelectorAll('img');
  assert.equal(img.getAttribute('src'), 'cid:logo.png');
  assert.equal(img.getAttribute('alt'), site.name);
  assert.deepEqual([img.getAttribute('width'), img.getAttribute('height')], ['64', '48'], 'the shape of 800 by 600');
  assert.doesNotMatch(mail.html.replace(/<a [^>]*>/g, ''), /(src|url\()=?"?https?:/, 'nothing is fetched');
  const logo = mail.attachments.find(({ name }) => name === 'logo.png');
  assert.equal(logo.type, 'image/png');
  assert.deepEqual([logo.bytes.readUInt32BE(16), logo.bytes.readUInt32BE(20)], [128, 96]);
  assert.match(mail.source, /multipart\/related[^]*Content-ID: <logo\.png>\r\nContent-Disposition: inline/);
  assert.match(mail.html, /#7c2d12/);
  assert.match(fonts(pdf), /NotoSerif/);
  assert.ok(pictures(pdf).length >= 1);
  const at = pagePixels(pdf);
  assert.equal(at(60, 60), '#7c2d12', 'the head of the card');
  assert.equal(at(90, 81), '#ffffff', 'a plate behind a logo made for a light header');
  assert.match(at(105, 101), /^#(5[89ab]){3}$/, 'the logo');

  await look({ brand: '#1e3a8a', fonts: 'grotesk', header: 'brand' });
  const later = await bought(site, 'later@buyer.example');
  assert.doesNotMatch(fonts(later.pdf), /NotoSerif/);
  assert.equal(pagePixels(later.pdf)(60, 60), '#1e3a8a');
  assert.notEqual(pagePixels(later.pdf)(83, 79), '#ffffff', 'no plate where the header has the colour of the brand');
  const strangers = await bought(other, 'stranger@buyer.example');
  assert.doesNotMatch(strangers.mail.html, /<img/);
  assert.deepEqual(pictures(strangers.pdf), []);
  assert.ok(!strangers.mail.attachments.some(({ name }) => name === 'logo.png'));
});

test('P3: another site’s versions aren’t there', async () => {
  const stranger = await logIn(other);
  assert.equal((await stranger.postJson('/manage/branding/restore/1', {})).status, 404);
});
