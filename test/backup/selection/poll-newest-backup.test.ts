import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openDirectorySource } from '../../../src/backup/drivers/directory/directory-source.ts';
import { SOURCE_DRIVERS } from '../../../src/backup/registry.ts';
import { isCompleteOnceListed } from '../../../src/backup/selection/poll-newest-backup.ts';
import { describeLooks } from './poll-contract.ts';

const made: string[] = [];
afterEach(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true });
});

describe('polling a local directory', () => {
  describeLooks(SOURCE_DRIVERS.directory.traits, async () => {
    const root = await mkdtemp(join(tmpdir(), 'firedrill-look-'));
    made.push(root);
    return {
      source: openDirectorySource(root),
      put: async (key, body) => {
        await mkdir(dirname(join(root, key)), { recursive: true });
        await writeFile(`${join(root, key)}.new`, body);
        await rename(`${join(root, key)}.new`, join(root, key));
      },
      remove: async (key) => rm(join(root, key)),
    };
  });
});

it.each([
  ['s3', 'orders/a.dump', true],
  ['s3', 'orders/a/', false],
  ['s3', 'orders/a.gz.part*', false],
  ['directory', 'a.dump', false],
  ['directory', 'a/', false],
] as const)('in %s, %s is complete once it is listed: %s', (type, key, expected) => {
  expect(isCompleteOnceListed(SOURCE_DRIVERS[type].traits, { key })).toBe(expected);
});
