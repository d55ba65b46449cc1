import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { nativeBackupFormat } from '../../../../src/engines/clickhouse/formats/native-backup/native-backup-format.ts';
import { readManifest } from '../../../../src/engines/clickhouse/formats/native-backup/read-manifest.ts';
import { readMember } from '../../../../src/engines/clickhouse/formats/native-backup/restore-native-backup.ts';
import type { Sandbox } from '../../../../src/sandbox/sandbox.ts';
import { expectCode } from '../../../support/expect-code.ts';
import { directoryContent } from '../../../support/fake-content.ts';

/** As written by ClickHouse 26.7 for an increment, with fewer files. */
const HEAD =
  "<config><version>1</version><deduplicate_files>1</deduplicate_files><timestamp>2026-11-29 06:55:08</timestamp><uuid>e499a8b1-07b4-497c-a1ee-2f86db153afe</uuid><base_backup>S3('https://s3.example.com/base', 'key', 'secret')</base_backup><base_backup_uuid>b41423b6-b82d-4a8c-819e-d9e6421a7986</base_backup_uuid>";
const FILES = [
  '<file><name>data/shop/a%3B%27t%2F%2E%2E%2Fx%20%C3%A9/all_1_1_0/data.bin</name><size>27</size><checksum>cf37c175a3b724529ebb8d453a435687</checksum><use_base>true</use_base></file>',
  '<file><name>data/shop/lg/__marks.mrk</name><size>32</size><checksum>3acd90220a2704f7542a2337f13416fc</checksum><use_base>true</use_base><base_size>16</base_size><base_checksum>32846f3334bcf139f61048a65e892090</base_checksum></file>',
  '<file><name>data/shop/lg/count.txt</name><size>1</size><checksum>ff0514f4585453a97c939ae9bd559c6c</checksum></file>',
  '<file><name>data/shop/lg/copy.txt</name><size>1</size><checksum>ff0514f4585453a97c939ae9bd559c6c</checksum><data_file>data/shop/lg/count.txt</data_file></file>',
  '<file><name>metadata/shop.sql</name><size>80</size><checksum>ff0514f4585453a97c939ae9bd559c6c</checksum></file>',
  '<file><name>metadata/shop/empty.sql</name><size>90</size><checksum>ff0514f4585453a97c939ae9bd559c6c</checksum></file>',
  '<file><name>metadata/shop/none.sql</name><size>0</size></file>',
];
const END = '</contents></config>';
const WHOLE = `${HEAD}<contents>${FILES.join('')}${END}`;

/** As listed by `BACKUP ALL` of 26.7. */
const OF_THE_SERVER = [
  'metadata/INFORMATION_SCHEMA.sql',
  'metadata/INFORMATION_SCHEMA/TABLES.sql',
  'metadata/information_schema/tables.sql',
  'metadata/system.sql',
  'data/system/functions/linear.sql',
];

function listing(names: readonly string[]): string {
  const files = names.map((name) => `<file><name>${name}</name><size>1</size></file>`);
  return `<config><version>1</version><uuid>e499a8b1-07b4-497c-a1ee-2f86db153afe</uuid><contents>${files.join('')}${END}`;
}

/** One byte at a time, so that every element is split everywhere. */
const read = (text: string) =>
  readManifest('full/', Readable.from([...Buffer.from(text)].map((byte) => Buffer.of(byte))));

describe('the manifest of a ClickHouse backup', () => {
  it('is read in chunks: tables, sizes, base, and the files stored in this backup itself', async () => {
    const manifest = await read(WHOLE);
    expect(manifest).toMatchObject({
      uuid: 'e499a8b1-07b4-497c-a1ee-2f86db153afe',
      base: { uuid: 'b41423b6-b82d-4a8c-819e-d9e6421a7986' },
      databases: ['shop'],
      sizeBytes: 231,
      shards: 0,
    });
    expect(manifest.tables).toEqual([
      { database: 'shop', table: "a;'t/../x é", hasData: true },
      { database: 'shop', table: 'lg', hasData: true },
      { database: 'shop', table: 'empty', hasData: false },
      { database: 'shop', table: 'none', hasData: false },
    ]);
    expect([...manifest.stored]).toEqual([
      ['data/shop/lg/__marks.mrk', 16],
      ['data/shop/lg/count.txt', 1],
      ['metadata/shop.sql', 80],
      ['metadata/shop/empty.sql', 90],
    ]);
  });

  it('omits the server’s own tables, which BACKUP ALL lists', async () => {
    const manifest = await read(listing([...OF_THE_SERVER, 'metadata/default.sql', 'metadata/shop/orders.sql']));
    expect(manifest.databases).toEqual(['default']);
    expect(manifest.tables).toEqual([{ database: 'shop', table: 'orders', hasData: false }]);
    expect([...manifest.definitions.keys()]).toEqual(['metadata/shop/orders.sql']);
  });

  it('is refused when it lists only those: the server came up empty', async () => {
    const names = [...OF_THE_SERVER, 'metadata/default.sql'];
    const files = Object.fromEntries(names.map((name) => [name, 'x']));
    const content = directoryContent({ ...files, '.backup': listing(names) });
    await expectCode('backup-empty', async () => nativeBackupFormat.recognise(content)?.(new AbortController().signal));
  });

  it('does not include the password of the base’s store', async () => {
    expect(JSON.stringify(await read(WHOLE))).not.toContain('secret');
  });

  it('is refused wherever it is truncated', async () => {
    for (const length of [0, 10, HEAD.length + 5, HEAD.length + 300, WHOLE.length - 1]) {
      await expectCode('backup-truncated', () => read(WHOLE.slice(0, length)));
    }
  });

  it('is refused when a file is outside the backup, an entry has no size, or the layout is newer', async () => {
    const outside = '<file><name>data/../../etc/passwd</name><size>1</size></file>';
    await expectCode('backup-corrupt', () => read(`${HEAD}<contents>${outside}${END}`));
    await expectCode('backup-corrupt', () => read(`${HEAD}<contents><file><name>data/a/b</name></file>${END}`));
    await expectCode('version-unsupported', () => read(WHOLE.replace('<version>1<', '<version>9<')));
  });

  it('counts the shards of a cluster', async () => {
    const files = [1, 2].map(
      (shard) => `<file><name>shards/${shard}/replicas/1/metadata/shop/t.sql</name><size>1</size></file>`,
    );
    expect(await read(`${HEAD}<contents>${files.join('')}${END}`)).toMatchObject({ shards: 2 });
  });
});

it('reads a whole definition from a tar, even if it is longer than the output limit of a program', async () => {
  const definition = `ATTACH TABLE _ (x Int8 COMMENT '${'…'.repeat(50_000)}')`;
  const exec: Sandbox['exec'] = async (argv, { stdout }) => {
    expect(argv).toEqual(['tar', '-xOf', '/scratch/backup.tar', 'metadata/shop/orders.sql']);
    await new Promise<void>((done) => stdout?.end(definition, done));
    return { exitCode: 0, stdout: '', stderr: '' };
  };
  const { signal } = new AbortController();
  expect(await readMember('/scratch/backup.tar', 'metadata/shop/orders.sql', { exec }, signal)).toBe(definition);
});
