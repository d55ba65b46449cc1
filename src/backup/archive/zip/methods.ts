import type { Compression } from '../../content.ts';

/** How a member is compressed. Source: APPNOTE.TXT, 4.4.5. */
export const STORED = 0;
export const DEFLATED = 8;
/** Methods whose content is a file of another compression. */
export const FILES: ReadonlyMap<number, Exclude<Compression, 'none'>> = new Map([
  [12, 'bzip2'],
  [93, 'zstd'],
  [95, 'xz'],
]);
