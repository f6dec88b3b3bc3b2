// scripts/bench: runs the benchmarks one after the other and prints what they found: as a table with
// the goals beside it, as JSON lines, or as the table of the README.
import { endAll } from '../../lib/place.mjs';
import { accountOrders, customerSearch } from './customers.mjs';
import { import100k } from './imports.mjs';
import { ledgerPost } from './ledger.mjs';
import { export100k, officeDay, orderSearch } from './office.mjs';
import { pageCached, pageSignedIn, pageUncached } from './pages.mjs';
import { hookIdle, hookLua, toggle } from './plugins.mjs';
import { checkout, hotSlot } from './sales.mjs';
import { sites10k } from './sites.mjs';
import { makeStage } from './stage.mjs';
import { login } from './login.mjs';
import { upgrade } from './upgrade.mjs';

const benchmarks = {
  page_cached: pageCached,
  page_uncached: pageUncached,
  page_signed_in: pageSignedIn,
  checkout,
  hot_slot: hotSlot,
  order_search: orderSearch,
  office_day: officeDay,
  export_100k: export100k,
  customer_search: customerSearch,
  account_orders: accountOrders,
  import_100k: import100k,
  ledger_post: ledgerPost,
  sites_10k: sites10k,
  login,
  toggle,
  upgrade,
  hook_idle: hookIdle,
  hook_lua: hookLua,
};

// What a line has to reach: its ratio, or its value where it has no peer.
const goals = {
  page_cached: { ratio: true, least: 1 },
  page_uncached: { ratio: true, least: 0.4 },
  page_signed_in: { ratio: true, least: 0.35 },
  checkout: { ratio: true, least: 0.3 },
  hot_slot: { ratio: true, least: 0.6 },
  hot_slot_oversold: { most: 0 },
  order_search: { most: 100 },
  office_day: { ratio: true, least: 0.4 },
  export_100k: { ratio: true, least: 0.3 },
  export_100k_memory: { most: 12 },
  customer_search: { most: 100 },
  account_orders: { ratio: true, least: 0.4 },
  import_100k: { ratio: true, least: 0.5 },
  import_100k_memory: { most: 24 },
  ledger_post: { ratio: true, least: 0.6 },
  ledger_post_hot: { ratio: true, least: 0.5 },
  sites_10k: { ratio: true, most: 1.2 },
  sites_10k_p99: { ratio: true, most: 1.5 },
  sites_10k_memory: { most: 200 },
  login: { ratio: true, most: 1.2 },
  toggle: { most: 1 },
  upgrade: { most: 0 },
  hook_idle: { most: 10 },
  hook_lua: { most: 1000 },
};

const [flags, names] = [true, false].map((yes) => process.argv.slice(2).filter((arg) => arg.startsWith('--') === yes));
const json = flags.includes('--json');
const markdown = flags.includes('--markdown');
const quick = flags.includes('--quick');
const options = quick ? { quick, seconds: 1, rounds: 3 } : { quick, seconds: 5, rounds: 5 };

const columns = [24, 12, 12, 14, 12, 8];
const row = (cells) => cells.map((cell, i) => (i === 0 || i === 3 ? cell.padEnd(columns[i]) : cell.padStart(columns[i]))).join(' ');
const figure = (n) => (n === null ? '' : n >= 1000 ? n.toFixed(0) : String(Number(n.toPrecision(3))));

function printHead() {
  const titles = ['', 'vitrine', 'unit', 'peer', 'peer', 'ratio'];
  if (markdown) console.log('| | Vitrine | peer | ratio | goal |\n|---|---|---|---|---|');
  else if (!json) console.log(`${row(titles)}  goal`);
}

function print(line) {
  const { name, value, unit, peer = null, peer_value = null, ratio = null } = line;
  const { text, missed } = goalOf(name, value, ratio);
  if (json) {
    console.log(JSON.stringify({ name, value, unit, peer, peer_value, ratio }));
  } else if (markdown) {
    const beside = peer ? `${peer}: ${figure(peer_value)}` : '';
    const cells = [`\`${name}\``, `${figure(value)} ${unit}`, beside, figure(ratio), text + (missed ? ', missed' : '')];
    console.log(`| ${cells.join(' | ')} |`);
  } else {
    const cells = [name, figure(value), unit, peer ?? '', figure(peer_value), figure(ratio)];
    console.log(`${row(cells)}  ${text}${missed ? '  missed' : ''}`.trimEnd());
  }
}

function goalOf(name, value, ratio) {
  const goal = goals[name];
  if (!goal) return { text: '', missed: false };
  const found = goal.ratio ? ratio : value;
  const atLeast = goal.least !== undefined;
  return {
    text: atLeast ? `≥ ${goal.least}` : `≤ ${goal.most}`,
    missed: atLeast ? found < goal.least : found > goal.most,
  };
}

const unknown = names.find((name) => !benchmarks[name]);
if (unknown) {
  console.error(`bench: no benchmark ${unknown}; there are ${Object.keys(benchmarks).join(' ')}`);
  process.exit(2);
}

const stage = await makeStage();
printHead();
for (const name of names.length > 0 ? names : Object.keys(benchmarks)) {
  console.error(`· ${name}`);
  try {
    for (const line of await benchmarks[name](stage, options)) print(line);
  } catch (error) {
    console.error(`${name}: ${error.message}`);
    process.exitCode = 1;
  }
}
await endAll();
process.exit();
