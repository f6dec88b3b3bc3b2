// Passkeys (WebAuthn): the server's challenge goes to the authenticator, and what it answers goes on
// as fields of the form that the button belongs to. Where the browser knows none, styles show that
// instead of the buttons.
const able = Boolean(window.PublicKeyCredential && navigator.credentials);
if (able) document.documentElement.dataset.passkeys = '';

const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const keys = list => list.map(id => ({ type: 'public-key', id: bytes(id) }));
// What waits for a choice among the suggestions of the e-mail field.
let waiting;

async function ask(button, question) {
  const answer = await fetch(button.dataset.ask, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(question),
  });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const asked = await answer.json();
  return { ...asked, challenge: new TextEncoder().encode(asked.challenge), timeout: asked.timeout_ms };
}

function make({ challenge, timeout, host, site_name, user, known, algorithms }) {
  return navigator.credentials.create({ publicKey: {
    challenge, timeout,
    rp: { id: host, name: site_name },
    user: { id: bytes(user.id), name: user.name, displayName: user.display_name },
    pubKeyCredParams: algorithms.map(alg => ({ type: 'public-key', alg })),
    excludeCredentials: keys(known),
    authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
    attestation: 'none',
  } });
}

function get({ challenge, timeout, host, allowed }, more) {
  return navigator.credentials.get({ ...more, publicKey: {
    challenge, timeout, rpId: host, allowCredentials: keys(allowed), userVerification: 'required',
  } });
}

function send(button, fields) {
  const form = button.form;
  for (const [name, value] of Object.entries(fields)) {
    const field = form.elements[name] ?? form.appendChild(Object.assign(document.createElement('input'), { type: 'hidden', name }));
    field.value = value;
  }
  button.classList.remove('is-busy');
  form.requestSubmit(button);
}

const enter = (button, { rawId, response }, email) => send(button, {
  email,
  credential: text(rawId),
  handle: response.userHandle ? text(response.userHandle) : '',
  client_data: text(response.clientDataJSON),
  authenticator_data: text(response.authenticatorData),
  signature: text(response.signature),
});

const acts = {
  async create(button) {
    const { response } = await make(await ask(button, {}));
    send(button, { client_data: text(response.clientDataJSON), attestation: text(response.attestationObject) });
  },
  async get(button) {
    const email = button.form.elements.email.value.trim();
    enter(button, await get(await ask(button, { email })), email);
  },
};

function say(button, error) {
  const line = button.form.querySelector('[data-passkey-says]');
  line.textContent = error.name === 'InvalidStateError' ? line.dataset.known : line.dataset.failed;
  line.hidden = false;
}

document.addEventListener('click', event => {
  const button = event.target.closest?.('button[data-passkey]');
  if (!button || !able) return;
  event.preventDefault();
  if (button.classList.contains('is-busy')) return;
  waiting?.abort();
  button.classList.add('is-busy');
  button.form.querySelector('[data-passkey-says]').hidden = true;
  acts[button.dataset.passkey](button)
    .catch(error => say(button, error))
    .finally(() => button.classList.remove('is-busy'));
});

// Where the browser can, it offers passkeys among the suggestions of the e-mail field; a challenge
// that has run out is asked for anew.
async function suggest(button) {
  if (!await PublicKeyCredential.isConditionalMediationAvailable?.()) return;
  const asked = await ask(button, {});
  waiting = new AbortController();
  const timer = setTimeout(() => { waiting.abort(); suggest(button).catch(() => {}); }, asked.timeout - 30_000);
  try {
    enter(button, await get(asked, { mediation: 'conditional', signal: waiting.signal }), '');
  } finally {
    clearTimeout(timer);
  }
}

const entry = able && document.querySelector('button[data-passkey="get"]');
// Without one, or stopped by a click on the button, nothing is lost.
if (entry) suggest(entry).catch(() => {});
