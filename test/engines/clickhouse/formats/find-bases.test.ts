import { expect, it } from 'vitest';
import type { DirectoryContent } from '../../../../src/backup/content.ts';
import { findBases } from '../../../../src/engines/clickhouse/formats/native-backup/find-bases.ts';
import type { Manifest } from '../../../../src/engines/clickhouse/formats/native-backup/read-manifest.ts';

const never = new AbortController().signal;
const BASE = 'b41423b6-b82d-4a8c-819e-d9e6421a7986';

it('refuses a base that is in the source twice, and names both copies', async () => {
  await expect(find(['monday/', 'copy-of-monday/'])).rejects.toMatchObject({
    code: 'backup-ambiguous',
    message: `tuesday/ builds on the backup with the id ${BASE}, and the source has two with that id: monday/ and copy-of-monday/`,
  });
});

it('says which base is missing', async () => {
  await expect(find([])).rejects.toMatchObject({
    code: 'backup-incomplete',
    message: expect.stringContaining(`(id ${BASE}) is not in the source`),
  });
});

/** @param folders folders with a backup that has the id of the base. */
function find(folders: readonly string[]) {
  const head = Buffer.from(`<config><version>1</version><uuid>${BASE}</uuid>`);
  const inSource = {
    files: folders.map((folder) => ({ key: `${folder}.backup`, sizeBytes: head.length })),
    read: async () => head,
  };
  const content = { backup: { key: 'tuesday/' }, inSource } as unknown as DirectoryContent;
  return findBases(content, { base: { uuid: BASE } } as Manifest, never);
}
