// An authenticator program: RFC 6238 with the test's own hands.
import { createHmac } from 'node:crypto';

export function codeAt(secret, ms) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(ms / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  return String((mac.readUInt32BE(mac[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

// The secret as a set-up page spells it.
export const secretOf = (words) => words.match(/([A-Z2-7]{4} ){7}[A-Z2-7]{4}/)[0].replaceAll(' ', '');
