// The address follows the name until somebody writes one; the password can be looked at; the
// browser's time zone becomes the venue's first guess.
const slug = document.querySelector('[data-slug]');
const name = document.querySelector('[data-slug-from]');
const show = document.querySelector('[data-password-show]');
const free = document.querySelector('[data-free]');
const zone = document.querySelector('[data-time-zone]');

if (slug && name) {
  let own = slug.value !== '';
  slug.addEventListener('input', () => { own = slug.value !== ''; });
  name.addEventListener('input', () => {
    if (own) return;
    slug.value = name.value.normalize('NFD').replace(/[\u0300-\u036f]/g, '').toLowerCase()
      .replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '').slice(0, 40);
  });
}
show?.addEventListener('click', () => {
  const field = document.querySelector('[data-password]');
  const hidden = field.type === 'password';
  field.type = hidden ? 'text' : 'password';
  show.setAttribute('aria-pressed', String(hidden));
});
if (zone && !zone.value) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone;

// Whether the address can be had is said while one types; sending the form decides.
if (free) {
  const says = document.getElementById(`${free.id}-free`);
  let timer, running;
  const ask = async () => {
    running?.abort();
    running = new AbortController();
    const url = new URL(free.dataset.free, location);
    for (const id of ['slug', 'venue_name', 'kind']) {
      const { value } = free.form.elements[id];
      if (value) url.searchParams.set(id, value);
    }
    const answer = await fetch(url, { signal: running.signal, headers: { accept: 'application/json' } });
    says.textContent = answer.ok ? (await answer.json()).text : '';
  };
  const later = () => {
    clearTimeout(timer);
    says.textContent = '';
    if (free.value) timer = setTimeout(() => ask().catch(() => {}), 300);
  };
  free.addEventListener('input', later);
  name?.addEventListener('input', later);
}
