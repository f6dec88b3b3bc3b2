// What the benchmarks found, beside their goals: as a table, as JSON lines, or as the table of the
// README. A goal that is missed, or a benchmark that fails, is said again at the end and makes the
// whole run fail, a quick one too.

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

const columns = [24, 12, 12, 14, 12, 8];
const row = (cells) => cells.map((cell, i) => (i === 0 || i === 3 ? cell.padEnd(columns[i]) : cell.padStart(columns[i]))).join(' ');
const figure = (n) => (n === null ? '' : n >= 1000 ? n.toFixed(0) : String(Number(n.toPrecision(3))));

function goalOf(name, value, ratio) {
  const goal = goals[name];
  if (!goal) return { text: '', missed: false };
  const found = goal.ratio ? ratio : value;
  const atLeast = goal.least !== undefined;
  // What was not measured reaches nothing.
  const reached = Number.isFinite(found) && (atLeast ? found >= goal.least : found <= goal.most);
  return { text: atLeast ? `≥ ${goal.least}` : `≤ ${goal.most}`, missed: !reached };
}

export class Report {
  #how;
  #missed = [];

  constructor({ json = false, markdown = false } = {}) {
    this.#how = json ? 'json' : markdown ? 'markdown' : 'table';
    const titles = ['', 'vitrine', 'unit', 'peer', 'peer', 'ratio'];
    if (markdown) console.log('| | Vitrine | peer | ratio | goal |\n|---|---|---|---|---|');
    else if (!json) console.log(`${row(titles)}  goal`);
  }

  print({ name, value, unit, peer = null, peer_value = null, ratio = null }) {
    const { text, missed } = goalOf(name, value, ratio);
    if (missed) this.#missed.push(`${name}: ${figure(goals[name].ratio ? ratio : value) || 'not measured'}, the goal is ${text}`);
    if (this.#how === 'json') {
      console.log(JSON.stringify({ name, value, unit, peer, peer_value, ratio }));
    } else if (this.#how === 'markdown') {
      const beside = peer ? `${peer}: ${figure(peer_value)}` : '';
      const cells = [`\`${name}\``, `${figure(value)} ${unit}`, beside, figure(ratio), text + (missed ? ', missed' : '')];
      console.log(`| ${cells.join(' | ')} |`);
    } else {
      const cells = [name, figure(value), unit, peer ?? '', figure(peer_value), figure(ratio)];
      console.log(`${row(cells)}  ${text}${missed ? '  missed' : ''}`.trimEnd());
    }
  }

  failed(name, error) {
    this.#missed.push(`${name}: ${error.message}`);
  }

  // The exit code of the run.
  end() {
    for (const line of this.#missed) console.error(`missed: ${line}`);
    return this.#missed.length > 0 ? 1 : 0;
  }
}
