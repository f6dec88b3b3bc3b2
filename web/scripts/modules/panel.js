// On a wide screen a list's link with data-panel opens its page beside the list. The address is the
// page's own: reload, share and back work; its forms and links lead on as they do on the page.
const wide = matchMedia('(min-width: 76rem)');

// A way out to see: Escape and a click beside the panel do the same.
function closeButton(panel) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'side-panel__close button button--quiet button--small';
  button.dataset.close = '';
  button.textContent = document.body.dataset.closeWords;
  button.addEventListener('click', () => panel.close());
  return button;
}

function close(panel, address) {
  panel.close();
  panel.remove();
  if (address) history.replaceState(null, '', address);
}

async function open(link) {
  const answer = await fetch(link.href, { headers: { accept: 'text/html' } });
  if (!answer.ok || answer.redirected) return location.assign(link.href);
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const panel = document.createElement('dialog');
  const list = location.href;
  panel.className = 'side-panel';
  panel.setAttribute('aria-label', page.title);
  panel.append(...page.querySelector('main').children);
  if (document.body.dataset.closeWords) panel.append(closeButton(panel));
  document.body.append(panel);
  panel.addEventListener('close', () => { close(panel, list); link.focus(); }, { once: true });
  panel.addEventListener('click', event => { if (event.target === panel) panel.close(); });
  panel.dispatchEvent(new Event('panel:open', { bubbles: true }));
  panel.showModal();
  history.replaceState(null, '', link.href);
}

document.addEventListener('click', event => {
  const link = event.target.closest?.('a[data-panel]');
  if (!link || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  open(link).catch(() => location.assign(link.href));
});
