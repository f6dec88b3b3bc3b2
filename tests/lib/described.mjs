// The tests' traffic compared with the description that /api/openapi.json gives: the route is known,
// its status is one of those described, what it answers as JSON fits the schema, and JSON that it
// accepted fits the one of its body. A request that is malformed on purpose says `described: false`.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

const literal = (path) => path.replace(/[.*+?^$()|[\]\\]/g, '\\$&');
const pattern = (path) => new RegExp(`^${literal(path).replace(/\{rest\}$/, '.*').replace(/\{\w+\}/g, '[^/]+')}$`);
const openness = (path) => path.split('{').length + (path.endsWith('{rest}') ? 10 : 0);
const pointer = (part) => encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
// What isn't a page or an action: files of the build, probes.
const beside = /^\/(assets\/|healthz$|readyz$|metrics$)/;

export class Description {
  // closed: what isn't described is refused too (a client has to ignore it).
  constructor(document, { closed = false } = {}) {
    this.document = closed ? close(structuredClone(document)) : document;
    this.ajv = new Ajv2020({ strict: false, validateSchema: false, logger: false });
    addFormats(this.ajv);
    // Addresses in other scripts than ours are good ones too (RFC 6531).
    this.ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/);
    this.ajv.addSchema(this.document, 'api');
    this.checks = new Map();
    this.eventsSeen = new Set();
    this.routes = Object.keys(document.paths)
      .map((path) => ({ path, regexp: pattern(path), openness: openness(path) }))
      .sort((a, b) => a.openness - b.openness);
  }

  find(method, path) {
    const fitting = this.routes.filter(({ regexp }) => regexp.test(path));
    const own = fitting.find((route) => this.document.paths[route.path][method]);
    return { path: own?.path, operation: own && this.document.paths[own.path][method], isKnown: fitting.length > 0 };
  }

  // The first thing that is not as described, or nothing.
  finding({ method, path, json, status, type = '', text }) {
    const at = path.split('?')[0].replace(/^\/[a-z]{2}(?=\/|$)/, '') || '/';
    if (beside.test(at)) return null;
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase();
    const { path: route, operation, isKnown } = this.find(verb, at);
    if (!operation) {
      if (status >= 400 || (isKnown && status === 405)) return null;
      return `${method} ${at} answered ${status} and is not described. Say what it does in the api.json of its folder `
        + `below web/ (core/http/openapi.h):\n${draftOf(method, at, type, text)}`;
    }
    const response = resolve(this.document, operation.responses[status]);
    const what = `${method} ${route} → ${status}`;
    if (!response) return `${what} is not described (${Object.keys(operation.responses)})`;
    const media = type.split(';')[0];
    if (!text || status === 304) return null;
    if (response.content && !response.content[media]) {
      return `${what} is ${media}, described are ${Object.keys(response.content)}`;
    }
    const bad = /json$/.test(media) && response.content
      && this.misfit(operation.responses[status], verb, route, `responses/${status}`, media, text);
    if (bad) return `${what} is not as described: ${bad}`;
    const sent = json && status < 300 && operation.requestBody?.content['application/json']
      && this.misfit(operation.requestBody, verb, route, 'requestBody', 'application/json', json);
    return sent ? `${method} ${route} accepted JSON that is not described: ${sent}` : null;
  }

  // What is not as described in an event that was delivered, or nothing.
  misfitOfEvent(body, headers) {
    const { type } = JSON.parse(body);
    const operation = this.document.webhooks?.[type]?.post;
    if (!operation) return `${type} is not described`;
    this.eventsSeen.add(type);
    const lacking = operation.parameters.find(({ name, required }) => required && !headers[name.toLowerCase()]);
    const bad = this.misfitAt(`#/webhooks/${pointer(type)}/post/requestBody`, 'application/json', body);
    return lacking ? `${type} came without ${lacking.name}` : bad && `${type}: ${bad}`;
  }

  misfit(node, verb, route, where, media, text) {
    return this.misfitAt(node.$ref ?? `#/paths/${pointer(route)}/${verb}/${where}`, media, text);
  }

  misfitAt(start, media, text) {
    const reference = `api${start}/content/${pointer(media)}/schema`;
    if (!this.checks.has(reference)) this.checks.set(reference, this.ajv.compile({ $ref: reference }));
    const check = this.checks.get(reference);
    return check(JSON.parse(text)) ? null
      : check.errors.map((e) => `${e.instancePath || '/'} ${e.message} ${JSON.stringify(e.params)}`).join('; ');
  }
}

function resolve(document, node) {
  if (!node?.$ref) return node;
  return node.$ref.slice(2).split('/').reduce((found, part) => found[part], document);
}

// Every described object without fields that are not.
function close(node) {
  if (!node || typeof node !== 'object') return node;
  for (const child of Object.values(node)) close(child);
  const isSchema = node.properties && (node.type === 'object' || node.type?.includes?.('object'));
  if (isSchema && node.additionalProperties === undefined) node.additionalProperties = false;
  return node;
}

// A start for whoever has to describe a new route.
function draftOf(method, path, type, text) {
  const entry = { route: `${method} ${path}`, summary: '…', ...(/json$/.test(type) ? { answer: '…' } : {}) };
  const schema = /json$/.test(type.split(';')[0]) && text ? `\n"…": ${JSON.stringify(schemaOf(JSON.parse(text)))}` : '';
  return JSON.stringify(entry) + schema;
}

export function schemaOf(value) {
  if (value === null) return { type: ['string', 'null'] };
  if (Array.isArray(value)) return { type: 'array', items: value.length > 0 ? schemaOf(value[0]) : {} };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' };
  if (typeof value !== 'object') return { type: typeof value };
  const names = Object.keys(value);
  if (names.join() === 'minor,currency,text') return { $ref: '#/components/schemas/Amount' };
  if (names.includes('date_text') && names.includes('zone')) return { $ref: '#/components/schemas/Moment' };
  if (names.join() === 'entries,has_entries,more_url') return { $ref: '#/components/schemas/History' };
  const properties = Object.fromEntries(names.map((name) => [name, schemaOf(value[name])]));
  return { type: 'object', properties, required: names };
}

// What the program of this build says, for both kinds of hosts; once for a whole run, since the
// words are read when it starts.
export async function describe(server) {
  const cluster = !server.env.VITRINE_TEST_PLUGINS && process.env.VITRINE_TEST_CLUSTER;
  const ask = async (host) => {
    const kept = cluster && join(cluster, `openapi-${host}.json`);
    if (kept && existsSync(kept)) return JSON.parse(readFileSync(kept, 'utf8'));
    const text = await server.vitrine('openapi', host);
    if (kept) {
      writeFileSync(`${kept}.${process.pid}`, text);
      renameSync(`${kept}.${process.pid}`, kept);
    }
    return JSON.parse(text);
  };
  const [site, platform] = await Promise.all([ask('site'), ask('platform')]);
  return { site: new Description(site), platform: new Description(platform) };
}
