// A software authenticator (WebAuthn): makes keys and answers challenges as a browser would hand
// them on. Every part of an answer can be forged.
import crypto from 'node:crypto';

const base64url = (bytes) => Buffer.from(bytes).toString('base64url');
const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest();

// CBOR of integers, byte strings, texts and Maps: what an attestation object is made of.
function cbor(value) {
  const head = (major, n) => {
    if (n < 24) return Buffer.from([(major << 5) | n]);
    if (n < 256) return Buffer.from([(major << 5) | 24, n]);
    return Buffer.from([(major << 5) | 25, n >> 8, n & 255]);
  };
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flat().map(cbor)]);
  return Buffer.concat([head(2, value.length), value]);
}

const algorithms = {
  ES256: {
    make: () => crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    cose: ({ x, y }) => new Map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]]),
    digest: 'sha256',
  },
  EdDSA: {
    make: () => crypto.generateKeyPairSync('ed25519'),
    cose: ({ x }) => new Map([[1, 1], [3, -8], [-1, 6], [-2, Buffer.from(x, 'base64url')]]),
    digest: null,
  },
  RS256: {
    make: () => crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }),
    cose: ({ n, e }) => new Map([[1, 3], [3, -257], [-1, Buffer.from(n, 'base64url')], [-2, Buffer.from(e, 'base64url')]]),
    digest: 'sha256',
  },
};

const PRESENT = 1;
const VERIFIED = 4;
const ATTESTED = 64;

export class Authenticator {
  constructor(origin, algorithm = 'ES256') {
    this.origin = origin;
    this.algorithm = algorithms[algorithm];
    this.id = crypto.randomBytes(32);
    this.counter = 0;
    Object.assign(this, this.algorithm.make());
  }

  #clientData(type, asked, forged) {
    const data = { type, challenge: base64url(asked.challenge), origin: this.origin, crossOrigin: false, ...forged.client };
    return Buffer.from(forged.clientData ?? JSON.stringify(data));
  }

  #head(asked, more, forged) {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(forged.counter ?? this.counter);
    return Buffer.concat([sha256(forged.host ?? asked.host), Buffer.from([(forged.flags ?? (PRESENT | VERIFIED)) | more]), counter]);
  }

  // What navigator.credentials.create() gives. forged: {client, clientData, host, flags, counter, key}.
  create(asked, forged = {}) {
    this.handle = asked.user.id;
    const key = cbor(forged.key ?? this.algorithm.cose(this.publicKey.export({ format: 'jwk' })));
    const length = Buffer.from([this.id.length >> 8, this.id.length & 255]);
    const data = Buffer.concat([this.#head(asked, ATTESTED, forged), Buffer.alloc(16), length, this.id, key]);
    return {
      client_data: base64url(this.#clientData('webauthn.create', asked, forged)),
      attestation: base64url(cbor(new Map([['fmt', 'none'], ['attStmt', new Map()], ['authData', data]]))),
    };
  }

  // What navigator.credentials.get() gives.
  get(asked, forged = {}) {
    if (forged.counter === undefined && !forged.still) this.counter += 1;
    const client = this.#clientData('webauthn.get', asked, forged);
    const data = this.#head(asked, 0, forged);
    const signature = crypto.sign(this.algorithm.digest, Buffer.concat([data, sha256(client)]), this.privateKey);
    return {
      credential: base64url(forged.id ?? this.id),
      handle: forged.handle ?? this.handle ?? '',
      client_data: base64url(client),
      authenticator_data: base64url(data),
      signature: base64url(signature),
    };
  }
}
