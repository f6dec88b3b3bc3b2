// The pages of the office and the console, taken from the route table: a new one that nobody has an
// address for is a failure that names it.
import { openPage } from './browser.mjs';

// Every address of a surface's pages: [{route, path, who}]. What answers with something else than a
// page (files, styles, a program's questions) isn't one. Without addresses, those that need none.
export async function pagesOf(surface, { server, site, addresses }) {
  const routes = JSON.parse(await server.vitrine('routes'));
  const visitor = server.visitor(surface === 'office' ? site : undefined);
  const { paths } = (await visitor.getJson('/api/openapi.json')).json;
  const isPage = (path) => 'text/html' in (paths[path]?.get?.responses[200]?.content ?? {});
  const own = surface === 'office' ? 'owner' : 'operator';
  return routes
    .filter((route) => route.surface === surface && route.method === 'GET' && isPage(route.path) && !withoutPage.has(route.path))
    .flatMap(({ path: route }) => {
      const found = addresses?.[route] ?? (route.includes('{') ? [] : [route]);
      if (addresses && found.length === 0) throw new Error(`${route}: no page of it is known; give it an address in tests/lib/venue.mjs`);
      return found.map((address) => {
        const [path, who] = [address].flat();
        return { route, path, who: who ?? own };
      });
    });
}

// Answered as JSON whoever asks; the storefront in a frame, which has tests of its own; a test's own plugin.
const withoutPage = new Set([
  '/manage/uploads/{id}', '/console/create/address', '/manage/branding/preview', '/manage/x/greeter/', '/manage/x/circle/{id}', '/manage/x/purse/{id}',
]);

// A page of somebody who has logged in, as far as the password.
export async function openAs(venue, who, options) {
  const page = await openPage({ reducedMotion: 'reduce', ...options });
  const person = venue.people[who];
  if (!person.password) return page;
  await page.goto(`${originOf(venue, who)}${isOfConsole(who) ? '/console' : '/manage'}/login`);
  await page.fill('#email', person.email);
  await page.fill('#password', person.password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => !url.pathname.endsWith('/login'));
  return page;
}

const isOfConsole = (who) => ['operator', 'asked'].includes(who);

// Where somebody's pages are; nobody's are asked for by their path.
export function originOf({ server, site, people }, who, path = '') {
  const console = isOfConsole(who) || path.startsWith('/console');
  return server.visitor(console ? undefined : (people[who].site ?? site)).origin;
}
