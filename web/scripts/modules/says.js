// One polite live region for the page, visible for a while as a message at its foot.
const region = document.getElementById('says');
let timer;

export function say(text, visible = true) {
  if (!region || !text) return;
  clearTimeout(timer);
  region.classList.toggle('visually-hidden', !visible);
  region.textContent = text;
  timer = setTimeout(() => { region.textContent = ''; }, 6000);
}
