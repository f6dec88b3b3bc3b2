// Minus and plus beside a number. The field says when it changed, like one that was typed in.
function clamp(input, value) {
  const min = Number(input.min || 0);
  const max = Number(input.max || Infinity);
  return Math.min(max, Math.max(min, value));
}

function show(stepper) {
  const input = stepper.querySelector('input');
  for (const button of stepper.querySelectorAll('[data-step]')) {
    const value = Number(input.value || 0);
    const stuck = clamp(input, value + Number(button.dataset.step)) === value;
    button.setAttribute('aria-disabled', String(stuck));
  }
}

document.addEventListener('click', event => {
  const button = event.target.closest('[data-step]');
  if (!button) return;
  const input = button.closest('[data-stepper]').querySelector('input');
  const value = clamp(input, Number(input.value || 0) + Number(button.dataset.step));
  if (value === Number(input.value)) return;
  input.value = value;
  for (const name of ['input', 'change']) input.dispatchEvent(new Event(name, { bubbles: true }));
});
document.addEventListener('input', event => {
  const stepper = event.target.closest('[data-stepper]');
  if (stepper) show(stepper);
});

const showAll = () => document.querySelectorAll('[data-stepper]').forEach(show);
document.addEventListener('htmx:afterSettle', showAll);
showAll();
