import { Readable } from 'node:stream';
import { describe, expect, it, vi } from 'vitest';
import type { DirectoryContent } from '../../../../src/backup/content.ts';
import { exportFormat } from '../../../../src/engines/clickhouse/formats/export/export-format.ts';
import { isCertainExport } from '../../../../src/engines/clickhouse/formats/export/export-names.ts';
import type { OpenBackup, Restored } from '../../../../src/engines/format.ts';
import { expectCode } from '../../../support/expect-code.ts';
import { directoryContent } from '../../../support/fake-content.ts';
import { FakeClickHouse } from '../fake-clickhouse.ts';

const never = new AbortController().signal;
const ORDERS = 'CREATE TABLE shop.orders (id UInt64) ENGINE = MergeTree ORDER BY id';

async function open(content: DirectoryContent): Promise<OpenBackup> {
  const opened = await exportFormat.recognise(content)?.(never);
  if (!opened) throw new Error('not recognised');
  return opened;
}

/** Members that end in `.gz` are empty once decompressed, except those in `full`. */
function compressed(files: Readonly<Record<string, string>>, full: readonly string[] = []): DirectoryContent {
  const content = directoryContent(files);
  const isEmpty = (name: string) => name.endsWith('.gz') && !full.includes(name);
  return {
    ...content,
    streamUnwrapped: async (name, signal) =>
      isEmpty(name) ? Readable.from([]) : content.streamUnwrapped(name, signal),
  };
}

async function restore(content: DirectoryContent, server = new FakeClickHouse()): Promise<Restored> {
  const backup = await open(content);
  const context = { ...server.runOptions(), boot: {} };
  return (await backup.provision(server.sandbox, context as never)).run(context as never);
}

describe('an export of tables', () => {
  it('is distinguished from other folders in one pass over their files', () => {
    const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`part-${index}.bin`, '']));
    const content = directoryContent(files);
    const keys = vi.spyOn(content.members, 'keys');
    expect(isCertainExport(content)).toBe(false);
    expect(keys.mock.calls.length).toBe(1);
  });

  it.each([
    [['shop.orders.native'], true],
    [['shop.orders.parquet', 'shop.orders.sql'], true],
    [['shop.orders.sql', 'shop.items.parquet'], true],
    [['shop.orders.parquet', 'README'], false],
    [['shop.orders.sql'], false],
  ])('is certain for %j: %s', (names, isCertain) => {
    expect(isCertainExport(directoryContent(Object.fromEntries(names.map((name) => [name, '']))))).toBe(isCertain);
  });

  it.each([
    [['shop.orders.native', 'shop.orders.native.zst']],
    [['shop.orders.202601.native', 'shop.orders.202601.parquet']],
  ])('is refused when rows of a table are stored twice: %j', async (names) => {
    const files = Object.fromEntries(names.map((name) => [name, 'x']));
    const error = await expectCode('format-unsupported', async () => open(directoryContent(files)));
    expect(error.message).toContain(names.join(' and '));
  });

  it('recognises a table’s files by what follows its name, even if the name looks like a suffix', async () => {
    const files = { 'shop.native.native': 'x', 'shop.native.1.native': 'x', 'shop.native.2.native.zst': 'x' };
    expect((await open(directoryContent(files))).facts.tableCount).toBe(1);
  });

  it('names the file that would hold the missing definition of an empty file', async () => {
    const files = { 'shop.orders.native': 'x', 'shop.items.202601.native': '' };
    const error = await expectCode('backup-truncated', async () => open(directoryContent(files)));
    expect(error).toMatchObject({ hint: expect.stringContaining('shop.items.sql') });
  });

  it('is refused when no table stores rows of its own', async () => {
    const files = {
      'shop.all.native': 'x',
      'shop.all.sql': "CREATE TABLE shop.all (id UInt64) ENGINE = Distributed('c', 'shop', 'orders')",
      'shop.totals.native': 'x',
      'shop.totals.sql': 'CREATE VIEW shop.totals AS SELECT 1',
    };
    await expectCode('format-unsupported', async () => open(directoryContent(files)));
  });
});

describe('restoring an export', () => {
  const EMPTY = 'CREATE TABLE shop.empty (id UInt64) ENGINE = MergeTree ORDER BY id';

  it('takes a compressed file without content as an empty table if the table has a definition', async () => {
    const files = {
      'shop.empty.native.gz': 'x',
      'shop.empty.sql': EMPTY,
      'shop.orders.native.gz': 'x',
      'shop.orders.sql': ORDERS,
    };
    const { outcome } = await restore(compressed(files, ['shop.orders.native.gz']));
    expect(outcome.warnings).toEqual(['shop.empty was exported without rows']);
  });

  it.each([
    ['a table that is not defined', 'backup-truncated', { 'shop.empty.native.gz': 'x', 'shop.orders.native': 'x' }],
    [
      'Parquet',
      'backup-truncated',
      { 'shop.empty.parquet.gz': 'x', 'shop.empty.sql': EMPTY, 'shop.orders.native': 'x' },
    ],
    ['all tables', 'backup-empty', { 'shop.empty.native.gz': 'x', 'shop.empty.sql': EMPTY }],
  ] as const)('fails for a compressed file without content: %s', async (_what, code, files) => {
    await expectCode(code, async () => restore(compressed(files)));
  });

  it('skips rows of a table that stores them on other servers, with a warning', async () => {
    const files = {
      'shop.all.native': 'x',
      'shop.all.sql':
        "CREATE TABLE shop.all (id UInt64 COMMENT 'ENGINE = Log') ENGINE = Distributed('c', 'shop', 'orders')",
      'shop.orders.native': 'x',
      'shop.orders.sql': ORDERS,
    };
    const server = new FakeClickHouse({ refuses: /Distributed/, with: 'Code: 701. DB::Exception: Requested cluster' });
    const { outcome } = await restore(directoryContent(files), server);
    expect(outcome.warnings).toEqual([expect.stringMatching(/^shop\.all was not created: Requested cluster/)]);
    const made = await restore(directoryContent(files));
    expect(made.outcome.warnings).toEqual([expect.stringMatching(/^shop\.all stores no rows .*Distributed/)]);
  });

  it('allows what the server allowed when the tables were created, and any number of partitions', async () => {
    const server = new FakeClickHouse();
    await restore(directoryContent({ 'shop.orders.native': 'x', 'shop.orders.sql': ORDERS }), server);
    const [created] = server.asked.filter(({ sql }) => /CREATE TABLE `shop`/.test(sql));
    expect(created?.argv).toContain('--allow_suspicious_fixed_string_types=1');
    const [loaded] = server.asked.filter(({ sql }) => /INSERT INTO/.test(sql));
    expect(loaded?.argv).toContain('--max_partitions_per_insert_block=0');
    expect(loaded?.argv).toContain('--allow_suspicious_fixed_string_types=1');
  });
});
