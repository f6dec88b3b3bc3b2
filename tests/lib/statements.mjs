// The named statements of all .sql files beside the code, read as the build reads them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './place.mjs';

// [{file, name, text, searchPath}], of the core, the pages and every plugin.
export function readStatements() {
  const folders = ['core', 'web', ...pluginFolders().map((name) => `plugins/${name}/sql`)];
  const files = folders.flatMap(sqlBelow);
  return files.filter((file) => !file.startsWith('core/migrations/')).sort().flatMap(statementsOf);
}

function pluginFolders() {
  return existsSync(join(root, 'plugins')) ? readdirSync(join(root, 'plugins')) : [];
}

function sqlBelow(folder) {
  const path = join(root, folder);
  if (!existsSync(path)) return [];
  // Statements of the skeleton become some when a plugin is made of it.
  return readdirSync(path, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'skeleton') return [];
    const inside = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : sqlBelow(inside);
    return entry.name.endsWith('.sql') ? [inside] : [];
  });
}

function statementsOf(file) {
  const [, plugin] = file.match(/^plugins\/([^/]+)\//) ?? [];
  const searchPath = plugin ? `plugin_${plugin.replaceAll('-', '_')}, public` : 'public';
  const parts = readFileSync(join(root, file), 'utf8').split(/^-- name:\s*/m).slice(1);
  return parts.map((part) => {
    const [name, ...lines] = part.split('\n');
    const text = lines.filter((line) => !/^\s*(--|$)/.test(line)).join('\n').replace(/;\s*$/, '');
    return { file, name: name.trim(), text, searchPath };
  });
}
