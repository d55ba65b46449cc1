import { describe, expect, it } from 'vitest';
import type { AccessSettings } from '../../src/config/access-schema.ts';
import { describeMode } from '../../src/dashboard/access/access.ts';
import { safePath } from '../../src/dashboard/access/guard.ts';
import { ACCESS, FakeDashboard } from './fake-dashboard.ts';

const CLOSED: AccessSettings = { ...ACCESS, loopback: 'sign-in' };
const PROXY: AccessSettings = {
  ...ACCESS,
  proxy: {
    header: 'X-Forwarded-User',
    from: [{ address: '10.0.0.7', prefix: 32, family: 'ipv4' }],
    role: 'viewer',
    operators: ['alice@example.com'],
  },
};
const READS = [
  '/',
  '/drills/orders',
  '/runs',
  '/runs.csv',
  '/report',
  '/api',
  '/silences',
  '/runbooks/errored',
  '/live',
  '/api/v1/drills',
  '/api/v1/running',
  '/api/v1/openapi.json',
];
const ACTIONS = [
  '/drills/orders/run',
  '/runs/x/stop',
  '/runs/x/keep',
  '/drills/orders/acknowledge',
  '/drills/orders/acknowledge/end',
  '/silences',
  '/silences/00c0ffee/end',
];
const HOUR_MS = 3_600_000;

const seen = async (dashboard: FakeDashboard, options: Parameters<FakeDashboard['ask']>[1] = {}, path = '/runs') =>
  (await dashboard.ask(path, options)).status;

describe('without a token', () => {
  it('nothing can be read: pages redirect to the sign-in, the rest is refused', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    await dashboard.addToken('alice', 'viewer');
    for (const path of READS) {
      const answer = await dashboard.ask(path);
      const isData = path.startsWith('/api/') || path === '/live';
      expect([path, answer.status]).toEqual([path, isData ? 401 : 303]);
      if (!isData) expect(answer.headers.get('location')).toMatch(/^\/signin/);
      expect(await answer.text()).not.toContain('orders');
    }
    expect((await dashboard.ask('/drills/orders?after=1')).headers.get('location')).toBe(
      '/signin?next=%2Fdrills%2Forders%3Fafter%3D1',
    );
  });

  it('nothing can be changed', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    for (const path of [...ACTIONS, '/signout', '/api/v1/drills/orders/runs', '/api/v1/runs/x/stop'])
      expect([path, (await dashboard.post(path, { form: 'x' })).status]).toEqual([path, 401]);
    expect(dashboard.control.asked).toEqual([]);
  });
});

describe('on a loopback address without any token', () => {
  it('every local user can read and operate', async () => {
    const dashboard = await new FakeDashboard().fill();
    expect(await dashboard.dashboard.mode()).toBe('open');
    expect(await seen(dashboard)).toBe(200);
    const form = await dashboard.formOf('/drills/orders');
    expect((await dashboard.post('/drills/orders/run', { form })).headers.get('location')).toBe(
      '/drills/orders?said=queued',
    );
    expect(dashboard.control.asked).toEqual(['run orders by local user, web']);
  });

  it.each([
    ['a name that leads here (DNS rebinding)', { headers: { host: 'attacker.example' } }],
    ['a remote peer', { peer: '192.0.2.9' }],
    ['an unknown peer', { peer: '' }],
    ['a request forwarded by a proxy', { headers: { 'x-forwarded-for': '192.0.2.9' } }],
  ])('but not %s', async (_, options) => {
    expect(await seen(new FakeDashboard(), options)).toBe(303);
  });

  it('nobody can read any more once a token was ever added, even if it was revoked', async () => {
    const dashboard = new FakeDashboard();
    await dashboard.addToken('alice', 'viewer');
    expect([await dashboard.dashboard.mode(), await seen(dashboard)]).toEqual(['sign-in', 303]);
    await dashboard.store.revokeToken('alice', dashboard.now);
    expect([await dashboard.dashboard.mode(), await seen(dashboard)]).toEqual(['sign-in', 303]);
  });

  it('nobody can read when the server is meant to be reached from elsewhere', async () => {
    expect(await seen(new FakeDashboard({ publicUrl: 'https://firedrill.example.com' }))).toBe(303);
    expect(await seen(new FakeDashboard({ access: PROXY }))).toBe(303);
  });
});

