import type { DirectoryContent } from '../../../../backup/content.ts';
import type { SandboxFile } from '../../../../sandbox/sandbox.ts';
import { readMembers } from '../../../physical/copy-directory.ts';
import type { StoredPart } from './parted-table.ts';

export interface PlacedPart {
  readonly part: StoredPart;
  /** Relative, with a trailing `/`. */
  readonly folder: string;
}

/** Reads parts that are stored as files of one backup, under the names that they have in the sandbox. */
export function readPartFiles(
  content: DirectoryContent,
  placed: readonly PlacedPart[],
  signal: AbortSignal,
): AsyncIterable<SandboxFile> {
  const sources = new Map<string, string>();
  for (const { part, folder } of placed)
    for (const [name, source] of part.files) sources.set(`${folder}${part.name}/${name}`, source);
  const members = new Map(
    [...sources].flatMap(([name, source]) => {
      const member = content.members.get(source);
      return member ? [[name, member] as const] : [];
    }),
  );
  const stream: DirectoryContent['stream'] = (name, given) => content.stream(sources.get(name) ?? name, given);
  return readMembers({ ...content, members, stream }, signal);
}
