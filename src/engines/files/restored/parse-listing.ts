import type { RestoredFile } from '../../restored-files.ts';

/** What `find` prints for each file: type, size, modification time in seconds, path; each ends with a NUL, so that any file name is unambiguous. */
export const FIND_FORMAT = '%y\\0%s\\0%T@\\0%P\\0';
const FIELDS = 4;

/** Parses the output of `find -printf` with {@link FIND_FORMAT}. @param base is prepended to each path. @throws if it ends inside a record. */
export async function* parseListing(output: AsyncIterable<Buffer>, base: string): AsyncGenerator<RestoredFile> {
  let rest: Buffer = Buffer.alloc(0);
  let fields: string[] = [];
  for await (const chunk of output) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    for (let end = rest.indexOf(0, at); end >= 0; end = rest.indexOf(0, at)) {
      fields.push(rest.toString('utf8', at, end));
      at = end + 1;
      if (fields.length < FIELDS) continue;
      yield toFile(fields, base);
      fields = [];
    }
    rest = rest.subarray(at);
  }
  if (rest.length > 0 || fields.length > 0) throw new Error('the listing of the restored files ended within a line');
}

function toFile([type = '', size = '', modified = '', path = '']: readonly string[], base: string): RestoredFile {
  const kind = KINDS[type] ?? 'other';
  return {
    path: base === '' ? path : path === '' ? base : `${base}/${path}`,
    kind,
    sizeBytes: kind === 'file' ? Number(size) : 0,
    modifiedAt: new Date(Math.floor(Number(modified) * 1000)),
  };
}

const KINDS: Readonly<Record<string, RestoredFile['kind']>> = { f: 'file', d: 'directory', l: 'link' };
