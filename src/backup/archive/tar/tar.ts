import { isTarHeader } from '../../../support/tar-header.ts';
import { archiveLayer } from '../archive-layer.ts';
import { tarEntries } from './tar-entries.ts';

/** POSIX ustar, GNU and pax archives, and older ones without a magic. */
export const tar = archiveLayer({
  name: 'tar',
  recognise: isTarHeader,
  entries: (input, { key }) => tarEntries(input, key),
});
