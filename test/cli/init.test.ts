import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDirectorySource } from '../../src/backup/drivers/directory/directory-source.ts';
import { NO_KEYS } from '../../src/backup/layer.ts';
import type { SourceSpec } from '../../src/backup/registry.ts';
import { initCommand } from '../../src/cli/init.ts';
import type { InitOptions } from '../../src/cli/init-questions.ts';
import { loadDrills } from '../../src/config/load-drills.ts';
import { type EngineType, engineOf } from '../../src/engines/registry.ts';
import { DrillError } from '../../src/support/errors.ts';
import { workspace } from '../config/loading.ts';
import { memoryIo, typed } from './memory-io.ts';

const FLAGS = { name: 'orders', source: 's3://acme/orders/', match: 'orders-*.dump', rto: '15m' };

describe('firedrill init', () => {
  it('writes a drill from flags, with the schema beside it', async () => {
    const cwd = await workspace({});
    const io = memoryIo(cwd);
    expect(await initCommand(io, { ...FLAGS, rpo: '26h', database: 'shop', table: 'Sales.order' })).toBe(0);
    expect(io.out()).toBe(
      'wrote drills/orders.yaml\nReview its checks, then try it: firedrill plan drills/orders.yaml, and firedrill run drills/orders.yaml\n',
    );
    expect(await readdir(join(cwd, 'drills'))).toEqual(['drill.schema.json', 'orders.yaml']);
    expect((await readFile(join(cwd, 'drills/orders.yaml'), 'utf8')).split('\n').slice(0, 12)).toEqual([
      '# yaml-language-server: $schema=./drill.schema.json',
      'name: orders',
      'backup:',
      '  source: s3://acme/orders/',
      '  match: orders-*.dump',
      '  # takenAt: name # when each was taken is read from a date in its name, instead of when it was stored',
      'engine: { type: postgres, database: shop }',
      '# Recovery that takes longer than rto fails the drill, and so does a newest backup older than rpo.',
      'objectives: { rto: 15m, rpo: 26h }',
      '# Each check is able to fail. Raise the numbers to what you know must be there, and add what your users would miss first.',
      'checks:',
      '  - name: tables are there',
    ]);
    const [drill] = await loadDrills(['orders'], { cwd, env: {} });
    expect(drill?.checks.map((check) => (check.kind === 'sql' ? [check.sql, check.expect] : check))).toEqual([
      [expect.stringContaining('information_schema.tables'), { kind: 'min', value: 1 }],
      ['select count(*) from "Sales"."order"', { kind: 'min', value: 1 }],
    ]);
  });

  it.each<[string, InitOptions]>([
    ['a name that YAML would read as a number', { ...FLAGS, name: '0123' }],
    ['a pattern that YAML would read as an alias', { ...FLAGS, match: '*.dump' }],
    ['a database with a comma and a brace', { ...FLAGS, database: 'a, b}' }],
    ['a table with quotes', { ...FLAGS, table: 'my"table: #1' }],
    ['another engine', { ...FLAGS, engine: 'mariadb', table: 'order' }],
  ])('writes a drill that its own loader accepts, with %s', async (_, options) => {
    const cwd = await workspace({});
    await initCommand(memoryIo(cwd), options);
    const [drill] = await loadDrills(['drills'], { cwd, env: {} });
    expect(drill).toMatchObject({ name: options.name, backup: { match: options.match } });
    expect(drill?.engine.database).toBe(options.database);
  });

  it('writes a directory relative to the drill file', async () => {
    const cwd = await workspace({});
    await initCommand(memoryIo(cwd), { ...FLAGS, source: './backups' });
    const [drill] = await loadDrills(['drills'], { cwd, env: {} });
    expect(drill?.backup.source).toMatchObject({ path: join(cwd, 'backups'), written: '../backups' });
  });

  it('prompts on a terminal for missing flags, and again after an invalid answer', async () => {
    const cwd = await workspace({});
    const io = memoryIo(cwd, typed('', 'orders', '', './backups', '*.gz', '15 minutes', '15m', '-', '', 'customer'));
    expect(await initCommand(io, {})).toBe(0);
    expect(io.out().split('wrote')[0]).toBe(
      [
        'Name of the drill:   required; there is no default\n',
        'Name of the drill: ',
        'Engine: postgres, mysql or mariadb [postgres]: ',
        'Backup location: s3://BUCKET/PREFIX/, rclone:REMOTE:PATH or a directory such as ./backups: ',
        'Files that are backups of this database, such as orders-*.dump: ',
        'Maximum recovery time (RTO) [15m]:   "15 minutes" is not a duration; write 15m\n',
        'Maximum recovery time (RTO) [15m]: ',
        'Maximum age of the newest backup (RPO; - for none) [26h]: ',
        'Database to check (empty: the one named in the backup): ',
        'A table that must not be empty (empty: none): ',
      ].join(''),
    );
    const [drill] = await loadDrills(['orders'], { cwd, env: {} });
    expect(drill).toMatchObject({
      objectives: { rtoMs: 900_000, rpoMs: undefined },
      checks: [{}, { name: 'customer has rows' }],
    });
  });

  it.each<[string, InitOptions, string]>([
    [
      'without a terminal and with flags missing',
      { name: 'orders' },
      'there is no terminal to ask questions on; missing: --source, --match, --rto',
    ],
    ['with an invalid flag', { ...FLAGS, rto: '15 minutes' }, '--rto: "15 minutes" is not a duration; write 15m'],
    [
      'with a name that leads out of the directory',
      { ...FLAGS, name: '../x' },
      '--name: must be 1 to 63 lower-case letters, digits, dots, dashes and underscores, and begin with a letter or digit',
    ],
  ])('refuses to go on %s', async (_, options, message) => {
    const cwd = await workspace({});
    await expect(initCommand(memoryIo(cwd), options)).rejects.toMatchObject({ code: 'usage', message });
    expect(await readdir(cwd)).toEqual([]);
  });

  it('writes nothing when the source is invalid, or when the prompts are canceled', async () => {
    const cwd = await workspace({});
    await expect(initCommand(memoryIo(cwd), { ...FLAGS, source: 'backups' })).rejects.toMatchObject({
      code: 'config-invalid',
    });
    await expect(initCommand(memoryIo(cwd, typed('orders')), {})).rejects.toMatchObject({ code: 'usage' });
    expect(await readdir(cwd)).toEqual([]);
  });

  it('never overwrites a drill', async () => {
    const cwd = await workspace({ 'drills/orders.yaml': 'mine' });
    await expect(initCommand(memoryIo(cwd), FLAGS)).rejects.toMatchObject({
      code: 'usage',
      message: 'drills/orders.yaml exists already',
    });
    expect(await readFile(join(cwd, 'drills/orders.yaml'), 'utf8')).toBe('mine');
  });

  describe('checks its input, reports what a run would fail on, and writes the drill anyway', () => {
    const services = {
      // A file is dated by when it was written, which is before this.
      clock: { now: () => new Date(Date.now() + 60_000), monotonicMs: () => 0 },
      openSource: async (spec: SourceSpec) => {
        if (spec.type !== 'directory')
          throw new DrillError('source-missing', 'there is no bucket acme', { hint: 'Create it.' });
        return openDirectorySource(spec.path);
      },
      keysOf: () => NO_KEYS,
      engineOf: async (type: EngineType) => engineOf(type),
    };
    const postgres = `--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 17.2\n-- Dumped by pg_dump version 17.2\n\nSELECT 1;\n`;
    const files = { 'backups/orders-2026-11-28T0300Z.sql': postgres };
    const local = { ...FLAGS, source: './backups', match: 'orders-*.sql' };

    async function init(options: InitOptions, given: Record<string, string> = files) {
      const cwd = await workspace(given);
      const io = memoryIo(cwd);
      expect(await initCommand(io, options, services)).toBe(0);
      expect(await readdir(join(cwd, 'drills'))).toContain('orders.yaml');
      return { out: io.out(), err: io.err() };
    }

    it('names the newest backup when all is well', async () => {
      const { out, err } = await init(local);
      expect(out).toMatch(/^newest backup: orders-2026-11-28T0300Z\.sql \(.*server 17\.2, .*, taken .*\)$/m);
      expect(err).toBe('');
    });

    it.each<[string, InitOptions, RegExp]>([
      ['a directory that does not exist', { ...local, source: './nowhere' }, /^WARNING: source-missing: .*nowhere/],
      ['a bucket that does not exist', FLAGS, /^WARNING: source-missing: there is no bucket acme\nHINT: Create it\./],
      ['a match that selects nothing', { ...local, match: 'shop-*.sql' }, /^WARNING: backup-missing: .*\nHINT: /],
      [
        'an engine that does not fit the newest backup',
        { ...local, engine: 'mysql' },
        /^WARNING: (?:engine-mismatch|version-unsupported|backup-unrecognised): /,
      ],
      [
        'an RPO that the newest backup is older than',
        { ...local, rpo: '1ms' },
        /^WARNING: the newest backup is .* old \(RPO /,
      ],
    ])('%s', async (_, options, warning) => {
      const { err } = await init(options);
      expect(err).toMatch(warning);
      expect(err).toContain('Change that in drills/orders.yaml.');
    });
  });
});
