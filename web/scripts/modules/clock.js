// The hold's countdown. It counts from the seconds the server gave, never from the visitor's clock,
// and says aloud only what matters: two minutes before the end, and the end.
const started = performance.now();
const WARN_SECONDS = 120;

const left = seconds => Math.max(0, Math.ceil(seconds - (performance.now() - started) / 1000));
const text = seconds => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

function tell(hold, words) {
  const region = hold.querySelector('[data-hold-says]');
  if (region.textContent !== words) region.textContent = words;
}

function showHold(hold) {
  const seconds = left(Number(hold.dataset.hold));
  hold.querySelector('[data-hold-clock]').textContent = text(seconds);
  hold.classList.toggle('hold--soon', seconds > 0 && seconds <= WARN_SECONDS);
  if (seconds > 0 && seconds <= WARN_SECONDS) tell(hold, hold.dataset.saysSoon);
  if (seconds > 0) return;
  hold.classList.add('hold--over');
  hold.querySelector('.hold__on').hidden = true;
  hold.querySelector('.hold__off').hidden = false;
  tell(hold, hold.dataset.saysOver);
}

function tick() {
  for (const chip of document.querySelectorAll('[data-clock]')) {
    const seconds = left(Number(chip.dataset.clock));
    chip.textContent = seconds ? text(seconds) : '';
  }
  for (const hold of document.querySelectorAll('[data-hold]:not(.hold--over)')) showHold(hold);
}

// A page that comes back from the browser's memory has been frozen: its seconds are too old.
window.addEventListener('pageshow', event => {
  if (event.persisted && document.querySelector('[data-clock], [data-hold]')) location.reload();
});
// New parts bring seconds of the moment they were made, so they are aged to this page's start.
const age = () => Math.round((performance.now() - started) / 1000);
document.addEventListener('panel:open', ({ target }) => {
  for (const hold of target.querySelectorAll('[data-hold]')) hold.dataset.hold = Number(hold.dataset.hold) + age();
  tick();
});
document.addEventListener('htmx:beforeSwap', ({ detail }) => {
  const aged = age();
  detail.serverResponse = detail.serverResponse.replace(/data-hold="(\d+)"/, (_, s) => `data-hold="${Number(s) + aged}"`);
});
tick();
setInterval(tick, 1000);