it('nobody can read at any other address before there is a token, and the page says how to create one', async () => {
  const dashboard = new FakeDashboard({ listen: { host: '0.0.0.0', port: 8377 } });
  expect(await dashboard.dashboard.mode()).toBe('nobody');
  expect(describeMode('nobody', 'http://0.0.0.0:8377')).toContain('firedrill token add NAME --role operator');
  expect(await seen(dashboard)).toBe(303);
  const page = await (await dashboard.ask('/signin')).text();
  expect(page).toContain('firedrill token add NAME --role operator');
  expect(page).not.toContain('<input id="token"');
});

describe('signing in', () => {
  it('exchanges a token for a session that lasts until it has been idle for too long', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const token = await dashboard.addToken('alice', 'viewer');
    const answer = await dashboard.post('/signin', { token: ` ${token} `, next: '/drills/orders' });
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/drills/orders']);
    const cookie = answer.headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/^firedrill=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; SameSite=Lax$/);
    const headers = { cookie: cookie.split(';')[0] ?? '' };
    for (const hours of [11, 11, 11]) {
      dashboard.now = new Date(dashboard.now.getTime() + hours * HOUR_MS);
      expect(await seen(dashboard, { headers })).toBe(200);
    }
    dashboard.now = new Date(dashboard.now.getTime() + 13 * HOUR_MS);
    expect(await seen(dashboard, { headers })).toBe(303);
    dashboard.now = new Date(dashboard.now.getTime() - 13 * HOUR_MS);
    expect(await seen(dashboard, { headers })).toBe(303);
    expect(dashboard.accesses).toEqual(['alice (viewer) signed in from 127.0.0.1']);
  });

  it('expires after a week, however busy', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const headers = { cookie: await dashboard.signIn(await dashboard.addToken('alice', 'viewer')) };
    for (let day = 0; day < 13; day += 1) {
      dashboard.now = new Date(dashboard.now.getTime() + 12 * HOUR_MS);
      expect(await seen(dashboard, { headers })).toBe(200);
    }
    dashboard.now = new Date(dashboard.now.getTime() + 12 * HOUR_MS);
    expect(await seen(dashboard, { headers })).toBe(303);
  });

  it('over TLS sets a cookie with the __Host- prefix', async () => {
    const publicUrl = 'https://firedrill.example.com';
    const dashboard = new FakeDashboard({ access: CLOSED, publicUrl });
    const token = await dashboard.addToken('alice', 'viewer');
    const answer = await dashboard.post(
      '/signin',
      { token },
      { headers: { origin: publicUrl, host: 'firedrill.example.com' } },
    );
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^__Host-firedrill=[\w-]{43}; Max-Age=604800; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  it('starts a new session each time, and ends the previous one', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const token = await dashboard.addToken('alice', 'viewer');
    const first = await dashboard.signIn(token);
    const again = await dashboard.post('/signin', { token }, { cookie: first });
    const second = (again.headers.getSetCookie()[0] ?? '').split(';')[0] ?? '';
    expect(second).not.toBe(first);
    expect(await seen(dashboard, { headers: { cookie: first } })).toBe(303);
    expect(await seen(dashboard, { headers: { cookie: second } })).toBe(200);
  });

  it('ends by signing out and by revoking the token', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const token = await dashboard.addToken('alice', 'viewer');
    const [one, two] = [await dashboard.signIn(token), await dashboard.signIn(token)];
    expect(
      (await dashboard.post('/signout', { form: await dashboard.formOf('/runs', one) }, { cookie: one })).status,
    ).toBe(303);
    expect(await seen(dashboard, { headers: { cookie: one } })).toBe(303);
    expect(await seen(dashboard, { headers: { cookie: two } })).toBe(200);
    await dashboard.store.revokeToken('alice', dashboard.now);
    expect(await seen(dashboard, { headers: { cookie: two } })).toBe(303);
  });

  it('refuses an invalid token in the same words as a revoked one', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const token = await dashboard.addToken('alice', 'viewer');
    await dashboard.store.revokeToken('alice', dashboard.now);
    for (const wrong of ['', 'x', token, `${token.slice(0, -1)}_`]) {
      const answer = await dashboard.post('/signin', { token: wrong });
      expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
      expect(await answer.text()).toContain('Unknown or revoked token.');
    }
  });

  it.each([
    ['another site', { origin: 'https://attacker.example' }],
    ['a page without an origin', { origin: 'null' }],
    ['another site by its Sec-Fetch-Site header', { 'sec-fetch-site': 'cross-site' }],
    ['a page on another port', { origin: 'http://localhost:9999' }],
  ])('is refused from %s', async (_, headers) => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const answer = await dashboard.post('/signin', { token: await dashboard.addToken('alice', 'viewer') }, { headers });
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([403, []]);
  });

  it('redirects to our own pages only', () => {
    for (const path of [
      '//attacker.example',
      'https://attacker.example',
      '/\\attacker.example',
      '/a\r\nSet-Cookie: x',
      'javascript:alert(1)',
      '',
      undefined,
    ])
      expect(safePath(path)).toBe('/');
    expect(safePath('/runs/x?after=1')).toBe('/runs/x?after=1');
  });

  it.each([
    '/..//attacker.example',
    '/.//attacker.example',
    '/x/..//attacker.example',
    '/x/../..//attacker.example/y?z=1',
    '/%2e%2e//attacker.example',
    '/%2E//attacker.example',
    '/.%2e//attacker.example',
    '/x/%2e%2E//attacker.example',
    '/..///attacker.example',
    '/..\\/attacker.example',
    '/\t/attacker.example',
    '/\n/attacker.example',
    '/..\t//attacker.example',
    '\\\\attacker.example',
    '///attacker.example',
    '//here.invalid//attacker.example',
    '//here.invalid/..//attacker.example',
    'http://here.invalid//attacker.example',
  ])('never goes to another site, whatever %j becomes', async (path) => {
    const base = 'https://dashboard.example/signin';
    expect(new URL(safePath(path), base).host).toBe('dashboard.example');
    expect(safePath(path)).toBe('/');
  });

  it('keeps what only looks like another site', () => {
    for (const path of ['/x//y', '/x/?next=//y', '/%2f/y', '/@attacker.example', '/...//y'])
      expect(safePath(path)).toBe(path);
    expect(safePath('/x/../runs')).toBe('/runs');
  });

  it('refuses ten wrong tokens of a peer, then allows one every six seconds; the right one always works', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const token = await dashboard.addToken('alice', 'viewer');
    for (let tries = 0; tries < 10; tries += 1)
      expect((await dashboard.post('/signin', { token: 'x' })).status).toBe(403);
    const limited = await dashboard.post('/signin', { token: 'x' });
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '6']);
    expect((await dashboard.post('/signin', { token: 'x' }, { peer: '127.0.0.2' })).status).toBe(403);
    expect((await dashboard.post('/signin', { token })).status).toBe(303);
    dashboard.monotonicMs += 6000;
    expect((await dashboard.post('/signin', { token: 'x' })).status).toBe(403);
  });

  it('is limited to a hundred attempts in total, with an IPv6 network counted as one peer', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const token = 'y';
    for (let host = 1; host <= 10; host += 1)
      await dashboard.post('/signin', { token: 'x' }, { peer: `2001:db8::${host}` });
    expect((await dashboard.post('/signin', { token }, { peer: '2001:db8::ffff' })).status).toBe(429);
    for (let peer = 1; peer <= 90; peer += 1)
      await dashboard.post('/signin', { token: 'x' }, { peer: `192.0.2.${peer}` });
    expect((await dashboard.post('/signin', { token }, { peer: '198.51.100.1' })).status).toBe(429);
  });
});

