// scripts/bench: runs the benchmarks one after the other and prints what they found.
import { endAll } from '../../lib/place.mjs';
import { checkout, hotSlot } from './sales.mjs';
import { pageCached, pageSignedIn, pageUncached } from './pages.mjs';
import { makeStage } from './stage.mjs';

// What each is measured against and the ratio to reach: at least (≥) or at most (≤).
const benchmarks = {
  page_cached: pageCached,
  page_uncached: pageUncached,
  page_signed_in: pageSignedIn,
  checkout,
  hot_slot: hotSlot,
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const quick = args.includes('--quick');
const names = args.filter((arg) => !arg.startsWith('--'));
const options = quick ? { quick, seconds: 2, rounds: 3 } : { quick, seconds: 5, rounds: 5 };

const stage = await makeStage();
const wanted = names.length > 0 ? names : Object.keys(benchmarks);
let failed = false;
for (const name of wanted) {
  const found = await benchmarks[name](stage, options).catch((error) => {
    failed = true;
    console.error(`${name}: ${error.stack}`);
    return [];
  });
  found.forEach(print);
}
await endAll();
process.exit(failed ? 1 : 0);

function print(line) {
  const { name, value, unit, peer = null, peer_value = null, ratio = null } = line;
  if (json) console.log(JSON.stringify({ name, value, unit, peer, peer_value, ratio }));
  else console.log([name, value, unit, peer, peer_value, ratio].join('\t'));
}
