// The back office and the console. Every page works without this file.
import { focusErrors } from './modules/errors.js';
import './modules/look.js';
import './modules/menu.js';
import './modules/once.js';
import './modules/signup.js';

document.documentElement.dataset.js = '';
focusErrors();
