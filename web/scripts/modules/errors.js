// After a refused form the summary gets the focus, so that it is read first.
export function focusErrors() {
  const summary = document.querySelector('[data-errors]:has(li)');
  if (summary) summary.focus();
}
