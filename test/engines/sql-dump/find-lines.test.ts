import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { databasesInDump } from '../../../src/engines/mysql/formats/plain-sql/databases-in-dump.ts';
import { databasesInCluster } from '../../../src/engines/postgres/formats/plain-sql/databases-in-cluster.ts';
import { findLines } from '../../../src/engines/sql-dump/find-lines.ts';

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) found.push(line);
  return found;
}

function streamOf(text: string, size = text.length): Readable {
  const bytes = Buffer.from(text);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
  return Readable.from(chunks);
}

test('finds each line once, however the text is split into chunks', async () => {
  const line = fc.constantFrom(
    'USE `a`;',
    'CREATE DATABASE b;',
    'US',
    '',
    'INSERT INTO t VALUES (1);',
    'CREATE',
    'xUSE y',
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), async (lines, size) => {
      const prefixes = ['USE ', 'CREATE DATABASE '];
      const found = await collect(findLines(streamOf(lines.join('\n'), size), prefixes));
      expect(found).toEqual(lines.filter((one) => prefixes.some((prefix) => one.startsWith(prefix))));
    }),
  );
});

test('truncates a line that does not end', async () => {
  const found = await collect(findLines(streamOf(`USE ${'x'.repeat(1_000_000)}`, 1000), ['USE ']));
  expect(found).toHaveLength(1);
  expect(found[0]?.length).toBeLessThan(5000);
});

test('names the databases of pg_dumpall, and the default one only if it contains tables', async () => {
  const dump = (tail: string) =>
    `\\connect template1\n\\connect shop\nCREATE TABLE public.t (id int);\n\\connect -reuse-previous=on "dbname='other crm'"\n\\connect postgres\n${tail}`;
  expect(await databasesInCluster(streamOf(dump(''), 7))).toEqual(['shop', 'other crm']);
  expect(await databasesInCluster(streamOf(dump('CREATE TABLE public.x ();\n')))).toEqual([
    'shop',
    'other crm',
    'postgres',
  ]);
});

test('names the databases of mysqldump --all-databases without the server’s own', async () => {
  const dump =
    "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `my shop` /*!40100 DEFAULT CHARACTER SET utf8mb4 */;\n\nUSE `my shop`;\nINSERT INTO `t` VALUES ('\\nUSE `no`;');\nUSE `mysql`;\nUSE wiki;\n";
  expect(await databasesInDump(streamOf(dump, 5))).toEqual(['my shop', 'wiki']);
});
