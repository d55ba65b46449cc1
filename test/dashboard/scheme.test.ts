import { expect, it } from 'vitest';
import { FakeDashboard } from './fake-dashboard.ts';

it('the chosen color scheme applies to every page that follows, including the sign-in page', async () => {
  const dashboard = new FakeDashboard();
  const answer = await dashboard.post('/scheme', { scheme: 'dark', next: '/runs?result=failed' });
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/runs?result=failed']);
  const [cookie = ''] = answer.headers.getSetCookie();
  expect(cookie).toMatch(/^firedrill-scheme=dark; Max-Age=31536000; Path=\/; HttpOnly; SameSite=Lax$/);
  const headers = { cookie: 'firedrill-scheme=dark' };
  const page = await (await dashboard.ask('/runs', { headers })).text();
  expect(page).toContain('<html lang="en" data-scheme="dark">');
  expect(page).toMatch(/value="dark"[^>]*aria-pressed="true"/);
  expect(await (await dashboard.ask('/runs')).text()).toContain('<html lang="en">');
});

it('only our own pages set the color scheme, and only to one that exists', async () => {
  const dashboard = new FakeDashboard();
  const cookies = async (form: Record<string, string>, headers = {}) =>
    (await dashboard.post('/scheme', form, { headers })).headers.getSetCookie();
  expect(await cookies({ scheme: 'red' })).toEqual([]);
  expect(await cookies({ scheme: 'dark' }, { origin: 'https://attacker.example' })).toEqual([]);
  const goesTo = async (next: string, headers = {}) =>
    (await dashboard.post('/scheme', { scheme: 'dark', next }, { headers })).headers.get('location');
  expect(await goesTo('//attacker.example')).toBe('/');
  expect(await goesTo('/..//attacker.example')).toBe('/');
  expect(await goesTo('/runs', { origin: 'https://attacker.example' })).toBe('/');
});
