// An answer: status, headers, body; for HTML also its document, with links to follow and forms to
// fill by the words a person sees.
import { parseHTML } from 'linkedom';

const squeeze = (text) => (text ?? '').replace(/\s+/g, ' ').trim();

// linkedom leaves character references in these two as they are.
function textOf(element) {
  const text = element?.textContent ?? '';
  if (!/^(title|textarea)$/i.test(element?.tagName)) return text;
  const holder = element.ownerDocument.createElement('div');
  holder.innerHTML = text.replaceAll('<', '&lt;');
  return holder.textContent;
}

export class Page {
  #document;

  constructor(visitor, { status, headers, bytes, url, redirects }) {
    Object.assign(this, { visitor, status, headers, bytes, url, redirects });
  }

  get text() {
    return this.bytes.toString('utf8');
  }

  get json() {
    return JSON.parse(this.text);
  }

  get document() {
    this.#document ??= parseHTML(this.text).document;
    return this.#document;
  }

  // What a reader sees of an element (the whole page by default), white space squeezed.
  words(selector = 'body') {
    return squeeze(textOf(this.document.querySelector(selector)));
  }

  all(selector) {
    return [...this.document.querySelectorAll(selector)];
  }

  // The address of the link with these words (text, aria-label), for following by hand.
  link(words) {
    const links = this.all('a[href]');
    const found =
      links.find((a) => name(a) === words) ?? links.find((a) => name(a).includes(words));
    if (!found) throw new Error(`${this.url}: no link "${words}" among ${links.map(name).join(' | ')}`);
    return found.getAttribute('href');
  }

  click(words) {
    return this.visitor.visit(new URL(this.link(words), this.url), { from: this.url });
  }

  // The form with this button, or matching this selector; values by label, name or both.
  form(button, values = {}) {
    return new Form(this, button).fill(values);
  }

  // Fills the form with this button, presses it, and follows where it leads.
  submit(button, values = {}, options = {}) {
    return this.form(button, values).submit({ follow: true, ...options });
  }

  // The refusals beside their fields: {field: text}, and the summary's links.
  get errors() {
    const found = {};
    for (const field of this.all('[aria-invalid="true"]')) {
      const ids = (field.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean);
      found[field.getAttribute('name')] = squeeze(
        ids.map((id) => this.document.getElementById(id)?.textContent ?? '').join(' '),
      );
    }
    return found;
  }
}

function name(element) {
  return squeeze(element.getAttribute('aria-label') ?? element.textContent) ||
    squeeze(element.getAttribute('value') ?? element.getAttribute('title'));
}

class Form {
  constructor(page, wanted) {
    this.page = page;
    const buttons = page.all('button, input[type=submit], input[type=image]');
    this.button = buttons.find((b) => name(b) === wanted) ?? buttons.find((b) => name(b).includes(wanted));
    this.form = this.button ? owner(page, this.button) : selected(page, wanted);
    if (!this.form) {
      throw new Error(`${page.url}: no form "${wanted}"; buttons: ${buttons.map(name).join(' | ')}`);
    }
    this.fields = page
      .all('input, select, textarea')
      .filter((field) => field.getAttribute('name') && owner(page, field) === this.form);
    this.action = this.button?.getAttribute('formaction') ?? this.form.getAttribute('action') ?? '';
    this.method = (this.button?.getAttribute('formmethod') ?? this.form.getAttribute('method') ?? 'get').toUpperCase();
    this.extra = [];
    this.written = new Map();
  }

  fill(values) {
    for (const [key, value] of Object.entries(values)) this.#set(key, value);
    return this;
  }

  // A field a person doesn't see, or that isn't there: what a forged form would send.
  forge(fieldName, value) {
    this.fields = this.fields.filter((field) => field.getAttribute('name') !== fieldName);
    if (value !== null) this.extra.push([fieldName, value]);
    return this;
  }

