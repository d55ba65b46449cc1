import { expect, test } from 'vitest';
import type { SourceSpec } from '../../../src/backup/registry.ts';
import { openSource } from '../../../src/backup/registry.ts';
import { readDrillText } from '../../../src/config/load-drills.ts';
import { findPlaces } from '../../../src/run/discover/find-places.ts';

async function drillOf(source: string, file = '/w/drills/d.yaml') {
  const text = { name: 'd', backup: { source, match: 'x' }, engine: { type: 'postgres' }, objectives: { rto: '1h' } };
  const checks = [{ name: 'c', sql: 'select 1', expect: 1 }];
  const { drill } = await readDrillText(file, JSON.stringify({ ...text, checks }), { cwd: '/w', env: {} });
  if (!drill) throw new Error('not a drill');
  return drill;
}

async function placesOf(...sources: readonly string[]): Promise<readonly string[]> {
  const drills = await Promise.all(sources.map((source) => drillOf(source)));
  const open = (spec: SourceSpec) =>
    openSource(spec, {
      readKey: async () => Promise.reject(new Error('no key is read')),
      onRequest: () => undefined,
    });
  const { places } = await findPlaces(drills, { openSource: open }, new AbortController().signal);
  return places.map(({ spec }) => (spec.type === 'directory' ? spec.path : JSON.stringify(spec)));
}

test.each([
  [['/srv/backups/shop'], ['/srv/backups']],
  [['/srv/backups/shop', '/srv/backups/crm', '/srv/backups'], ['/srv']],
  [
    ['/srv/a/shop', '/mnt/b/crm'],
    ['/srv/a', '/mnt/b'],
  ],
  [['../backups'], ['/w/backups']],
  [['/backups'], ['/backups']],
])('for drills of %j, searches %j', async (sources, places) => {
  expect(await placesOf(...sources)).toEqual(places);
});

test('remembers what the drills themselves name within a wider place', async () => {
  const drills = [await drillOf('/srv/backups/shop'), await drillOf('/srv/backups/crm')];
  const open = (spec: SourceSpec) =>
    openSource(spec, {
      readKey: async () => Promise.reject(new Error('no key is read')),
      onRequest: () => undefined,
    });
  const { places } = await findPlaces(drills, { openSource: open }, new AbortController().signal);
  expect(places).toMatchObject([{ within: [{ path: '/srv/backups/shop' }, { path: '/srv/backups/crm' }] }]);
});
