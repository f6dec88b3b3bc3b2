// Pictures of offers are encoded again in three sizes; bombs, SVG with script, HEIC and 20,000 px are
// refused; uploads larger than the body cap go in parts to /manage/uploads/ID.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import test from 'node:test';
import { root, startServer } from '../lib/index.mjs';
import { eventually } from '../lib/feature.mjs';
import { hire, multipart, offerId, png, pngOf, staff } from '../lib/office.mjs';

const server = await startServer({ workers: 2 });
const site = await server.createSite();
const other = await server.createSite();
const mary = await staff(site);
const id = await offerId(server, site, 'tour');
const path = `/manage/offers/${id}/picture`;

async function send(bytes, { name = 'photo.png', type = 'image/png', visitor = mary } = {}) {
  const page = await visitor.visit(path);
  const csrf = page.document.querySelector('form[enctype] input[name=csrf]').getAttribute('value');
  const { body, headers } = multipart({ csrf, upload: '' }, { picture: [name, type, bytes] });
  return visitor.post(path, { body, headers, follow: true });
}
const image = async () => (await server.sql('SELECT image FROM offer WHERE offer_id = $1', [id]))[0].image;
const webpSize = (bytes) => {
  assert.equal(bytes.toString('latin1', 0, 4) + bytes.toString('latin1', 8, 12), 'RIFFWEBP');
  assert.equal(bytes.toString('latin1', 12, 15), 'VP8');
  return bytes[15] === 0x20
    ? [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff]
    : [(bytes.readUIntLE(24, 3) + 1), (bytes.readUIntLE(27, 3) + 1)];
};
// A header that promises what the data don't hold.
const liar = (width, height) => {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return pngOf(head, deflateSync(Buffer.alloc(100)));
};

test('a picture comes in three sizes, is cached for ever, and the storefront follows within a second', async () => {
  const page = await send(png(2000, 1000));
  assert.match(page.words('.notice'), /The picture is in place/);
  const name = await image();
  assert.match(name, /^files\/[0-9a-f]{32}$/);
  for (const [tail, size] of [['l', [1600, 800]], ['m', [800, 400]], ['s', [400, 200]]]) {
    const file = await site.visitor().get(`/${name}-${tail}.webp`);
    assert.equal(file.status, 200);
    assert.equal(file.headers['content-type'], 'image/webp');
    assert.match(file.headers['cache-control'], /max-age=31536000, immutable/);
    assert.equal(file.headers['x-content-type-options'], 'nosniff');
    assert.deepEqual(webpSize(file.bytes), size);
  }
  await eventually(async () => {
    const shown = (await site.visitor().get('/offers/tour')).document.querySelector('.offer__picture img');
    return [shown.getAttribute('src'), shown.getAttribute('srcset')?.split(', ').length];
  }, [`/${name}-m.webp`, 3], 1000);
  const { json } = await site.visitor().getJson('/offers/tour');
  assert.equal(json.offer.image_url, `/${name}-m.webp`);
});

test('a photo is turned upright, and what its file says of place and camera is gone', async () => {
  const photo = readFileSync(join(root, 'tenants/screenshots/museum.jpg'));
  const tiff = Buffer.from('MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0SECRETPLACE', 'latin1');
  const exif = Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), tiff]);
  const marker = Buffer.from([0xff, 0xe1, (exif.length + 2) >> 8, (exif.length + 2) & 255]);
  const turned = Buffer.concat([photo.subarray(0, 2), marker, exif, photo.subarray(2)]);
  await send(photo, { name: 'photo.jpg', type: 'image/jpeg' });
  const plain = (await site.visitor().get(`/${await image()}-s.webp`)).bytes;
  const page = await send(turned, { name: 'photo.jpg', type: 'image/jpeg' });
  assert.match(page.words('.notice'), /in place/);
  const upright = (await site.visitor().get(`/${await image()}-s.webp`)).bytes;
  const ratio = ([width, height]) => width / height;
  assert.ok(Math.abs(ratio(webpSize(plain)) * ratio(webpSize(upright)) - 1) < 0.02, 'a quarter turn');
  assert.ok(!upright.includes('SECRETPLACE'));
  const cut = await send(photo.subarray(0, photo.length / 2), { name: 'photo.jpg', type: 'image/jpeg' });
  assert.match(cut.errors.picture, /damaged/);
});

test('another site has none of it', async () => {
  assert.equal((await other.visitor().get(`/${await image()}-m.webp`)).status, 404);
});

