import type { Readable } from 'node:stream';
import { nameDamaged } from '../compression/damage.ts';
import { DecodedStream } from '../decoded-stream.ts';
import type { Layer, LayerContext } from '../layer.ts';
import type { ArchiveEntry, ArchiveName } from './archive-entry.ts';
import { readMember } from './choose-member.ts';

const BUFFER_BYTES = 2 ** 19;

/** A layer that holds files, of which one is the dump. */
export function archiveLayer({
  name,
  recognise,
  entries,
}: {
  readonly name: ArchiveName;
  readonly recognise: Layer['recognise'];
  readonly entries: (input: Readable, context: LayerContext) => AsyncGenerator<ArchiveEntry>;
}): Layer {
  return {
    kind: 'archive',
    name,
    recognise,
    open: (input, context) => {
      const { key, archives, onMember } = context;
      return new DecodedStream(
        readMember(entries(input, context), {
          key,
          archive: name,
          member: archives?.member,
          layouts: archives?.layouts ?? [],
          onMember: onMember ?? (() => undefined),
        }),
        input,
        { explain: (error) => nameDamaged(error, key), bufferBytes: BUFFER_BYTES },
      );
    },
  };
}
