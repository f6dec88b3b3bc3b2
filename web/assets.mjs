// Turns the sources under web/ and the art under tenants/ into files that are served for ever:
// each is known by the hash of its content, which manifest.json maps from its path. Whatever is
// named inside a style sheet (fonts) is therefore built before it.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const [root, out] = process.argv.slice(2);
const web = path.join(root, 'web');
const modules = path.join(web, 'node_modules');
const manifest = {};

function walk(dir, keep) {
  if (!fs.existsSync(dir)) return [];
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap(entry => {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : walk(file, keep);
    return keep(file) ? [file] : [];
  }).sort();
}

const templates = () => [
  ...walk(web, f => f.endsWith('.html')),
  ...walk(path.join(root, 'plugins'), f => f.endsWith('.html')),
];
const menus = () => walk(web, f => f.endsWith('.c'));
const art = () => walk(path.join(root, 'tenants'), f => /\.(svg|webp|avif|jpe?g|png)$/.test(f));

function inputs() {
  const own = walk(web, f => !/\.(c|h|sql)$/.test(f) && !f.includes(`${path.sep}locales${path.sep}`));
  const all = [...new Set([...own, ...templates(), ...menus(), ...art()])];
  const hash = createHash('sha256');
  for (const file of all) {
    const { mtimeMs, size } = fs.statSync(file);
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

const url = name => `/assets/${manifest[name]}/${name}`;

function put(name, content) {
  const bytes = Buffer.from(content);
  manifest[name] = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
  const file = path.join(out, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  if (fs.existsSync(file) && fs.readFileSync(file).equals(bytes)) return;
  fs.writeFileSync(file, bytes);
  if (/\.(css|js|svg|json)$/.test(name)) fs.writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
}

// The four pairings of fonts.json: one @font-face a subset, and a local face stretched to the same
// measures, so that text does not move when the font arrives.
function fonts() {
  const pairings = JSON.parse(fs.readFileSync(path.join(web, 'styles/fonts.json'), 'utf8'));
  const locals = { sans: ['Arial', 'Liberation Sans', 'Helvetica'], serif: ['Times New Roman', 'Liberation Serif', 'Times'] };
  let css = '';
  for (const [pairing, roles] of Object.entries(pairings)) {
    for (const [role, font] of Object.entries(roles)) {
      const dir = path.join(modules, '@fontsource-variable', font.package);
      const shipped = fs.readFileSync(path.join(dir, 'index.css'), 'utf8');
      // Of two faces with a letter in their range the later one is asked: "œ" is in both files, and
      // one letter is not worth the second.
      for (const subset of ['latin-ext', 'latin']) {
        const file = `${font.package}-${subset}-wght-normal.woff2`;
        const name = `fonts/${pairing}-${role}${subset === 'latin' ? '' : '-ext'}.woff2`;
        const range = shipped.split(file)[1].match(/unicode-range: ([^;]+);/)[1];
        put(name, fs.readFileSync(path.join(dir, 'files', file)));
        css += `@font-face{font-family:"${font.family}";font-weight:${font.weights};font-display:swap;`
          + `src:url("${url(name)}")format("woff2");unicode-range:${range}}`;
      }
      const src = locals[font.fallback].map(local => `local("${local}")`).join(',');
      css += `@font-face{font-family:"${font.family} Fallback";src:${src};size-adjust:${font.size_adjust};`
        + `ascent-override:${font.ascent};descent-override:${font.descent};line-gap-override:${font.gap}}`;
    }
    const stack = role => `"${roles[role].family}","${roles[role].family} Fallback",`
      + (roles[role].fallback === 'serif' ? 'Georgia,serif' : 'system-ui,sans-serif');
    css += `[data-fonts="${pairing}"]{--font-display:${stack('display')};--font-text:${stack('text')}}`;
  }
  return css;
}

// Every icon that a template or a menu entry names, each once, as a symbol; the strokes are the
// style sheet's.
function icons() {
  const names = new Set();
  for (const file of templates()) {
    for (const [, name] of fs.readFileSync(file, 'utf8').matchAll(/\{\{#icon\}\}([a-z0-9-]+)\{\{\/icon\}\}/g)) names.add(name);
  }
  for (const file of menus()) {
    for (const [, name] of fs.readFileSync(file, 'utf8').matchAll(/\.icon = "([a-z0-9-]+)"/g)) names.add(name);
  }
  const dir = path.join(modules, 'lucide-static/icons');
  const symbols = [...names].sort().map(name => {
    const file = path.join(dir, `${name}.svg`);
    if (!fs.existsSync(file)) throw new Error(`no icon is called ${name}`);
    const body = fs.readFileSync(file, 'utf8').match(/<svg[^>]*>([\s\S]*)<\/svg>/)[1];
    return `<symbol id="${name}" viewBox="0 0 24 24">${body.replace(/\s*\n\s*/g, '')}</symbol>`;
  });
  put('icons.svg', `<svg xmlns="http://www.w3.org/2000/svg">${symbols.join('')}</svg>`);
}

// Of open-props only the variables that a style sheet uses.
async function openProps(css) {
  const { default: props } = await import(path.join(modules, 'open-props/src/props.easing.js'));
  const used = [...new Set([...css.matchAll(/var\((--ease-[a-z0-9-]+)/g)].map(m => m[1]))];
  for (const name of used) if (!props[name]) throw new Error(`open-props has no ${name}`);
  return `@layer tokens{:root{${used.map(name => `${name}:${props[name]}`).join(';')}}}`;
}

async function bundle() {
  const { default: esbuild } = await import(path.join(modules, 'esbuild/lib/main.js'));
  const common = { bundle: true, minify: true, write: false, legalComments: 'none', logLevel: 'warning' };
  const entries = (dir, ext) => fs.readdirSync(path.join(web, dir)).filter(f => f.endsWith(ext)).sort();
  const faces = fonts();
  for (const file of entries('styles', '.css')) {
    const source = path.join(web, 'styles', file);
    const { outputFiles: [{ text }] } = await esbuild.build({ ...common, entryPoints: [source], target: ['chrome123', 'safari17.5', 'firefox120'] });
    put(`styles/${file}`, faces + text.trim() + (await openProps(text)));
  }
  for (const file of entries('scripts', '.js')) {
    const source = path.join(web, 'scripts', file);
    const { outputFiles: [{ text }] } = await esbuild.build({ ...common, entryPoints: [source], format: 'esm', target: 'es2022' });
    put(`scripts/${file}`, text);
  }
}

function sweep() {
  const kept = new Set(Object.keys(manifest).flatMap(name => [name, `${name}.gz`]));
  for (const file of walk(out, () => true)) {
    const name = path.relative(out, file).split(path.sep).join('/');
    if (!kept.has(name) && !/^(manifest\.json|\.inputs)$/.test(name)) fs.rmSync(file);
  }
}

const stamp = path.join(out, '.inputs');
const now = inputs();
if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === now) process.exit(0);

icons();
for (const file of walk(path.join(web, 'art'), () => true)) put(`art/${path.relative(path.join(web, 'art'), file)}`, fs.readFileSync(file));
for (const file of art()) {
  const [, slug] = path.relative(path.join(root, 'tenants'), file).split(path.sep);
  put(`art/${slug}/${path.basename(file)}`, fs.readFileSync(file));
}
await bundle();
sweep();
// The manifest comes last and whole: a server that reads it finds every file it names.
const sorted = Object.fromEntries(Object.entries(manifest).sort(([a], [b]) => (a < b ? -1 : 1)));
fs.writeFileSync(`${path.join(out, 'manifest.json')}.new`, `${JSON.stringify(sorted, null, 1)}\n`);
fs.renameSync(path.join(out, 'manifest.json.new'), path.join(out, 'manifest.json'));
fs.writeFileSync(stamp, now);
