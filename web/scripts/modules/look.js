// The preview beside the look follows what is chosen; without scripts "Preview" does it.
const names = ['brand', 'accent', 'fonts', 'corners', 'header'];
const frame = document.querySelector('[data-look]');
const form = document.querySelector('#look form');
let waiting;

form?.addEventListener('input', (event) => {
  if (!frame || !names.includes(event.target.name)) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const chosen = new URLSearchParams(names.map((name) => [name, form.elements[name].value]));
    frame.src = `${frame.src.split('?')[0]}?${chosen}`;
  }, 150);
});
