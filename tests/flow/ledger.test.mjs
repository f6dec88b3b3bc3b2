// The ledger as plugins use it: value that is given, held, taken and brought back, each once; never
// another site's; expired at night; proved by `vitrine ledger verify` and by a job that fails where
// the console shows it.
import assert from 'node:assert/strict';
import test from 'node:test';
import { join } from 'node:path';
import { root, startServer } from '../lib/index.mjs';
import { staff } from '../lib/office.mjs';

const server = await startServer({ env: { VITRINE_TEST_PLUGINS: join(root, 'tests/fixtures/plugins') } });
const site = await server.createSite({ features: { purse: {} } });
const other = await server.createSite({ features: { purse: {} } });
const desk = await staff(site);
const neighbour = await staff(other);

const open = async (code, who = desk) => (await who.postJson('/manage/x/purse/', { code })).json.id;
const show = async (id, who = desk) => (await who.getJson(`/manage/x/purse/${id}`)).json;
const has = async (id, who = desk) => {
  const { available, held, total } = await show(id, who);
  return [available, held, total];
};
async function post(id, steps, who = desk) {
  const answer = await who.postJson(`/manage/x/purse/${id}/steps`, { steps: JSON.stringify(steps) });
  assert.equal(answer.status, 200, answer.text);
  return answer.json;
}
const give = (key, amount, more = {}) => ({ op: 'give', key, amount, mine: true, other: 'issued', ...more });
const take = (key, amount, more = {}) => ({ op: 'take', key, amount, mine: true, other: 'spent', ...more });
const broken = (...words) => server.vitrine(...words).then(() => assert.fail('it holds'), ({ stdout }) => stdout);
const now = async () => Number((await server.sql('SELECT vt_us(max(at)) AS n FROM posting'))[0].n);

test('what is given can be spent once, in parts, and comes back to where it was', async () => {
  const purse = await open('first');
  assert.equal(await open('first'), purse, 'the same code is the same account');
  const [{ id }] = (await post(purse, [give('g1', 100, { note: 'Welcome <b>' })])).done;
  assert.deepEqual((await post(purse, [give('g1', 100)])).done, [{ id, already: true }]);
  assert.equal((await post(purse, [give('g1', 101)])).code, 'key_reused');
  assert.equal((await post(purse, [take('t1', 101)])).code, 'short');
  const taken = (await post(purse, [take('t1', 60)])).done[0];
  assert.deepEqual([taken.taken, await has(purse)], [60, [40, 0, 40]]);
  assert.equal((await post(purse, [{ op: 'return', key: 'r1', amount: 61, of: taken.id }])).code, 'too_much');
  await post(purse, [{ op: 'return', key: 'r1', amount: 10, of: taken.id }]);
  assert.deepEqual(await has(purse), [50, 0, 50]);
  const { movements } = await show(purse);
  assert.deepEqual(movements.map(({ amount }) => amount), [10, -60, 100]);
  assert.deepEqual([movements[2].note, movements[2].kind, movements[2].actor_kind], ['Welcome <b>', 'by hand', 'staff']);
  assert.equal(movements[0].reverses, taken.id);
});

test('what is held is captured in part or let go; steps are all done or none', async () => {
  const purse = await open('second');
  await post(purse, [give('s1', 50)]);
  const until_us = (await now()) + 3600e6;
  const [hold] = (await post(purse, [{ op: 'hold', key: 'h1', amount: 30, mine: true, until_us }])).done;
  assert.deepEqual(await has(purse), [20, 30, 50]);
  assert.equal((await post(purse, [take('s2', 21)])).code, 'short');
  assert.equal((await post(purse, [take('s3', 5), { op: 'capture', key: 'c1', amount: 31, of: hold.id, other: 'spent' }])).code, 'too_much');
  assert.deepEqual(await has(purse), [20, 30, 50], 'neither step was done');
  await post(purse, [take('s3', 5), { op: 'capture', key: 'c1', amount: 25, of: hold.id, other: 'spent' }]);
  assert.deepEqual(await has(purse), [20, 0, 20]);
  assert.equal((await post(purse, [{ op: 'void', of: hold.id }])).code, 'ended');
});

