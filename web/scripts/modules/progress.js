// What is being made shows how far it is by itself, and says when it is over. The page's own link
// does the same without this.
import { say } from './says.js';

const every = 1000;

async function look() {
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const [now, next] = [document, page].map((whole) => whole.getElementById('progress'));
  // What is done has a page of its own here.
  if (!next) return location.reload();
  const focused = now.contains(document.activeElement);
  now.replaceWith(next);
  if (next.matches('[data-progress]')) {
    if (focused) next.querySelector('a')?.focus();
    later();
    return;
  }
  say(next.querySelector('[data-announce]')?.textContent, false);
  if (focused) next.querySelector('a')?.focus();
}

function later() {
  setTimeout(() => look().catch(later), every);
}

if (document.querySelector('#progress[data-progress]')) later();
