import { Readable } from 'node:stream';
import { expect, it, vi } from 'vitest';
import type { DirectoryContent } from '../../../../src/backup/content.ts';
import { toolFormat } from '../../../../src/engines/clickhouse/formats/backup-tool/tool-format.ts';
import type { OpenBackup, ProvisionOptions, RunOptions } from '../../../../src/engines/format.ts';
import { expectCode } from '../../../support/expect-code.ts';
import { directoryContent, sourceFiles } from '../../../support/fake-content.ts';
import { FakeClickHouse } from '../fake-clickhouse.ts';

const never = new AbortController().signal;
const PARTS = Array.from({ length: 200 }, (_, index) => `all_${index}_${index}_0`);
const QUERY = 'CREATE TABLE shop.orders (id UInt64) ENGINE = MergeTree ORDER BY id';

interface Told {
  readonly isArchived?: boolean;
  readonly requires?: string;
  /** Parts stored in another backup. */
  readonly required?: readonly string[];
  readonly mutations?: readonly object[];
}

/** A backup of one table in the layout of clickhouse-backup: each part as files, or in its own tar. */
function files(
  parts: readonly string[],
  { isArchived, requires, required = [], mutations }: Told = {},
): Record<string, string> {
  const own = parts.filter((part) => !required.includes(part));
  const table = {
    database: 'shop',
    table: 'orders',
    query: QUERY,
    ...(mutations && { mutations }),
    parts: { default: parts.map((name) => ({ name, ...(required.includes(name) && { required: true }) })) },
    ...(isArchived && { files: { default: own.map((name) => `default_${name}.tar`) } }),
  };
  const stored = own.map((name) =>
    isArchived ? `shadow/shop/orders/default_${name}.tar` : `shadow/shop/orders/default/${name}/checksums.txt`,
  );
  const about = { clickhouse_version: 'v26.7.2.1', ...(requires && { required_backup: requires }) };
  return {
    ...Object.fromEntries(stored.map((name) => [name, ''])),
    'metadata/shop/orders.json': JSON.stringify(table),
    'metadata.json': JSON.stringify(about),
  };
}

async function open(content: DirectoryContent): Promise<OpenBackup> {
  const opened = await toolFormat.recognise(content)?.(never);
  if (!opened) throw new Error('not recognised');
  return opened;
}

it('checks for each archive of a table once, however many parts the table has', async () => {
  const content = directoryContent(files(PARTS, { isArchived: true }));
  const has = vi.spyOn(content.members, 'has');
  await open(content);
  expect(has.mock.calls.length).toBeLessThan(2 * PARTS.length);
});

it('finds the files of all parts in one pass', async () => {
  const content = directoryContent(files(PARTS));
  const keys = vi.spyOn(content.members, 'keys');
  await open(content);
  expect(keys.mock.calls.length).toBeLessThan(5);
});

it('finds parts that an increment omits in the backups that it requires', async () => {
  const [first = '', second = '', third = ''] = PARTS;
  const full = directoryContent(files([first]), 'full/');
  const middle = directoryContent(files([first, second], { requires: 'full', required: [first] }), 'middle/');
  const newest = (required: readonly string[]): DirectoryContent => ({
    ...directoryContent(files([...required, third], { requires: 'middle', required }), 'newest/'),
    inSource: sourceFiles(['full/metadata.json', 'middle/metadata.json'], {
      openDirectory: (key) => (key === 'full/' ? full : middle),
    }),
  });
  const { facts, readFiles } = await open(newest([first, second]));
  expect(facts.format).toBe('clickhouse-backup, incremental');
  expect(readFiles?.map(({ key }) => key)).toContain(`full/shadow/shop/orders/default/${first}/checksums.txt`);
  await expectCode('backup-incomplete', async () => open(newest([first, 'all_900_900_0'])));
});

it('names the tables that were restored without an unfinished mutation', async () => {
  const mutations = [{ mutation_id: 'mutation_9.txt', command: 'DELETE WHERE id = 1' }];
  const backup = await open(directoryContent(files([], { mutations })));
  const clickhouse = new FakeClickHouse();
  const options = clickhouse.runOptions();
  const restoration = await backup.provision(clickhouse.sandbox, options as ProvisionOptions);
  const { outcome } = await restoration.run(options as RunOptions);
  expect(outcome.warnings).toEqual([
    'shop.orders was restored without a mutation that had not finished when the backup was taken: its rows are from before it',
  ]);
});

it('stops reading a definition that is longer than any real one', async () => {
  const content = directoryContent(files(PARTS));
  const chunk = Buffer.alloc(2 ** 20, ' ');
  let read = 0;
  const endless = function* () {
    for (; read < 200; read += 1) yield chunk;
  };
  const streamUnwrapped: DirectoryContent['streamUnwrapped'] = async (name, signal) =>
    name.startsWith('metadata/') ? Readable.from(endless()) : content.streamUnwrapped(name, signal);
  await expectCode('backup-corrupt', async () => open({ ...content, streamUnwrapped }));
  expect(read).toBeLessThan(100);
});
