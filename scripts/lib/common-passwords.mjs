// Makes core/domain/password_common.bloom of the most common passwords of known leaks.
//
//   node scripts/lib/common-passwords.mjs FOLDER   FOLDER: @zxcvbn-ts/language-common 4.1.3 unpacked (npm pack)
//
// The list (49,233 passwords, MIT licence) is kept as a Bloom filter of 128 KB: eight bits a
// password, taken from the SHA-256 of its folded text; of other passwords one in ten thousand is
// refused too, whose owner chooses another.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const [from] = process.argv.slice(2);
if (!from || from.startsWith('-')) {
  console.log('usage: node scripts/lib/common-passwords.mjs FOLDER   (an unpacked @zxcvbn-ts/language-common)');
  process.exit(from ? 0 : 2);
}
const BYTES = 1 << 17;
const filter = Buffer.alloc(BYTES);
const list = JSON.parse(readFileSync(join(from, 'src/passwords.json'), 'utf8'));
for (const word of list) {
  const digest = createHash('sha256').update(word.normalize('NFKC').toLowerCase()).digest();
  for (let at = 0; at < 32; at += 4) {
    const bit = digest.readUInt32BE(at) % (BYTES * 8);
    filter[bit >> 3] |= 1 << (bit & 7);
  }
}
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
writeFileSync(join(root, 'core/domain/password_common.bloom'), filter);
console.log(`${list.length} passwords`);
