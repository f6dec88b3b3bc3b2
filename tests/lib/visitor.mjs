// A visitor: cookies, redirects, links and forms as a browser without scripts has them, and JSON.
// Paths are those of one host; links may lead to others. It speaks to 127.0.0.1 with a Host header,
// since Node does not resolve *.localhost, and to nothing outside this machine.
import http from 'node:http';
import { Page } from './page.mjs';

export class Visitor {
  // check: told of every request and its answer; throws when they aren't as described.
  constructor({ host, port, language, check }) {
    this.host = host;
    this.port = port;
    this.language = language;
    this.check = check;
    this.jars = new Map();
    this.agent = new http.Agent({ keepAlive: true });
  }

  get origin() {
    return `http://${this.host}:${this.port}`;
  }

  // The cookies of a host, by name: {value, attributes}.
  cookies(host = this.host) {
    if (!this.jars.has(host)) this.jars.set(host, new Map());
    return this.jars.get(host);
  }

  get(path, options) {
    return this.request('GET', path, options);
  }

  // body: one of form (object or pairs), json, or body (string or bytes, with its content type).
  // described: false for what is malformed on purpose (described.mjs).
  post(path, options) {
    return this.request('POST', path, options);
  }

  getJson(path, options = {}) {
    return this.get(path, { ...options, headers: { accept: 'application/json', ...options.headers } });
  }

  postJson(path, json, options = {}) {
    return this.post(path, {
      ...options,
      json,
      headers: { accept: 'application/json', ...options.headers },
    });
  }

  // Like typing an address: follows redirects.
  visit(path, options = {}) {
    return this.get(path, { ...options, follow: true });
  }

  async request(method, path, options = {}) {
    const url = new URL(path, this.origin);
    if (!/^(127\.0\.0\.1|([^.]+\.)*localhost)$/.test(url.hostname)) {
      throw new Error(`${url} is not on this machine`);
    }
    const { headers, body } = this.#message(method, url, options);
    const reply = await this.#exchange(method, url, headers, body);
    if (options.described !== false) await this.check?.(this.#exchanged(method, url, headers, body, reply));
    this.#keepCookies(url.hostname, reply.headers['set-cookie'] ?? []);
    const redirects = options.redirects ?? [];
    if (options.follow && reply.status >= 300 && reply.status < 400 && reply.headers.location) {
      if (redirects.length === 10) throw new Error(`too many redirects: ${redirects}`);
      const keep = reply.status >= 307 ? method : 'GET';
      return this.request(keep, new URL(reply.headers.location, url), {
        ...(keep === 'GET' ? { headers: options.headers } : options),
        from: options.from,
        follow: true,
        redirects: [...redirects, reply.headers.location],
      });
    }
    return new Page(this, { ...reply, url, redirects });
  }

  #exchanged(method, url, headers, body, { status, headers: answered, bytes }) {
    return {
      method,
      host: url.hostname,
      path: url.pathname + url.search,
      json: headers['content-type'] === 'application/json' ? body : undefined,
      status,
      type: answered['content-type'],
      text: answered['content-encoding'] ? '' : bytes.toString('utf8'),
    };
  }

  // from: the page with the form, if it is on another host than the form's target.
  #message(method, url, { form, json, body, headers = {}, from = url }) {
    const cookies = this.cookies(url.hostname);
    const all = {
      host: url.host,
      accept: 'text/html',
      'accept-encoding': 'identity',
      ...(this.language && { 'accept-language': this.language }),
      ...(cookies.size > 0 && {
        cookie: [...cookies].map(([name, { value }]) => `${name}=${value}`).join('; '),
      }),
    };
    if (method !== 'GET' && method !== 'HEAD') {
      all.origin = from.origin;
      all['sec-fetch-site'] = from.origin === url.origin ? 'same-origin' : 'cross-site';
    }
    if (form) {
      all['content-type'] = 'application/x-www-form-urlencoded';
      body = new URLSearchParams(form).toString();
    } else if (json !== undefined) {
      all['content-type'] = 'application/json';
      body = JSON.stringify(json);
    }
    for (const [name, value] of Object.entries(headers)) {
      if (value === null) delete all[name];
      else all[name] = value;
    }
    if (body !== undefined) all['content-length'] = Buffer.byteLength(body);
    return { headers: all, body };
  }

  #exchange(method, url, headers, body) {
    return new Promise((resolve, reject) => {
      const request = http.request(
        {
          host: '127.0.0.1',
          port: url.port || 80,
          agent: this.agent,
          method,
          path: url.pathname + url.search,
          headers,
          setHost: false,
          timeout: 30_000,
        },
        (response) => {
          const parts = [];
          response.on('data', (part) => parts.push(part));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode,
              headers: response.headers,
              bytes: Buffer.concat(parts),
            }),
          );
        },
      );
      request.on('timeout', () => request.destroy(new Error(`${method} ${url}: no answer in 30 s`)));
      request.on('error', (error) => {
        error.message = `${method} ${url}: ${error.message}`;
        reject(error);
      });
      request.end(body);
    });
  }

  // As Chromium does on *.localhost: secure cookies are kept over http, prefixes are enforced.
  #keepCookies(host, lines) {
    const cookies = this.cookies(host);
    for (const line of lines) {
      const [pair, ...attributes] = line.split(';').map((part) => part.trim());
      const [name, value] = [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)];
      const has = new Map(attributes.map((a) => [a.split('=')[0].toLowerCase(), a.split('=')[1] ?? '']));
      if (name.startsWith('__Host-') && (!has.has('secure') || has.has('domain') || has.get('path') !== '/')) {
        throw new Error(`a browser refuses this cookie: ${line}`);
      }
      const age = has.get('max-age');
      if (age !== undefined ? Number(age) <= 0 : Date.parse(has.get('expires')) < Date.now()) {
        cookies.delete(name);
      } else {
        cookies.set(name, { value, attributes: has });
      }
    }
  }

  forget() {
    this.jars.clear();
  }

  close() {
    this.agent.destroy();
  }
}
