import { expect, it } from 'vitest';
import { hashSecret } from '../../src/support/access-token.ts';
import { ACCESS, FakeDashboard } from './fake-dashboard.ts';

const KEY = '0123456789abcdef';
const FAR = { peer: '203.0.113.9', headers: { host: 'firedrill.example' } };

const stateOf = async (answer: Response) =>
  /<title>recovery of [\w.-]+: ([a-z ]+)<\/title>/.exec(await answer.text())?.[1];

it.each([
  ['shop', 'proven'],
  ['orders', 'failing'],
  ['archive', 'never proven'],
  ['search', 'never proven'],
])('the badge of %s says %s', async (drill, words) => {
  const dashboard = await new FakeDashboard().fill();
  const answer = await dashboard.ask(`/badge/${drill}.svg`);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/svg+xml; charset=utf-8']);
  expect(await stateOf(answer)).toBe(words);
});

it('is visible to users who may see the pages, unless it is public or the key is in the address', async () => {
  const ask = async (
    badges: { isPublic: boolean; keyHash: string | undefined },
    query = '',
    path = '/badge/shop.svg',
  ) => {
    const dashboard = await new FakeDashboard({ access: { ...ACCESS, badges } }).fill();
    await dashboard.addToken('alice', 'viewer');
    const answer = await dashboard.ask(`${path}${query}`, FAR);
    return [answer.status, answer.headers.get('cache-control'), answer.headers.get('cross-origin-resource-policy')];
  };
  const shared = [200, 'public, max-age=60, must-revalidate', 'cross-origin'];
  const refused = [401, 'no-store', null];
  const keyed = { isPublic: false, keyHash: hashSecret(KEY) };
  expect(await ask({ isPublic: false, keyHash: undefined })).toEqual(refused);
  expect(await ask({ isPublic: false, keyHash: undefined }, '?key=')).toEqual(refused);
  expect(await ask(keyed)).toEqual(refused);
  expect(await ask(keyed, '?key=0123456789abcdeF')).toEqual(refused);
  expect(await ask(keyed, `?key=${KEY}`)).toEqual(shared);
  expect(await ask({ isPublic: true, keyHash: undefined })).toEqual(shared);
  expect(await ask(keyed, '', '/badge/nothing.svg')).toEqual(refused);
  expect((await ask(keyed, `?key=${KEY}`, '/drills/shop'))[0]).toBe(303);
});

it('is not sent again while it is unchanged', async () => {
  const dashboard = await new FakeDashboard().fill();
  const tag = (await dashboard.ask('/badge/shop.svg')).headers.get('etag') ?? '';
  const again = await dashboard.ask('/badge/shop.svg', { headers: { host: 'localhost:8377', 'if-none-match': tag } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  expect((await dashboard.ask('/badge/nothing.svg')).status).toBe(404);
});

it('is on the page of its drill, with Markdown to paste', async () => {
  const dashboard = await new FakeDashboard({ publicUrl: 'https://drills.example' }).fill();
  const page = await (await dashboard.ask('/drills/shop', { headers: { 'x-forwarded-for': '' } })).text();
  expect(page).not.toContain('/badge/shop.svg'); // an address elsewhere turns on sign-in
  const open = await (await (await new FakeDashboard().fill()).ask('/drills/shop')).text();
  expect(open).toContain('recovery of shop: proven');
  expect(open).toContain('[![recovery of shop](https://FIREDRILL/badge/shop.svg)](https://FIREDRILL/drills/shop)');
});
