// scripts/bench: runs the benchmarks one after the other and prints what they found (report.mjs).
import { endAll } from '../../lib/place.mjs';
import { accountOrders, customerSearch } from './customers.mjs';
import { import100k } from './imports.mjs';
import { ledgerPost } from './ledger.mjs';
import { export100k, officeDay, orderSearch } from './office.mjs';
import { pageCached, pageSignedIn, pageUncached } from './pages.mjs';
import { hookIdle, hookLua, toggle } from './plugins.mjs';
import { checkout, hotSlot } from './sales.mjs';
import { sites10k } from './sites.mjs';
import { Report } from './report.mjs';
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

const [flags, names] = [true, false].map((yes) => process.argv.slice(2).filter((arg) => arg.startsWith('--') === yes));
const quick = flags.includes('--quick');
const options = quick ? { quick, seconds: 1, rounds: 3 } : { quick, seconds: 5, rounds: 5 };

const unknown = names.find((name) => !benchmarks[name]);
if (unknown) {
  console.error(`bench: no benchmark ${unknown}; there are ${Object.keys(benchmarks).join(' ')}`);
  process.exit(2);
}

const stage = await makeStage();
const report = new Report({ json: flags.includes('--json'), markdown: flags.includes('--markdown') });
for (const name of names.length > 0 ? names : Object.keys(benchmarks)) {
  console.error(`· ${name}`);
  try {
    for (const line of await benchmarks[name](stage, options)) report.print(line);
  } catch (error) {
    report.failed(name, error);
  }
}
await endAll();
process.exit(report.end());
