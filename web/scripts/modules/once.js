// One effect per submit: a form is sent once, and a key marks the attempt. Cached pages carry no
// key, so an empty one is filled here; coming back to the page makes a new attempt.
document.addEventListener('submit', event => {
  const form = event.target;
  if (!form.matches('[data-once]') || event.defaultPrevented) return;
  if (form.classList.contains('is-busy')) {
    event.preventDefault();
    return;
  }
  const key = form.elements.idempotency_key;
  if (key && !key.value) key.value = crypto.randomUUID?.() ?? String(Math.random()).slice(2);
  form.classList.add('is-busy');
  event.submitter?.classList.add('is-busy');
  form.setAttribute('aria-busy', 'true');
});
window.addEventListener('pageshow', () => {
  for (const button of document.querySelectorAll('button.is-busy')) button.classList.remove('is-busy');
  for (const form of document.querySelectorAll('form.is-busy')) {
    form.classList.remove('is-busy');
    form.removeAttribute('aria-busy');
    const key = form.elements.idempotency_key;
    if (key && !key.defaultValue) key.value = '';
  }
});
