// The mails a server left in its outbox, parsed.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import PostalMime from 'postal-mime';

// [{from, to: [address], subject, text, html, headers, attachments: [{name, type, bytes}], source}]
export async function readMails(outbox) {
  if (!existsSync(outbox)) return [];
  const names = readdirSync(outbox).filter((name) => name.endsWith('.eml')).sort();
  return Promise.all(names.map((name) => parse(readFileSync(join(outbox, name)))));
}

async function parse(source) {
  const mail = await PostalMime.parse(source, { attachmentEncoding: 'arraybuffer' });
  return {
    from: mail.from?.address,
    to: (mail.to ?? []).map(({ address }) => address),
    subject: mail.subject,
    text: mail.text ?? '',
    html: mail.html ?? '',
    headers: Object.fromEntries(mail.headers.map(({ key, value }) => [key, value])),
    attachments: mail.attachments.map(({ filename, mimeType, content }) => ({
      name: filename,
      type: mimeType,
      bytes: Buffer.from(content),
    })),
    source: source.toString(),
  };
}
