// ux 22, on the pages of the demo sites: what a first visit loads, pictures aside.
import assert from 'node:assert/strict';
import test from 'node:test';
import { openPage } from '../lib/browser.mjs';
import { startServer } from '../lib/index.mjs';

const server = await startServer();
await server.vitrine('site', 'demo', 'tenants/demo');

test('ux 22: a page weighs 100 KB at most without its pictures, 25 of them scripts', async () => {
  for (const slug of ['acequia', 'beckwith-baths', 'la-trame', 'minamo']) {
    const home = server.visitor(slug).origin;
    const page = await openPage({ locale: 'fr-FR' });
    const found = [];
    page.on('requestfinished', (request) => found.push(request));
    await page.goto(`${home}/fr/offers`);
    const first = page.locator('.card__title a').first();
    await Promise.all([page.waitForURL(/\/offers\/\w/), first.click()]);
    await page.waitForLoadState('networkidle');
    // What a first visit to this offer would load: each address once.
    const sizes = new Map();
    for (const request of found) {
      const kind = request.resourceType();
      if (kind === 'image' || request.url().includes('/art/')) continue;
      const { responseBodySize, responseHeadersSize } = await request.sizes();
      if (responseBodySize > 0) sizes.set(request.url(), { kind, bytes: responseBodySize + responseHeadersSize });
    }
    const all = [...sizes].filter(([url]) => !url.endsWith('/fr/offers')).map(([, size]) => size);
    const sum = (list) => list.reduce((total, { bytes }) => total + bytes, 0);
    assert.ok(sum(all) <= 100 * 1024, `${slug}: ${sum(all)} bytes`);
    const scripts = sum(all.filter(({ kind }) => kind === 'script'));
    assert.ok(scripts > 5000 && scripts <= 25 * 1024, `${slug}: ${scripts} bytes of scripts`);
    await page.context().close();
  }
});
