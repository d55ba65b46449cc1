import { describe, expect, it } from 'vitest';
import type { DigestRow, DigestTable } from '../../../../src/engines/fingerprint.ts';
import { formatManifest, type Manifest } from '../../../../src/verify/fingerprint/manifest.ts';
import { fingerprintCheck } from '../../../../src/verify/kinds/fingerprint/fingerprint-check.ts';
import { fakeHasher, fakeNeighbours } from '../../fake-hasher.ts';
import { fakeContext } from '../../fake-pool.ts';

const HASH = '0123456789abcdef0123456789abcdef';
const NAME = 'orders.dump.fingerprint.json';

function copyOf(name: string, rows: number, hash = HASH): readonly [DigestTable, readonly DigestRow[]] {
  const columns = [{ name: 'id', type: 'integer', nullable: false, expression: 'id' }];
  return [
    { name, sql: name, columns, integerKey: undefined, bytes: rows },
    rows === 0 ? [] : [{ bucket: 0, rows: BigInt(rows), hash, filled: {} }],
  ];
}

function manifestOf(tables: Readonly<Record<string, number>>, changes: Partial<Manifest> = {}): string {
  return formatManifest({
    rules: 'postgres/1',
    database: 'orders',
    serverVersion: '17.11',
    at: '2026-11-21T03:00:00.000Z',
    firedrillVersion: '0.1.0',
    filter: { exclude: [] },
    tables: Object.entries(tables).map(([name, rows]) => ({
      name,
      columns: [['id', 'integer'] as [string, string]],
      rows: String(rows),
      hash: rows === 0 ? '0'.repeat(16) : HASH,
      filled: {},
    })),
    ...changes,
  });
}

async function run(
  manifest: string | undefined,
  copies: readonly (readonly [DigestTable, readonly DigestRow[]])[],
  options: Record<string, unknown> = {},
) {
  const warnings: string[] = [];
  const file = fingerprintCheck.schema.parse({ name: 'equal', fingerprint: options });
  const spec = fingerprintCheck.resolve(file, () => undefined);
  if (!spec) throw new Error('not resolved');
  const context = fakeContext(async () => ({ columns: [], rows: [], truncated: false }), {
    neighbours: fakeNeighbours(manifest === undefined ? {} : { [NAME]: manifest }),
    hasher: fakeHasher(copies),
    onWarning: (warning) => warnings.push(warning),
  });
  return { ...(await fingerprintCheck.run(spec, context)), warnings };
}

describe('a fingerprint check', () => {
  it('passes when every row equals the source’s', async () => {
    const evaluation = await run(manifestOf({ a: 2, b: 0 }), [copyOf('a', 2), copyOf('b', 0)]);
    expect(evaluation).toEqual({
      passed: true,
      expected: 'every row of 2 tables as on 21 Nov 2026, 03:00 UTC',
      actual: 'all 2 rows are equal',
      warnings: [],
    });
  });

  it('names what differs and by how much, and tables that only one side has', async () => {
    const copies = [copyOf('a', 1), copyOf('b', 3, 'f'.repeat(32)), copyOf('d', 1)];
    expect(await run(manifestOf({ a: 2, b: 3, c: 5 }), copies)).toMatchObject({
      passed: false,
      actual:
        '4 of 4 tables differ: a lacks 1 row; b has as many rows, with other values; c is missing; d is not in the source',
      details: [
        'a: lacks 1 row',
        'b: has as many rows, with other values',
        'c: is missing; the source has 5 rows in it',
        'd: is not in the source',
      ],
    });
  });

  it('compares only the selected tables', async () => {
    const copies = [copyOf('a', 2), copyOf('log_1', 9), copyOf('log_2', 9)];
    expect(await run(manifestOf({ a: 2, log_1: 1 }), copies, { exclude: ['log_*'] })).toMatchObject({ passed: true });
    expect(await run(manifestOf({ a: 2, log_1: 1 }), copies, { tables: ['a'] })).toMatchObject({ passed: true });
  });

  it('does not report a table as new that the manifest excludes', async () => {
    const manifest = manifestOf({ a: 2 }, { filter: { exclude: ['log_*'] } });
    expect(await run(manifest, [copyOf('a', 2), copyOf('log_1', 1)])).toMatchObject({ passed: true });
  });

  it('warns if columns are in another order, and fails for other columns', async () => {
    const [table, parts] = copyOf('a', 2);
    const more = { name: 'n', type: 'text', nullable: false, expression: 'n' };
    const columns = [['id', 'integer'] as [string, string], ['n', 'text'] as [string, string]];
    const manifest = manifestOf({}, { tables: [{ name: 'a', columns, rows: '2', hash: HASH, filled: {} }] });
    const moved = await run(manifest, [[{ ...table, columns: [more, ...table.columns] }, parts]]);
    expect(moved).toMatchObject({ passed: true, warnings: [expect.stringMatching(/columns of a in another order/)] });
    expect(await run(manifest, [[table, parts]])).toMatchObject({ passed: false, details: ['a: n is missing'] });
  });

  it.each<[string, string | undefined, string, RegExp]>([
    ['is missing', undefined, 'manifest-missing', /^there is no orders\.dump\.fingerprint\.json beside the backup/],
    ['is damaged', manifestOf({ a: 2 }).slice(0, 99), 'manifest-unusable', /damaged/],
    [
      'is of another product',
      manifestOf({ a: 2 }, { rules: 'mysql/1' }),
      'manifest-unusable',
      /was hashed by mysql\/1/,
    ],
    ['has no table to compare', manifestOf({ log: 2 }), 'manifest-unusable', /none of the tables/],
  ])('gives no verdict on the backup when the manifest %s', async (_how, manifest, code, message) => {
    const error = expect.objectContaining({ code, message: expect.stringMatching(message), hint: expect.any(String) });
    await expect(run(manifest, [copyOf('a', 2)], { exclude: ['log'] })).rejects.toThrow(error);
  });

  it('finds a manifest under the name that the drill gives', async () => {
    const error = expect.objectContaining({ message: expect.stringContaining('there is no orders.dump.fp') });
    await expect(run(undefined, [], { manifest: '{name}.fp' })).rejects.toThrow(error);
  });

  it.each([
    [{ tables: [] }, 'nothing would be compared'],
    [{ manifest: 'a/b' }, 'without folders'],
    [{ exclude: [''] }, 'must be the name of a table'],
    [{ locate: 'yes' }, 'true or false'],
    [{ table: ['a'] }, 'table'],
  ])('refuses %j', (fingerprint, message) => {
    const parsed = fingerprintCheck.schema.safeParse({ name: 'equal', fingerprint });
    expect(JSON.stringify(parsed.error?.issues)).toContain(message);
  });
});
