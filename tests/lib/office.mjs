// The back office as its staff uses it: logging in by role, offers, pictures.
import { deflateSync } from 'node:zlib';

// A visitor who is logged in as the site's manager, or as somebody else of its staff.
export async function staff(site, { email, password } = site.manager) {
  const visitor = site.visitor();
  const answer = await visitor.postJson('/manage/login', { email, password });
  if (answer.status !== 200) throw new Error(`${email} can't log in: ${answer.text}`);
  return visitor;
}

// Somebody else of the site's staff, with the manager's password.
export async function hire(server, site, role, email = `hired-${role}@${site.slug}.example`) {
  await server.sql(
    `INSERT INTO staff (tenant_id, email, email_folded, name, role, password_hash, created_at)
     SELECT s.tenant_id, $2, $2, $3, $4, s.password_hash, s.created_at
       FROM staff s JOIN site USING (tenant_id) WHERE site.slug = $1 AND s.email = $5`,
    [site.slug, email, role === 'owner' ? 'Olga Owner' : 'Ben Colleague', role, site.manager.email],
  );
  return { email, password: site.manager.password };
}

export async function offerId(server, site, slug) {
  const rows = await server.sql(
    'SELECT o.offer_id::text AS id FROM offer o JOIN site s USING (tenant_id) WHERE s.slug = $1 AND o.slug = $2',
    [site.slug, slug]);
  return rows[0]?.id;
}

// A PNG of one colour with lines that differ, so that it doesn't shrink to nothing.
export function png(width, height, { colour = [200, 80, 40] } = {}) {
  const row = Buffer.alloc(1 + width * 3);
  for (let x = 0; x < width; x++) row.set(colour.map((c) => (c + x) & 255), 1 + x * 3);
  const data = Buffer.concat(Array.from({ length: height }, () => row));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return pngOf(head, deflateSync(data));
}

// From its parts: also one that lies about its size.
export function pngOf(head, data) {
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let k = 0; k < 8; k++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// multipart/form-data as a browser writes it: fields, and files as [name, type, bytes].
export function multipart(fields, files = {}) {
  const boundary = '----vitrine-test-boundary';
  const parts = [];
  for (const [name, value] of Object.entries(fields)) {
    parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`);
  }
  for (const [name, [file, type, bytes]] of Object.entries(files)) {
    parts.push(
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"; filename="${file}"\r\nContent-Type: ${type}\r\n\r\n`,
      bytes, '\r\n');
  }
  parts.push(`--${boundary}--\r\n`);
  return {
    body: Buffer.concat(parts.map((part) => Buffer.from(part))),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  };
}
