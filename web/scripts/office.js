// The back office and the console. Every page works without this file.
import { focusErrors } from './modules/errors.js';
import './modules/filters.js';
import './modules/look.js';
import './modules/menu.js';
import './modules/once.js';
import './modules/panel.js';
import './modules/progress.js';
import './modules/signup.js';
import './modules/upload.js';

document.documentElement.dataset.js = '';
focusErrors();