  #set(key, value) {
    const named = this.fields.filter((field) => field.getAttribute('name') === key);
    const fields = named.length > 0 ? named : this.fields.filter((field) => this.#labels(field).includes(key));
    if (fields.length === 0) {
      const known = this.fields.map((field) => this.#labels(field)[0] ?? field.getAttribute('name'));
      throw new Error(`${this.page.url}: no field "${key}" among ${known.join(' | ')}`);
    }
    const [first] = fields;
    switch (kind(first)) {
      case 'radio':
        this.#choose(named.length > 0 ? fields : this.#group(first), named.length > 0 ? value : first.getAttribute('value'));
        break;
      case 'checkbox':
        if (fields.length > 1) this.#tick(fields, [value].flat());
        else check(first, value);
        break;
      case 'select':
        this.#select(first, value);
        break;
      case 'textarea':
        this.written.set(first, String(value));
        break;
      default:
        first.setAttribute('value', String(value));
    }
  }

  #labels(field) {
    const id = field.getAttribute('id');
    const labels = this.page.all('label').filter((label) => label.getAttribute('for') === id && id);
    const around = field.closest('label');
    const aria = field.getAttribute('aria-label');
    return [...labels, ...(around ? [around] : [])].map((l) => squeeze(l.textContent)).concat(aria ?? []);
  }

  #group(radio) {
    return this.fields.filter((f) => kind(f) === 'radio' && f.getAttribute('name') === radio.getAttribute('name'));
  }

  #choose(radios, value) {
    const match = radios.find((r) => r.getAttribute('value') === String(value)) ??
      radios.find((r) => this.#labels(r).some((label) => label.includes(String(value))));
    if (!match) throw new Error(`no choice "${value}" for ${radios[0].getAttribute('name')}`);
    for (const radio of this.#group(match)) check(radio, radio === match);
  }

  #tick(boxes, values) {
    for (const box of boxes) check(box, values.map(String).includes(box.getAttribute('value')));
  }

  #select(select, value) {
    const options = [...select.querySelectorAll('option')];
    const match = options.find((o) => (o.getAttribute('value') ?? squeeze(o.textContent)) === String(value)) ??
      options.find((o) => squeeze(o.textContent) === String(value));
    if (!match) throw new Error(`no option "${value}" in ${select.getAttribute('name')}`);
    for (const option of options) {
      if (option === match) option.setAttribute('selected', '');
      else option.removeAttribute('selected');
    }
  }

  // The pairs a browser would send.
  get values() {
    const pairs = [];
    for (const field of this.fields) {
      if (field.hasAttribute('disabled') || field.closest('fieldset[disabled]')) continue;
      const value = this.written.get(field) ?? valueOf(field);
      if (value !== undefined) pairs.push([field.getAttribute('name'), value]);
    }
    if (this.button?.getAttribute('name')) {
      pairs.push([this.button.getAttribute('name'), this.button.getAttribute('value') ?? '']);
    }
    return [...pairs, ...this.extra];
  }

  submit(options = {}) {
    const url = new URL(this.action, this.page.url);
    if (this.method === 'GET') {
      url.search = new URLSearchParams(this.values).toString();
      return this.page.visitor.get(url, options);
    }
    return this.page.visitor.post(url, { form: this.values, from: this.page.url, ...options });
  }
}

function owner(page, element) {
  const id = element.getAttribute('form');
  return id ? page.document.getElementById(id) : element.closest('form');
}

function selected(page, selector) {
  try {
    return page.document.querySelector(selector);
  } catch {
    return null;
  }
}

function kind(field) {
  const tag = field.tagName.toLowerCase();
  return tag === 'input' ? (field.getAttribute('type') ?? 'text').toLowerCase() : tag;
}

function check(field, on) {
  if (on) field.setAttribute('checked', '');
  else field.removeAttribute('checked');
}

function valueOf(field) {
  switch (kind(field)) {
    case 'checkbox':
    case 'radio':
      return field.hasAttribute('checked') ? (field.getAttribute('value') ?? 'on') : undefined;
    case 'submit':
    case 'image':
    case 'button':
    case 'reset':
      return undefined;
    case 'select': {
      const options = [...field.querySelectorAll('option')];
      const chosen = options.find((o) => o.hasAttribute('selected')) ?? options[0];
      return chosen ? (chosen.getAttribute('value') ?? squeeze(chosen.textContent)) : undefined;
    }
    case 'textarea':
      return textOf(field);
    default:
      return field.getAttribute('value') ?? '';
  }
}
