// The running total while quantities change. The server counts again; this is what it will say.
function format(minor, currency) {
  const form = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' };
  const style = new Intl.NumberFormat(document.documentElement.lang, form);
  return style.format(minor / 10 ** style.resolvedOptions().maximumFractionDigits);
}

function show(panel) {
  const output = panel.querySelector('[data-total]');
  const label = panel.querySelector('[data-label]');
  // Tax that comes on top of the prices, in parts per million, rounded once a line.
  const added = Number(output.dataset.added);
  let minor = 0;
  let count = 0;
  for (const input of panel.querySelectorAll('[data-price]')) {
    const quantity = Math.max(0, Math.floor(Number(input.value) || 0));
    const line = quantity * Number(input.dataset.price);
    minor += line + Math.round((line * added) / 1e6);
    count += quantity;
  }
  const text = format(minor, output.dataset.currency);
  output.textContent = text;
  label.dataset.words ??= label.textContent;
  label.textContent = count ? label.dataset.words.replace(label.dataset.label, text) : label.dataset.empty;
  panel.querySelector('.booking__tax')?.toggleAttribute('hidden', minor !== Number(output.dataset.minor));
}

document.addEventListener('input', event => {
  const panel = event.target.closest('[data-total-of]');
  if (panel && event.target.matches('[data-price]')) show(panel);
});