describe('a bearer token', () => {
  it('reads, and runs drills as operator, without any form', async () => {
    const dashboard = await new FakeDashboard({ access: CLOSED }).fill();
    const viewer = { authorization: `Bearer ${await dashboard.addToken('bob', 'viewer')}` };
    const operator = { authorization: `Bearer ${await dashboard.addToken('ci', 'operator')}` };
    expect(await seen(dashboard, { headers: viewer }, '/api/v1/drills')).toBe(200);
    const run = (headers: Record<string, string>) =>
      dashboard.ask('/api/v1/drills/orders/runs', { method: 'POST', headers });
    expect((await run(viewer)).status).toBe(403);
    const end = (path: string) => dashboard.ask(path, { method: 'DELETE', headers: viewer });
    expect((await end('/api/v1/drills/orders/acknowledgement')).status).toBe(403);
    expect((await end('/api/v1/silences/00c0ffee')).status).toBe(403);
    expect(await (await run(operator)).json()).toEqual({ outcome: 'queued' });
    expect(dashboard.control.asked).toEqual(['run orders by ci, web']);
  });

  it('that is wrong, revoked or of another scheme is refused, even with a valid cookie', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const token = await dashboard.addToken('bob', 'viewer');
    const cookie = await dashboard.signIn(token);
    await dashboard.addToken('old', 'viewer');
    for (const authorization of ['Bearer x', 'Bearer', `Basic ${btoa('bob:x')}`, `Bearer ${token}x`]) {
      const answer = await dashboard.ask('/api/v1/drills', { headers: { authorization, cookie } });
      expect([authorization, answer.status]).toEqual([authorization, 401]);
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="firedrill"');
    }
  });

  it('that is right keeps working while a neighbour tries wrong ones', async () => {
    const dashboard = new FakeDashboard({ access: CLOSED });
    const headers = { authorization: `Bearer ${await dashboard.addToken('bob', 'viewer')}` };
    for (let tries = 0; tries < 10; tries += 1)
      await seen(dashboard, { headers: { authorization: 'Bearer x' } }, '/api/v1/drills');
    expect(await seen(dashboard, { headers: { authorization: 'Bearer x' } }, '/api/v1/drills')).toBe(429);
    expect(await seen(dashboard, { headers }, '/api/v1/drills')).toBe(200);
  });
});

