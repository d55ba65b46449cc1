import { describe, expect, it } from 'vitest';
import { FakeDashboard } from './fake-dashboard.ts';
import { drillOf, LIVE, progressOf, record, runAt } from './fake-drills.ts';
import { hostileDashboard, RUN, SCRIPT } from './hostile-dashboard.ts';

const CLOSED = {
  loopback: 'sign-in',
  proxy: undefined,
  badges: { isPublic: false, keyHash: undefined },
  idleMs: 3_600_000,
  sessionMs: 86_400_000,
} as const;
const PAGES = [
  '/',
  '/drills/orders',
  '/runs',
  `/runs/${RUN}`,
  '/report',
  '/api',
  '/runbooks/errored',
  '/signin?next=/x',
  '/nope',
  '/drills/nope',
];

describe('untrusted texts from drill files, backups, checks and servers', () => {
  it('stay text on every page: no tag, attribute or control character', async () => {
    const dashboard = await hostileDashboard();
    for (const path of PAGES) {
      const page = await (await dashboard.ask(path)).text();
      const tags = page.replaceAll(/"[^"]*"/g, '""');
      const found = [/<script(?! src="")/, /<img/, /<[^<>]*\sonfocus=/].filter((sign) => sign.test(tags));
      const controls = ['\u202e', '\u0007'].filter((control) => page.includes(control));
      expect([path, found, controls]).toEqual([path, [], []]);
    }
    expect(await (await dashboard.ask(`/runs/${RUN}`)).text()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('do not get into headers, or into other pages through an address', async () => {
    const dashboard = await hostileDashboard();
    for (const path of [
      `/?state=${encodeURIComponent(SCRIPT)}&owner=${encodeURIComponent(SCRIPT)}`,
      `/drills/${encodeURIComponent(SCRIPT)}`,
      `/drills/orders?said=${encodeURIComponent(SCRIPT)}`,
      `/report?owner=${encodeURIComponent(SCRIPT)}`,
      `/report?month=${encodeURIComponent(SCRIPT)}`,
      `/signin?next=${encodeURIComponent(`//x/${SCRIPT}`)}`,
    ])
      expect(await (await dashboard.ask(path)).text()).not.toMatch(/<img|<script(?! src="\/assets\/)/);
    const form = await dashboard.formOf('/signin');
    const answer = await dashboard.post(`/drills/${encodeURIComponent('a\r\nSet-Cookie: x=1')}/run`, { form });
    expect(answer.headers.getSetCookie()).toEqual([]);
    expect(answer.headers.get('location') ?? '').not.toMatch(/[\r\n]/);
  });

  it('are plain JSON in the API', async () => {
    const dashboard = await hostileDashboard();
    for (const path of ['/api/v1/drills', '/api/v1/running', `/api/v1/runs/${RUN}`, `/api/v1/runs/${RUN}/log`]) {
      const answer = await dashboard.ask(path);
      expect([answer.headers.get('content-type'), answer.headers.get('x-content-type-options')]).toEqual([
        'application/json',
        'nosniff',
      ]);
      expect(JSON.stringify(await answer.json())).toContain('<script>');
    }
  });

  it('do not become formulas in CSV', async () => {
    const dashboard = new FakeDashboard();
    const evil = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1'];
    await record(
      dashboard.store,
      evil.map((owner, index) => runAt('orders', index, 5, { owner, id: `run-${index}` })),
    );
    const lines = (await (await dashboard.ask('/runs.csv')).text()).split('\r\n');
    const at = lines[0]?.split(',').indexOf('owner') ?? -1;
    expect(lines.slice(1, -1).map((line) => line.split(',')[at])).toEqual([
      "'=1+1",
      "'+1",
      "'-1",
      "'@SUM(A1)",
      "'\\t=1".replace("'", ''),
      "' =1",
    ]);
  });
});

describe('secrets', () => {
  it('known to the process are on no page and in no response', async () => {
    const dashboard = await hostileDashboard();
    const secret = 'hunter2-hunter2';
    dashboard.redactor.add(secret);
    dashboard.control.unavailable = undefined;
    dashboard.control.waiting = [{ drill: 'shop', since: dashboard.now, triggeredBy: secret, waitsFor: secret }];
    dashboard.control.running = [
      {
        ...LIVE,
        runId: RUN,
        drill: 'orders',
        startedAt: dashboard.now,
        triggeredBy: secret,
        stages: [],
        stage: undefined,
        progress: progressOf(secret),
        checks: [{ name: secret, passed: true, expected: secret, actual: secret, durationMs: 1 }],
        kept: {
          until: new Date(dashboard.now.getTime() + 600_000),
          shellCommand: `sh ${secret}`,
          clientCommand: `psql postgres://app:${secret}@db/x`,
        },
        keepMs: 1,
      },
    ];
    dashboard.broken = [
      { file: secret, problem: `password=${secret}`, problemCount: 1, since: dashboard.now, keeps: secret },
    ];
    dashboard.drills = [
      drillOf('orders', { owner: secret, description: secret, heartbeat: `https://hc.example/${secret}` }),
      drillOf('shop'),
    ];
    for (const path of [
      ...PAGES,
      '/api/v1/drills',
      '/api/v1/drills/orders',
      '/api/v1/running',
      `/api/v1/runs/${RUN}`,
    ]) {
      const text = await (await dashboard.ask(path)).text();
      expect([path, text.includes(secret), text.includes('very-secret-key')]).toEqual([path, false, false]);
    }
  });

  it('and how to connect to a kept sandbox are shown to operators only', async () => {
    const dashboard = await new FakeDashboard({ access: CLOSED }).fill();
    const kept = {
      until: new Date(dashboard.now.getTime() + 600_000),
      shellCommand: 'docker exec -it fd-1 sh',
      clientCommand: 'docker exec -it fd-1 psql',
    };
    dashboard.control.running = [
      {
        ...LIVE,
        runId: RUN,
        drill: 'orders',
        startedAt: dashboard.now,
        triggeredBy: 'schedule',
        stages: [],
        stage: undefined,
        progress: undefined,
        checks: [],
        kept,
        keepMs: 1,
      },
    ];
    for (const [role, told] of [
      ['viewer', false],
      ['operator', true],
    ] as const) {
      const headers = { authorization: `Bearer ${await dashboard.addToken(role, role)}` };
      for (const path of [`/runs/${RUN}`, '/api/v1/running'])
        expect([role, path, (await (await dashboard.ask(path, { headers })).text()).includes('docker exec')]).toEqual([
          role,
          path,
          told,
        ]);
    }
  });

  it('an error shows no stack and no internal message', async () => {
    const dashboard = new FakeDashboard({ standings: () => Promise.reject(new Error('inner words')) });
    for (const path of ['/', '/api/v1/drills']) {
      const answer = await dashboard.ask(path);
      const text = await answer.text();
      expect([answer.status, text.includes('inner words'), /at .*\.ts:\d+/.test(text)]).toEqual([500, false, false]);
    }
    expect(dashboard.errors).toHaveLength(2);
  });
});

describe('a change', () => {
  const setUp = async () => {
    const dashboard = await new FakeDashboard({ access: CLOSED }).fill();
    const operator = await dashboard.signIn(await dashboard.addToken('alice', 'operator'));
    const viewer = await dashboard.signIn(await dashboard.addToken('bob', 'viewer'));
    return { dashboard, operator, viewer };
  };

  it('is made by operators, with the form of their own session', async () => {
    const { dashboard, operator } = await setUp();
    dashboard.control.running = [
      {
        ...LIVE,
        runId: RUN,
        drill: 'shop',
        startedAt: dashboard.now,
        triggeredBy: 'schedule',
        stages: [],
        stage: undefined,
        progress: undefined,
        checks: [],
        kept: undefined,
        keepMs: undefined,
      },
    ];
    const form = await dashboard.formOf('/drills/orders', operator);
    const ask = async (path: string, more = {}) =>
      (await dashboard.post(path, { form, ...more }, { cookie: operator })).headers.get('location');
    expect(await ask('/drills/orders/run')).toBe('/drills/orders?said=queued');
    expect(await ask(`/runs/${RUN}/keep`, { minutes: '30' })).toBe(`/runs/${RUN}?said=keeping`);
    expect(await ask(`/runs/${RUN}/stop`)).toBe(`/runs/${RUN}?said=stopping`);
    expect(await ask('/runs/gone/stop')).toBe('/runs/gone?said=gone');
    expect(dashboard.control.asked).toEqual([
      'run orders by alice, web',
      `keep ${RUN} for 1800000 by alice (web)`,
      `stop ${RUN} by alice (web)`,
      'stop gone by alice (web)',
    ]);
    expect(dashboard.accesses.slice(-3)).toEqual([
      'alice started orders',
      `alice keeps the sandbox of run ${RUN} for 30 minutes`,
      `alice stopped run ${RUN}`,
    ]);
  });

  it('is refused to viewers, and their pages offer none', async () => {
    const { dashboard, viewer } = await setUp();
    const page = await (await dashboard.ask('/drills/orders', { headers: { cookie: viewer } })).text();
    expect(page).not.toContain('Run now');
    const form = await dashboard.formOf('/drills/orders', viewer); // the sign-out form
    for (const path of ['/drills/orders/run', `/runs/${RUN}/stop`, `/runs/${RUN}/keep`])
      expect([path, (await dashboard.post(path, { form, minutes: '10' }, { cookie: viewer })).status]).toEqual([
        path,
        403,
      ]);
    expect(dashboard.control.asked).toEqual([]);
  });

  it.each([
    ['no form', {}, {}],
    ['another site in its Origin header', {}, { origin: 'https://attacker.example' }],
    ['another site in its Sec-Fetch-Site header', {}, { 'sec-fetch-site': 'cross-site' }],
    ['a sibling site', {}, { 'sec-fetch-site': 'same-site' }],
    ['a page without an origin', {}, { origin: 'null' }],
  ])('is refused for a request with %s', async (_, fields, headers) => {
    const { dashboard, operator } = await setUp();
    const own = Object.keys(headers).length > 0 ? { form: await dashboard.formOf('/drills/orders', operator) } : fields;
    const answer = await dashboard.post('/drills/orders/run', own, { cookie: operator, headers });
    expect([answer.status, dashboard.control.asked]).toEqual([403, []]);
  });

  it('is refused with a form from another session or a modified one', async () => {
    const { dashboard, operator } = await setUp();
    const other = await dashboard.formOf(
      '/drills/orders',
      await dashboard.signIn(await dashboard.addToken('carol', 'operator')),
    );
    const own = await dashboard.formOf('/drills/orders', operator);
    for (const form of [other, `${own.slice(0, -2)}AA`, `${own}A`, ''])
      expect((await dashboard.post('/drills/orders/run', { form }, { cookie: operator })).status).toBe(403);
    expect(await dashboard.formOf('/drills/orders', operator)).not.toBe(own); // masked anew
    expect((await dashboard.post('/drills/orders/run', { form: own }, { cookie: operator })).status).toBe(303);
  });

  it('is never made by a read, whatever the address says', async () => {
    const { dashboard, operator } = await setUp();
    for (const path of ['/drills/orders/run', `/runs/${RUN}/stop`])
      expect((await dashboard.ask(path, { headers: { cookie: operator } })).status).toBe(404);
    expect(dashboard.control.asked).toEqual([]);
  });

  it('through the API takes JSON from our own pages, so that forms of other sites cannot make it', async () => {
    const { dashboard, operator } = await setUp();
    const run = async (headers: Record<string, string>) =>
      (
        await dashboard.ask('/api/v1/drills/orders/runs', {
          method: 'POST',
          body: '{}',
          headers: { cookie: operator, ...headers },
        })
      ).status;
    expect(await run({ 'content-type': 'text/plain', origin: 'http://localhost:8377' })).toBe(403);
    expect(await run({ 'content-type': 'application/json', origin: 'https://attacker.example' })).toBe(403);
    expect(await run({ 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' })).toBe(403);
    expect(await run({ 'content-type': 'application/json', origin: 'http://localhost:8377' })).toBe(202);
    const preflight = await dashboard.ask('/api/v1/drills/orders/runs', {
      method: 'OPTIONS',
      headers: { cookie: operator, origin: 'https://attacker.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('refuses a body larger than a form', async () => {
    const { dashboard, operator } = await setUp();
    const body = `form=${'x'.repeat(20_000)}`;
    const headers = {
      cookie: operator,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(body.length),
      origin: 'http://localhost:8377',
    };
    expect((await dashboard.ask('/drills/orders/run', { method: 'POST', body, headers })).status).toBe(413);
  });
});

describe('every response', () => {
  it('forbids foreign scripts and styles, framing, sniffing and storing', async () => {
    const dashboard = await new FakeDashboard().fill();
    for (const path of [...PAGES, '/api/v1/drills', '/api/v1/nope', '/assets/nope']) {
      const { headers } = await dashboard.ask(path);
      expect(
        Object.fromEntries(
          [
            'content-security-policy',
            'x-frame-options',
            'x-content-type-options',
            'referrer-policy',
            'cache-control',
          ].map((name) => [name, headers.get(name)]),
        ),
      ).toEqual({
        'content-security-policy':
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        'x-frame-options': 'DENY',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'same-origin',
        'cache-control': 'no-store',
      });
    }
  });

  it('has no inline script or style on any page', async () => {
    const dashboard = await new FakeDashboard().fill();
    for (const path of PAGES)
      expect(await (await dashboard.ask(path)).text()).not.toMatch(/\sstyle=|<style|\son\w+="|javascript:/);
  });

  it('serves no file through a path that leads out of its directory', async () => {
    const dashboard = await new FakeDashboard().fill();
    for (const path of [
      '/assets/../package.json',
      '/assets/..%2f..%2fpackage.json',
      '/runbooks/..%2fpackage',
      '/runbooks/..%2f..%2fetc%2fpasswd',
      '/runbooks/%2e%2e%2fREADME',
      '/runs/..%2f..%2fetc%2fpasswd',
      '/drills/..%2f..%2fetc%2fpasswd',
      '/runbooks/errored.md',
      '/runbooks/errored%00',
    ])
      expect([path, (await dashboard.ask(path)).status]).toEqual([path, 404]);
  });
});
