import type { Readable } from 'node:stream';
import type { ObjectContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatCount } from '../../../../support/quantities.ts';
import { requireTarEnd } from '../../../physical/require-tar-end.ts';
import { type TarEntry, visitTar } from '../../../recognition/visit-tar.ts';
import type { FilesSite, RestoredTree } from '../../site.ts';
import { TreeRules } from '../../tree/tree-entry.ts';
import { writeTree } from '../../tree/write-tree.ts';

/**
 * Reads a tar here, decides what to do with each of its members, and writes them into the sandbox as a new tar: no name or link from the backup reaches a
 * program that would follow it.
 */
export async function restoreTar(
  content: ObjectContent,
  { sandbox, directory, onDoing, signal }: FilesSite,
): Promise<RestoredTree> {
  const { key } = content.backup;
  const rules = new TreeRules(key);
  let seen = 0;
  let damage: Error | undefined;
  onDoing('unpacking');
  await writeTree({ sandbox, directory, key, signal }, async (put) => {
    const tar = requireTarEnd(content.stream(signal), key);
    damage = await visitTar(tar, async (entry: TarEntry) => {
      const fate = rules.decide(entry.header);
      seen += 1;
      if (seen % 1000 === 0) onDoing(`unpacking: ${formatCount(seen)} members`);
      if (fate.kind === 'leave') return false;
      await put(fate.header, fate.header.type === 'file' ? (entry as Readable) : undefined);
      return false;
    });
    if (damage) throw damaged(key, damage, seen);
  });
  const { files, bytes } = rules.counts();
  return { files, bytes, warnings: rules.warnings() };
}

function damaged(key: string, cause: Error, members: number): DrillError {
  const isCut = /end of data|premature/i.test(cause.message);
  return new DrillError(
    isCut ? 'backup-truncated' : 'backup-corrupt',
    isCut
      ? `the tar ${key} ends in the middle of its member ${formatCount(members)}: it was cut off`
      : `the tar ${key} is damaged after its member ${formatCount(members)}: no member begins where the next one should`,
    { cause, hint: 'Compare its size and checksum with those of the file when it was written.' },
  );
}
