import type { DirectoryContent } from '../../../../backup/content.ts';
import { DrillError } from '../../../../support/errors.ts';
import { formatCount } from '../../../../support/quantities.ts';
import type { BackupFormat } from '../../../format.ts';
import { readMembers } from '../../../physical/copy-directory.ts';
import { filesBackup } from '../../files-backup.ts';
import type { FilesSite, RestoredTree } from '../../site.ts';
import { TreeRules } from '../../tree/tree-entry.ts';
import { writeTree } from '../../tree/write-tree.ts';
import { judgeRepositories } from './find-repositories.ts';

export const folderFormat: BackupFormat = {
  recognise: (content) => {
    if (content.kind !== 'directory') return undefined;
    return async () => {
      const warnings = judgeRepositories(content.backup.key, [...content.members.keys()]);
      return filesBackup({
        format: 'folder',
        key: content.backup.key,
        tool: 'unknown',
        tools: ['tar'],
        meter: content.meter,
        restore: async (site) => {
          const restored = await restoreFolder(content, site);
          return { ...restored, warnings: [...warnings, ...restored.warnings] };
        },
      });
    };
  },
};

/** Copies each file, with the time at which it was stored as its modification time. */
async function restoreFolder(content: DirectoryContent, site: FilesSite): Promise<RestoredTree> {
  const { sandbox, directory, onDoing, signal } = site;
  const { key, objects } = content.backup;
  const rules = new TreeRules(key);
  const modified = new Map(objects.map((object) => [object.key.slice(key.length), object.modifiedAt]));
  let done = 0;
  onDoing('copying');
  await writeTree({ sandbox, directory, key, signal }, async (put) => {
    for await (const { name, sizeBytes, content: bytes } of readMembers(content, signal)) {
      if (sizeBytes === undefined) throw unknownSize(key, name);
      const mtime = modified.get(name) ?? new Date(0);
      const fate = rules.decide({ name, type: 'file', size: sizeBytes, mtime });
      if (fate.kind === 'write') await put(fate.header, bytes);
      done += 1;
      if (done % 500 === 0) onDoing(`copying: ${formatCount(done)} of ${formatCount(content.members.size)} files`);
    }
  });
  const { files, bytes } = rules.counts();
  return { files, bytes, warnings: rules.warnings() };
}

function unknownSize(key: string, name: string): DrillError {
  return new DrillError('format-unsupported', `${key} holds ${name}, which was encrypted or compressed by itself`, {
    hint: 'Pack the folder into a tar, and encrypt that.',
  });
}
