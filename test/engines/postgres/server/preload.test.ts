import { describe, expect, it } from 'vitest';
import { quietSettings, requireLibraries, requirePreloaded } from '../../../../src/engines/postgres/server/preload.ts';
import { serverArguments } from '../../../../src/engines/postgres/server/settings.ts';

const sandbox = { runtime: 'docker', paths: { data: '/d', run: '/r', scratch: '/s' } } as const;
const sizing = { durability: 'relaxed', memoryBytes: 2 ** 30, cpus: 2, preload: [], settings: {} } as const;

function settingOf(
  name: string,
  options: Partial<Parameters<typeof serverArguments>[3]>,
  phase: 'load' | 'serve',
): string {
  const argument = serverArguments(sandbox, 15, phase, { ...sizing, ...options }).find((each) =>
    each.startsWith(`${name}=`),
  );
  return argument?.slice(name.length + 1) ?? 'not set';
}

function errorOf(what: () => void): unknown {
  try {
    what();
  } catch (error) {
    return error;
  }
  return undefined;
}

describe('libraries preloaded by a drill', () => {
  it.each(['load', 'serve'] as const)('are loaded in order for %s, and stay idle', (phase) => {
    const options = { preload: ['timescaledb', 'pg_cron', 'unheard_of'] };
    expect(settingOf('shared_preload_libraries', options, phase)).toBe('timescaledb,pg_cron,unheard_of');
    expect(settingOf('cron.launch_active_jobs', options, phase)).toBe('off');
    expect(settingOf('timescaledb.max_background_workers', options, phase)).toBe('0');
    expect(settingOf('shared_preload_libraries', {}, phase)).toBe('');
    expect(settingOf('cron.launch_active_jobs', {}, phase)).toBe('not set');
  });

  it('leave room for the server’s own workers', () => {
    const workers = (preload: string[]): number => Number(settingOf('max_worker_processes', { preload }, 'load'));
    expect(workers(['pg_cron'])).toBeGreaterThan(workers([]));
  });

  it('have no default settings when named like an object property', () => {
    expect(quietSettings(['constructor', 'toString'])).toEqual({});
  });

  it('must be in the image', () => {
    const server = { dir: '/usr/bin', version: '15.3', major: '15' };
    const tools = { server, restores: [], extensions: new Set<string>(), libraries: new Set(['pg_cron']) };
    expect(errorOf(() => requireLibraries(['pg_cron'], tools, 'postgres:15'))).toBeUndefined();
    expect(errorOf(() => requireLibraries(['pg_cron', 'citus'], tools, 'postgres:15'))).toMatchObject({
      code: 'image-incomplete',
      message: 'engine.preload: postgres:15 lacks the library citus',
    });
  });

  it('are checked before an extension that needs one is created', () => {
    expect(errorOf(() => requirePreloaded(['plpgsql', 'pg_cron'], ['pg_cron']))).toBeUndefined();
    expect(errorOf(() => requirePreloaded(['pgaudit', 'toString', 'citus_columnar'], ['pg_cron']))).toMatchObject({
      code: 'image-incomplete',
      hint: 'Set `engine.preload: [pg_cron, pgaudit, citus]` in the drill.',
    });
  });
});

describe('settings chosen by a drill', () => {
  it.each(['load', 'serve'] as const)('override the server’s own sizing for %s', (phase) => {
    expect(settingOf('max_worker_processes', { settings: { max_worker_processes: '64' } }, phase)).toBe('64');
    expect(settingOf('max_locks_per_transaction', { settings: { max_locks_per_transaction: '512' } }, phase)).toBe(
      '512',
    );
  });
});