test('L26: amounts that are none are refused, whatever they are', async () => {
  const purse = await open('odd');
  for (const amount of [0, -5, 1e15 + 1]) assert.equal((await post(purse, [give('odd', amount)])).code, 'amount');
  assert.deepEqual(await has(purse), [0, 0, 0]);
});

test('a site never touches another’s value, not even by its number', async () => {
  const purse = await open('mine');
  await post(purse, [give('m1', 70)]);
  const [hold] = (await post(purse, [{ op: 'hold', key: 'm2', amount: 20, mine: true, until_us: (await now()) + 3600e6 }])).done;
  const [taken] = (await post(purse, [take('m3', 10)])).done;
  assert.deepEqual(await has(purse, neighbour), [0, 0, 0]);
  assert.deepEqual((await show(purse, neighbour)).movements, []);
  for (const [steps, code] of [
    [[take('n1', 1)], 'no_account'],
    [[give('n2', 1)], 'no_account'],
    [[{ op: 'capture', key: 'n3', amount: 1, of: hold.id, other: 'spent' }], 'not_found'],
    [[{ op: 'void', of: hold.id }], 'not_found'],
    [[{ op: 'return', key: 'n4', amount: 1, of: taken.id }], 'not_found'],
  ]) assert.equal((await post(purse, steps, neighbour)).code, code);
  assert.deepEqual(await has(purse), [40, 20, 60]);
});

test('of many submits at once the balance decides, and nobody gets less than nothing', async () => {
  const purse = await open('rush');
  await post(purse, [give('x1', 35)]);
  const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => post(purse, [take(`rush${i}`, 10)])));
  assert.equal(answers.filter(({ done }) => done).length, 3);
  assert.ok(answers.filter(({ done }) => !done).every(({ code }) => code === 'short'));
  assert.deepEqual(await has(purse), [5, 0, 5]);
});

test('T33: what has expired can’t be spent, and has left its account by the next morning', async () => {
  const purse = await open('mortal');
  await post(purse, [give('e1', 10, { until_us: (await now()) + 3600e6 }), give('e2', 7)]);
  await server.time('+7200');
  assert.deepEqual(await has(purse), [7, 0, 17]);
  assert.equal((await post(purse, [take('e3', 8)])).code, 'short');
  await server.time('+86400');
  await server.jobs();
  assert.deepEqual(await has(purse), [7, 0, 7]);
  assert.deepEqual((await show(purse)).movements.map(({ kind, amount }) => [kind, amount]), [['expired', -10], ['by hand', 7], ['by hand', 10]]);
});

test('the proof holds; what was tampered with is named, by hand and by the job at night', async () => {
  assert.match(await server.vitrine('ledger', 'verify'), /holds {2}the entries of a posting sum to zero/);
  assert.match(await server.vitrine('ledger', 'verify', '--site', site.slug), /holds {2}nobody has less than nothing/);
  await assert.rejects(server.vitrine('ledger', 'verify', '--site', 'nowhere'), /there is no site nowhere/);
  await assert.rejects(server.vitrine('ledger', 'prove'), /usage: vitrine ledger verify/);
  const failed = async () => (await server.sql("SELECT last_error FROM job WHERE kind = 'ledger.verify' AND state = 'failed'")).map(({ last_error }) => last_error);
  assert.deepEqual(await failed(), []);
  const change = (sign) => server.sql(
    `UPDATE lot_balance SET remaining = remaining ${sign} 1
      WHERE (tenant_id, lot_id) IN (SELECT b.tenant_id, b.lot_id FROM lot_balance b JOIN site USING (tenant_id)
                                     WHERE slug = $1 AND remaining BETWEEN 2 AND amount - 1 ORDER BY lot_id LIMIT 1)`, [site.slug]);
  await change('-');
  assert.match(await broken('ledger', 'verify'), /MEND {3}what is left of a lot is the sum of its entries\n1 contradict it:/);
  assert.match(await broken('verify'), /MEND {3}what is left of a lot/);
  assert.match(await server.vitrine('ledger', 'verify', '--site', other.slug), /holds {2}what is left of a lot/);
  await server.time('+86400');
  await server.jobs();
  const [why, ...more] = await failed();
  assert.match(why, /^the ledger contradicts: what is left of a lot is the sum of its entries: \{/);
  assert.deepEqual(more, []);
  await change('+');
  assert.match(await server.vitrine('ledger', 'verify'), /holds {2}what is left of a lot/);
});
