// An upgrade in mid-load: migrations that change what is read and sold, then every worker replaced;
// requests that failed, and how long anybody waited.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { renewed, startCopy, until } from '../../lib/copy.mjs';
import { Load } from '../../lib/load.mjs';
import { Buyer, slotsOf } from '../../lib/sale.mjs';
import { tour } from '../../lib/site.mjs';
import { build } from '../../lib/place.mjs';

const next = {
  '9001_next.sql': `ALTER TABLE orders ADD COLUMN next_reason text, ADD COLUMN next_count int NOT NULL DEFAULT 0;
ALTER TABLE order_line ADD COLUMN next_weight numeric NOT NULL DEFAULT 1;
ALTER TABLE slot ADD COLUMN next_note text;
ALTER TABLE offer ADD COLUMN next_note text;
`,
  '9002_next.sql': `-- outside a transaction
DROP INDEX CONCURRENTLY IF EXISTS order_line_next;
CREATE INDEX CONCURRENTLY order_line_next ON order_line (tenant_id, offer_id, starts_at);
`,
};

async function keepBuying(site, slot, state) {
  while (!state.over) {
    const buyer = new Buyer(site);
    for (const step of [() => buyer.book('tour', slot, { adult: 1 }), () => buyer.details(), () => buyer.pay('pay-at-venue')]) {
      const since = Date.now();
      const { status } = await step().catch((error) => ({ status: error.code }));
      state.answers.push(Date.now() - since);
      if (status !== 200 && status !== 201) state.failed++;
    }
    buyer.visitor.close();
  }
}

export async function upgrade(stage, { quick }) {
  await stage.pause();
  const copy = await startCopy({ postgres: stage.server.postgres, redis: stage.server.redis });
  const { own, home, workers } = copy;
  const site = await own.createSite({ offers: [tour({ capacity: 1_000_000 })] });
  const slots = (await slotsOf(own, site, 'tour')).slice(0, 4);
  const paths = ['/', '/offers', '/offers/tour', '/basket'];
  const load = new Load(own, `${site.slug}.vitrine.localhost`, { paths, http1: 12, http2: 4 });
  const state = { over: false, failed: 0, answers: [] };
  const buyers = slots.map((slot) => keepBuying(site, slot, state));
  await sleep(quick ? 1000 : 5000);

  for (const [name, text] of Object.entries(next)) writeFileSync(join(home, 'core/migrations', name), text);
  const since = Date.now();
  await promisify(execFile)(join(build, 'vitrine'), ['migrate'], { env: own.env });
  const old = workers();
  own.kill('SIGHUP');
  await renewed(copy, old);
  const took = (Date.now() - since) / 1000;
  await until('the last worker', () => workers().length === 3);
  await sleep(quick ? 500 : 3000);

  state.over = true;
  await Promise.all(buyers);
  const statuses = await load.stop();
  await own.stop();
  const wrong = Object.entries(statuses).reduce((sum, [status, count]) => sum + (status === '200' ? 0 : count), 0);
  const worst = Math.max(...state.answers, ...load.answers.map((answer) => answer.took));
  return [
    { name: 'upgrade', value: load.failures.length + load.refused + wrong + state.failed, unit: 'failed' },
    { name: 'upgrade_requests', value: load.answers.length + state.answers.length, unit: 'requests' },
    { name: 'upgrade_worst', value: worst, unit: 'ms' },
    { name: 'upgrade_seconds', value: took, unit: 's' },
  ];
}
