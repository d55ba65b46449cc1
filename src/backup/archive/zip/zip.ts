import { ByteReader } from '../../compression/byte-reader.ts';
import { archiveLayer } from '../archive-layer.ts';
import { peekDirectory } from './peek-directory.ts';
import { zipEntries } from './zip-entries.ts';

const MEMBER = 'PK\u0003\u0004';
/** The second and third: an archive created with splitting enabled, whether or not it was split. */
const BEGINNINGS = [MEMBER, `PK\u0007\u0008${MEMBER}`, `PK00${MEMBER}`];

/** A zip archive that begins with its first member, or with a split marker. */
export const zip = archiveLayer({
  name: 'zip',
  recognise: (first) => BEGINNINGS.some((begin) => first.toString('latin1', 0, begin.length) === begin),
  listNames: peekDirectory,
  entries: (input, keys) => zipEntries(new ByteReader(input), keys),
});
