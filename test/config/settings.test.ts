import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSettings } from '../../src/config/settings.ts';
import { type DrillError, formatError } from '../../src/support/errors.ts';
import { workspace } from './loading.ts';

const NO_SANDBOX = { memoryBytes: undefined, cpus: undefined, dataRoot: undefined };
const NOBODY_TOLD = { channels: [], routes: undefined, reminders: 'daily', digest: undefined, missing: [] };
const SERVE = expect.objectContaining({ sandboxes: 2 });
const ACCESS = {
  loopback: 'open',
  proxy: undefined,
  badges: { isPublic: false, keyHash: undefined },
  idleMs: 43_200_000,
  sessionMs: 604_800_000,
};

describe('settings', () => {
  it('have defaults for everything when there is no file', async () => {
    const cwd = await workspace({});
    expect(await loadSettings({ cwd, env: {} })).toEqual({
      file: undefined,
      store: { kind: 'sqlite', path: join(cwd, '.firedrill/history.db') },
      drillsDir: 'drills',
      runtime: undefined,
      images: {},
      prices: [],
      limits: { runs: [], rates: [] },
      sandbox: NO_SANDBOX,
      serve: SERVE,
      access: ACCESS,
      notify: NOBODY_TOLD,
      reports: [],
      discover: { schedule: undefined, sources: [], servers: [], maxRequests: 2000 },
      publicUrl: undefined,
      logLevel: 'info',
    });
  });

  it('come from firedrill.yaml, with paths relative to it', async () => {
    const text = [
      'store: data/h.db',
      'drills: my drills',
      'runtime: docker',
      'images: { "postgres:17": registry.example.com/postgres:17 }',
      'prices: { "s3://acme/": { perGb: 0.09 } }',
      'limits: { sources: { "s3://acme/": { maxRuns: 2, maxBytesPerSecond: 100m } }, pools: { eu: { maxRuns: 4 }, default: { maxRuns: 3 } }, costPerMonth: 200 USD }',
      'sandbox: { memory: 4g, cpus: 1.5, dataRoot: scratch }',
      'logLevel: debug',
    ].join('\n');
    const cwd = await workspace({ 'conf/firedrill.yaml': text });
    const expected = {
      file: join(cwd, 'conf/firedrill.yaml'),
      store: { kind: 'sqlite', path: join(cwd, 'conf/data/h.db') },
      drillsDir: 'conf/my drills',
      runtime: 'docker',
      images: { 'postgres:17': 'registry.example.com/postgres:17' },
      prices: [{ of: 's3://acme/', perGb: 0.09, perThousandRequests: 0, currency: 'USD' }],
      limits: {
        runs: [
          { kind: 'source', name: 's3://acme/', maxRuns: 2 },
          { kind: 'pool', name: 'eu', maxRuns: 4 },
          { kind: 'pool', name: 'default', maxRuns: 3 },
        ],
        rates: [{ of: 's3://acme/', bytesPerSecond: 100 * 2 ** 20 }],
        costPerMonth: { amount: 200, currency: 'USD' },
      },
      sandbox: { memoryBytes: 4 * 2 ** 30, cpus: 1.5, dataRoot: join(cwd, 'conf/scratch') },
      serve: SERVE,
      access: ACCESS,
      notify: NOBODY_TOLD,
      reports: [],
      discover: { schedule: undefined, sources: [], servers: [], maxRequests: 2000 },
      publicUrl: undefined,
      logLevel: 'debug',
    };
    expect(await loadSettings({ file: 'conf/firedrill.yaml', cwd, env: {} })).toEqual(expected);
    expect(await loadSettings({ cwd, env: { FIREDRILL_CONFIG: 'conf/firedrill.yaml' } })).toEqual(expected);
    expect(await loadSettings({ cwd: join(cwd, 'conf'), env: {} })).toEqual({ ...expected, drillsDir: 'my drills' });
  });

  it('are the defaults when the file holds only comments', async () => {
    const cwd = await workspace({ 'firedrill.yaml': '# runtime: docker\n' });
    expect(await loadSettings({ cwd, env: {} })).toMatchObject({ runtime: undefined, logLevel: 'info' });
  });

  it('are overridden by the environment', async () => {
    const cwd = await workspace({ 'firedrill.yaml': 'runtime: docker\nstore: a.db\n' });
    const env = { FIREDRILL_RUNTIME: 'local', FIREDRILL_STORE: '/var/lib/h.db' };
    expect(await loadSettings({ cwd, env })).toMatchObject({
      runtime: 'local',
      store: { kind: 'sqlite', path: '/var/lib/h.db' },
    });
  });

  it.each<[string, Record<string, string>, { file?: string; env?: Record<string, string> }, string]>([
    [
      'all unknown keys and invalid values',
      { 'firedrill.yaml': 'drill: x\nlogLevel: loud\nimages: [a]\nsandbox: { memory: 2 }\n' },
      {},
      [
        'config-invalid: 4 problems in firedrill.yaml',
        '  firedrill.yaml:1:1: "drill" is not known here; did you mean "drills"? (allowed: store, drills, runtime, images, prices, sandbox, serve, limits, access, notify, reports, discover, publicUrl, logLevel)',
        '  firedrill.yaml:2:1: logLevel: must be debug, info, warn or error, not "loud"',
        '  firedrill.yaml:3:1: images: must be a mapping of image names, not a list',
        '  firedrill.yaml:4:12: sandbox.memory: must be a size with a unit such as 512m or 2g, not 2',
      ].join('\n'),
    ],
    [
      'a named file that does not exist',
      {},
      { file: 'x.yaml' },
      'config-missing-file: the settings file x.yaml does not exist',
    ],
    [
      'a budget of the month without prices, or in another currency',
      { 'firedrill.yaml': 'limits: { costPerMonth: 200 USD }\nprices: { "s3://acme/": { currency: EUR } }\n' },
      {},
      [
        'config-invalid: 1 problem in firedrill.yaml',
        '  firedrill.yaml:1:11: limits.costPerMonth: is in USD, and prices → s3://acme/ in EUR; use one currency',
      ].join('\n'),
    ],
    [
      'an unknown runtime in the environment',
      {},
      { env: { FIREDRILL_RUNTIME: 'podman' } },
      'config-invalid: the variable FIREDRILL_RUNTIME must be docker or local, not "podman"',
    ],
  ])('refuse %s', async (_, files, { file, env }, message) => {
    const cwd = await workspace(files);
    const error = await loadSettings({ file, cwd, env: env ?? {} }).catch((thrown: unknown) => thrown);
    expect(formatError(error as DrillError).replace(/\nHINT: .*/, '')).toBe(message);
  });
});
