import type { Readable } from 'node:stream';
import { nameDamaged } from '../compression/damage.ts';
import { DecodedStream } from '../decoded-stream.ts';
import type { Layer, LayerContext } from '../layer.ts';
import type { ArchiveEntry, ArchiveName } from './archive-entry.ts';
import { readMember, requireOneMember } from './choose-member.ts';

const BUFFER_BYTES = 2 ** 19;

/** A layer that contains files, one of which is the dump. */
export function archiveLayer({
  name,
  recognise,
  entries,
  listNames,
}: {
  readonly name: ArchiveName;
  readonly recognise: Layer['recognise'];
  readonly entries: (input: Readable, context: LayerContext) => AsyncGenerator<ArchiveEntry>;
  /** For archives that have a directory: every name in it; undefined when it was not found. */
  readonly listNames?: (
    sizeBytes: number,
    read: (start: number, end: number) => Promise<Buffer>,
  ) => Promise<readonly string[] | undefined>;
}): Layer {
  const ruleOf = ({ key, archives }: LayerContext) => ({
    key,
    archive: name,
    member: archives?.member,
    layouts: archives?.layouts ?? [],
  });
  return {
    kind: 'archive',
    name,
    recognise,
    ...(listNames && {
      foresee: async (sizeBytes, read, context) => {
        const names = await listNames(sizeBytes, read);
        if (names) requireOneMember(names, ruleOf(context));
      },
    }),
    open: (input, context) => {
      const { key, onMember = () => undefined } = context;
      return new DecodedStream(readMember(entries(input, context), { ...ruleOf(context), onMember }), input, {
        explain: (error) => nameDamaged(error, key),
        bufferBytes: BUFFER_BYTES,
      });
    },
  };
}
