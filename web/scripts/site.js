// The storefront. Every page works without this file; what is here makes it quicker.
import './modules/htmx.js';
import './modules/clock.js';
import { focusErrors } from './modules/errors.js';
import './modules/menu.js';
import './modules/once.js';
import './modules/panel.js';
import './modules/passkey.js';
import './modules/sheet.js';
import './modules/stepper.js';
import './modules/total.js';

document.documentElement.dataset.js = '';
focusErrors();
document.addEventListener('click', event => {
  if (event.target.closest('[data-print]')) window.print();
});
