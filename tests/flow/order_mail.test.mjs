import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { Buyer, checkInvariants, slotsOf, startServer, temporaryFolder, tour } from '../lib/index.mjs';

const server = await startServer();
const site = await server.createSite();
const [slot, next] = await slotsOf(server, site, 'tour');
const folder = temporaryFolder();

// A file's pages as text, and what a camera reads from each.
function readPdf(bytes) {
  const file = join(folder, 'tickets.pdf');
  writeFileSync(file, bytes);
  execFileSync('pdftoppm', ['-png', '-r', '110', file, join(folder, 'page')]);
  const pages = Number(execFileSync('pdfinfo', [file], { encoding: 'utf8' }).match(/^Pages: +(\d+)/m)[1]);
  const images = Array.from({ length: pages }, (_, i) => join(folder, `page-${i + 1}.png`));
  const codes = images.map((image) => execFileSync('zbarimg', ['--quiet', '--raw', '--nodbus', image], { encoding: 'utf8' }).trim());
  return { text: execFileSync('pdftotext', ['-layout', file, '-'], { encoding: 'utf8' }), codes };
}

test('"receives a mail with the ticket PDF (QR code, code also in print) and a calendar file"', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { adult: 2, child: 1 });
  const address = await ann.buy();
  const order = (await ann.visitor.getJson(address)).json;

  const mail = await server.mail({ to: 'ann@buyer.example' });
  assert.ok(mail.subject.includes(order.order.code));
  assert.deepEqual(mail.attachments.map((a) => [a.name, a.type]), [
    [`${order.order.code}.pdf`, 'application/pdf'],
    [`${order.order.code}.ics`, 'text/calendar'],
  ]);
  assert.equal(mail.headers['reply-to'].includes(`desk@${site.slug}.example`), true);

  const pdf = readPdf(mail.attachments[0].bytes);
  assert.deepEqual(pdf.codes, order.tickets.map((t) => t.code));
  for (const { code } of order.tickets) assert.ok(pdf.text.includes(`${code.slice(0, 4)} ${code.slice(4)}`), 'in print');
  assert.ok(pdf.text.includes('Ann Buyer') && pdf.text.includes('Tour') && pdf.text.includes('Child'));

  const calendar = mail.attachments[1].bytes.toString().replaceAll('\r\n ', '');
  assert.equal(calendar.match(/BEGIN:VEVENT/g).length, 2, 'a line each');
  assert.match(calendar, /SUMMARY:Tour/);
  assert.match(calendar, new RegExp(`DTSTART[^\r]*${slot.starts_at.toISOString().slice(0, 10).replaceAll('-', '')}`));

  for (const words of [order.order.code, 'Tour', '2 × Adult', '1 × Child', '€30.00']) {
    assert.ok(mail.text.includes(words), `text: ${words}`);
  }
  const link = mail.text.match(/https?:\/\/\S+\/orders\/\S+/)[0];
  assert.equal((await site.visitor().get(new URL(link).pathname + new URL(link).search)).status, 200);
  assert.ok(mail.html.includes(link.replaceAll('&', '&amp;')));
  await checkInvariants(server);
});

test('order page, basket, mail and PDF name the same amounts', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', next, { adult: 3 });
  const basket = (await ann.basket()).order;
  const order = (await ann.visitor.getJson(await ann.buy())).json.order;
  const mail = await server.mail({ subject: order.code });
  assert.equal(order.total.text, basket.total.text);
  assert.deepEqual(order.included_taxes, basket.included_taxes);
  assert.ok(mail.text.includes(`Total: ${order.total.text}`));
  assert.ok(mail.text.includes(`VAT 20% included: ${order.included_taxes[0].amount.text}`));
  assert.ok(readPdf(mail.attachments[0].bytes).text.includes(order.lines[0].unit_price.text));
});

test('"language of the order": who buys in French is written to in French', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', slot, { adult: 1 }); // in English, then the page's language is changed
  const details = await ann.visitor.postJson('/fr/checkout', { name: 'Zoë Çelik', email: 'zoe@buyer.example' });
  assert.equal(details.status, 200, details.text);
  const paid = await ann.visitor.postJson('/fr/checkout/pay', { method: 'pay-at-venue' });
  assert.match(paid.json.location, /^\/fr\/orders\//);
  const mail = await server.mail({ to: 'zoe@buyer.example' });
  assert.match(mail.subject, /^Votre réservation/);
  assert.match(mail.text, /Tour \(fr\)/);
  assert.match(mail.text, /1 × Adult \(fr\)/);
  assert.match(mail.text, /\/fr\/orders\//);
  assert.match(readPdf(mail.attachments[0].bytes).text, /Zoë Çelik/);
});

test('it says how it was paid, with the space before a French colon', async () => {
  const ann = new Buyer(site);
  await ann.book('tour', next, { adult: 1 });
  const [, code] = (await ann.buyByCard()).match(/\/orders\/(\w+)/);
  const paid = await server.mail({ subject: code });
  assert.match(paid.text, /^Card: €12\.00 paid on \d+ \w+ \d{4}$/m);
  assert.ok(paid.html.includes('Card: €12.00 paid on'));

  const zoe = new Buyer(site);
  await zoe.book('tour', next, { adult: 1 });
  await zoe.visitor.postJson('/fr/checkout', { name: 'Zoë', email: 'colon@buyer.example' });
  await zoe.visitor.postJson('/fr/checkout/pay', { method: 'pay-at-venue' });
  const french = await server.mail({ to: 'colon@buyer.example' });
  assert.match(french.text, /^Total\u00a0: 12,00\u00a0€$/m);
  assert.match(french.text, /^Ouvrir la commande\u00a0: http/m);
});

test('a name from any script reaches mail and ticket whole, and no header', async () => {
  const ann = new Buyer(site);
  const name = 'محمد 😀 <b>"Bob"</b> Ω';
  await ann.book('tour', slot, { adult: 1 });
  await ann.details({ name, email: "o'hara+x@buyer.example" });
  assert.equal((await ann.pay('pay-at-venue')).status, 201);
  const mail = await server.mail({ to: "o'hara+x@buyer.example" });
  assert.ok(mail.text.includes(name));
  assert.ok(mail.html.includes('&lt;b&gt;'));
  assert.equal(mail.headers.bcc, undefined);
});

test('a job that runs again sends nothing again', async () => {
  const before = (await server.mails()).length;
  await server.sql("UPDATE job SET state = 'waiting', run_at = now() - interval '1 hour' WHERE kind = 'mail.order'");
  assert.equal((await server.mails()).length, before);
  const [{ mails }] = await server.sql("SELECT count(*)::int AS mails FROM mail WHERE key = 'order'");
  assert.equal(mails, before);
});
