// The platform's own site: sign-up made smoother.
import { focusErrors } from './modules/errors.js';
import './modules/menu.js';
import './modules/once.js';
import './modules/signup.js';

document.documentElement.dataset.js = '';
focusErrors();