test('bombs, drawings with scripts, HEIC and 20,000 pixels are refused in clear words', async () => {
  const before = await image();
  const heic = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from('ftypheic'), Buffer.alloc(64)]);
  for (const [bytes, words] of [
    [Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'), /drawing that may carry a program/],
    [Buffer.from('\ufeff  <?xml version="1.0"?><svg onload="x"/>'), /drawing/],
    [heic, /HEIC/],
    [liar(20_000, 20_000), /too many pixels/],
    [liar(20_000, 10), /too many pixels/],
    [liar(11_000, 11_000), /too many pixels/],
    [liar(2_147_483_647, 2_147_483_647), /damaged|too many pixels/],
    [liar(1000, 1000), /damaged/],
    [png(100, 100), /too small/],
    [png(2000, 1000).subarray(0, 300), /damaged/],
    [Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, ...Buffer.from('JFIF')]), /damaged/],
    [Buffer.from('RIFF\x10\0\0\0WEBPVP8 garbage', 'latin1'), /damaged/],
    [Buffer.from('GIF89a and more of it'), /not a JPEG, PNG or still WebP/],
    [Buffer.from('MZ this is a program'), /not a JPEG/],
  ]) {
    const page = await send(bytes);
    assert.equal(page.status, 422, words);
    assert.match(page.errors.picture, words);
  }
  const none = await send(Buffer.alloc(0));
  assert.match(none.errors.picture, /Choose a picture first/);
  assert.equal(await image(), before);
  assert.equal((await site.visitor().get('/')).status, 200);
});

test('a body that is no form, has no token, or comes from elsewhere changes nothing', async () => {
  const before = await image();
  const { body, headers } = multipart({ csrf: 'wrong' }, { picture: ['x.png', 'image/png', png(500, 400)] });
  assert.equal((await mary.post(path, { body, headers })).status, 403);
  assert.equal((await mary.post(path, { body: body.subarray(0, body.length - 30), headers })).status, 400);
  assert.equal((await mary.post(path, { body, headers: { 'content-type': 'multipart/form-data' } })).status, 400);
  assert.equal((await mary.post(path, { body, headers: { ...headers, origin: 'http://evil.example', 'sec-fetch-site': 'cross-site' } })).status, 403);
  assert.equal(await image(), before);
});

test('design: what is larger than one request comes in parts, in order, by whoever began it', async () => {
  const bytes = Buffer.concat([png(900, 600), Buffer.alloc(9 << 20)]);
  const begun = await mary.postJson('/manage/uploads', { size: bytes.length, name: 'large.png' });
  assert.equal(begun.status, 201);
  const { upload_url: url, part_max: most, id: upload } = begun.json;
  const part = (at, visitor = mary, to = bytes.subarray(at, at + most)) =>
    visitor.post(`${url}?at=${at}`, { body: to, headers: { accept: 'application/json', 'content-type': 'application/octet-stream' } });
  assert.equal((await part(0)).json.received, most);
  assert.equal((await part(0)).status, 409, 'twice');
  assert.equal((await part(2 * most)).status, 409, 'a gap');
  const ben = await staff(site, await hire(server, site, 'manager'));
  assert.equal((await part(most, ben)).status, 404, 'somebody else');
  assert.equal((await part(most, await staff(other))).status, 404, 'another site');
  assert.equal((await mary.postJson(path, { upload })).status, 422, 'incomplete');
  for (let at = most; at < bytes.length; at += most) assert.equal((await part(at)).status, 200);
  assert.equal((await mary.getJson(url)).json.received, bytes.length);
  const done = await mary.postJson(path, { upload });
  assert.equal(done.status, 200, done.text);
  assert.equal((await mary.getJson(url)).status, 404, 'taken');
  assert.equal((await mary.postJson('/manage/uploads', { size: 300 << 20 })).status, 413);
});

test('the picture is removed again, audited with before and after', async () => {
  const before = await image();
  const page = await (await mary.visit(path)).submit('Remove the picture');
  assert.match(page.words('.notice'), /The picture is removed/);
  const [row] = await server.sql(
    "SELECT action, before, after FROM audit WHERE object_kind = 'offer' AND object_id = $1 ORDER BY audit_id DESC LIMIT 1", [id]);
  assert.deepEqual(row, { action: 'offer.picture_remove', before: { image: before }, after: { image: null } });
});

test('a picture that nothing shows is forgotten after 90 days; one in an offer or in a version of the look stays', async () => {
  const exists = async (name) => (await site.visitor().get(`/${name}-s.webp`)).status;
  const sent = async (width) => { await send(png(width, 500)); return image(); };
  const replaced = await sent(700);
  const look = await sent(701);
  const fresh = await sent(702);
  const shown = await sent(703);
  await server.sql(
    `INSERT INTO edition (tenant_id, subject, version, value, at, actor_name)
     SELECT tenant_id, 'branding', 9000, jsonb_build_object('branding', jsonb_build_object('logo', $2::text)), now(), 'Ana'
       FROM offer WHERE offer_id = $1`, [id, look]);
  await server.sql(`UPDATE file SET created_at = now() - interval '91 days' WHERE 'files/' || split_part(name, '-', 1) <> $1`, [fresh]);
  assert.equal(await exists(replaced), 200, 'until room is made for the next one');
  await send(png(704, 500));
  assert.deepEqual([await exists(replaced), await exists(shown), await exists(look), await exists(fresh)], [404, 200, 200, 200],
    'the last one shown was still shown when the next one came');
});
