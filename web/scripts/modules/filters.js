// Lists answer while one types; the form works as it is without this. The address follows.
const wait = 200;
let timer, running;

async function show(form) {
  const fields = [...new FormData(form)].filter(([, value]) => value !== '');
  const url = new URL(form.action);
  url.search = new URLSearchParams(fields);
  running?.abort();
  running = new AbortController();
  const answer = await fetch(url, { signal: running.signal, headers: { accept: 'text/html' } });
  if (!answer.ok || answer.redirected) return location.assign(url);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  // The list, and what stands elsewhere and goes by the same filter.
  for (const part of document.querySelectorAll('#list, [data-filtered]')) part.replaceWith(page.getElementById(part.id));
  history.replaceState(null, '', url);
}

function later(form, ms) {
  clearTimeout(timer);
  timer = setTimeout(() => show(form).catch(() => {}), ms);
}

for (const form of document.querySelectorAll('[data-filters]')) {
  form.addEventListener('input', event => later(form, event.target.matches('select') ? 0 : wait));
}
