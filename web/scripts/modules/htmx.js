// Parts of a page that load by themselves: booking panel, basket lines, filters, a pending order.
import htmx from 'htmx.org/dist/htmx.esm.js';
import { say } from './says.js';

// The booking panel asks for itself alone; the address bar keeps the page's address.
document.addEventListener('htmx:configRequest', ({ detail }) => {
  const part = detail.target?.dataset.part;
  if (part && detail.verb === 'get') detail.parameters.append('part', part);
});
document.addEventListener('htmx:beforeHistoryUpdate', ({ detail }) => {
  const url = new URL(detail.history.path, location.href);
  url.searchParams.delete('part');
  detail.history.path = url.pathname + url.search + url.hash;
});

// What changed is said once; focus stays where htmx kept it, by id.
document.addEventListener('htmx:afterSwap', ({ detail }) => {
  const target = document.getElementById(detail.target.id) ?? detail.elt;
  say(target.querySelector('[data-announce]')?.textContent, false);
  if (location.hash === '#choose' && target.id === 'booking-panel') {
    const form = document.getElementById('choose');
    form?.scrollIntoView({ block: 'nearest', behavior: 'smooth' });
  }
});

// A refusal is a designed page with words of its own: go there. A part that fails says so.
document.addEventListener('htmx:responseError', ({ detail }) => {
  if (detail.requestConfig.verb === 'get') location.assign(detail.pathInfo.requestPath);
  else say(document.body.dataset.saysFailed);
});
for (const name of ['htmx:sendError', 'htmx:timeout']) {
  document.addEventListener(name, () => say(document.body.dataset.saysOffline));
}

export default htmx;