describe('a proxy that signs users in', () => {
  const header = (name: string) => ({ 'x-forwarded-user': name });

  it('is trusted from its own address only', async () => {
    const dashboard = new FakeDashboard({ access: PROXY });
    expect(await seen(dashboard, { peer: '10.0.0.7', headers: header('bob') })).toBe(200);
    for (const peer of ['10.0.0.8', '127.0.0.1', '::1', ''])
      expect(await seen(dashboard, { peer, headers: header('bob') })).toBe(303);
    expect(await seen(dashboard, { peer: '10.0.0.7' })).toBe(303);
    expect(await seen(dashboard, { peer: '::ffff:10.0.0.7', headers: header('bob') })).toBe(200);
  });

  it('gives its users the role in the settings, and operators theirs', async () => {
    const dashboard = await new FakeDashboard({ access: PROXY }).fill();
    const page = async (name: string) =>
      (await dashboard.ask('/drills/orders', { peer: '10.0.0.7', headers: header(name) })).text();
    expect(await page('bob')).not.toContain('Run now');
    expect(await page('alice@example.com')).toContain('Run now');
  });

  it('signs in nobody with two headers, an empty one, or an invalid name', async () => {
    const dashboard = new FakeDashboard({ access: PROXY });
    for (const name of ['bob, alice@example.com', '', '<b>bob</b>', 'a'.repeat(200), 'bob alice'])
      expect(await seen(dashboard, { peer: '10.0.0.7', headers: header(name) })).toBe(303);
  });

  it('does not replace the form token of another user', async () => {
    const dashboard = await new FakeDashboard({
      access: { ...PROXY, ...(PROXY.proxy && { proxy: { ...PROXY.proxy, role: 'operator' } }) },
    }).fill();
    const peer = '10.0.0.7';
    const page = await (await dashboard.ask('/drills/orders', { peer, headers: header('bob') })).text();
    const form = /name="form" value="([^"]+)"/.exec(page)?.[1] ?? '';
    expect((await dashboard.post('/drills/orders/run', { form }, { peer, headers: header('mallory') })).status).toBe(
      403,
    );
    expect((await dashboard.post('/drills/orders/run', { form }, { peer, headers: header('bob') })).status).toBe(303);
  });
});
