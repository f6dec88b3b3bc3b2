// The booking panel on a phone: a modal sheet that a bar at the foot opens. The same dialog stands
// open in the page on wide screens and without script.
const sheet = document.querySelector('[data-sheet]');
const bar = document.querySelector('[data-sheet-bar]');
const narrow = matchMedia('(max-width: 59.99rem)');

// Something to say, or an address that names a day or a time: whoever reloads it, follows it from a
// mail or comes back from the basket finds the sheet as it was.
function wanted() {
  const asked = new URLSearchParams(location.search);
  return sheet.querySelector('.booking > .notice, .rate--wrong') ||
    ['slot', 'date', 'from', 'month', 'view'].some(name => asked.has(name));
}

function arrange() {
  if (!narrow.matches && sheet.open && !sheet.matches(':modal')) return;
  if (sheet.open) sheet.close();
  if (!narrow.matches) sheet.show();
  if (narrow.matches && wanted()) {
    sheet.showModal();
    if (location.hash === '#choose') document.getElementById('choose')?.scrollIntoView({ block: 'nearest' });
  }
}

if (sheet) {
  arrange();
  narrow.addEventListener('change', arrange);
  bar.addEventListener('click', event => {
    if (!event.target.closest('[data-sheet-open]')) return;
    event.preventDefault();
    sheet.showModal();
  });
  sheet.addEventListener('click', event => {
    if (event.target === sheet && sheet.matches(':modal')) sheet.close();
  });
}
