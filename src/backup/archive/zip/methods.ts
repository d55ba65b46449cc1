import type { Compression } from '../../content.ts';

/** How a member is compressed. Source: APPNOTE.TXT, 4.4.5. */
export const STORED = 0;
export const DEFLATED = 8;
/** Methods whose content is a complete file in another compression format. */
export const FILES: ReadonlyMap<number, Exclude<Compression, 'none'>> = new Map([
  [12, 'bzip2'],
  [93, 'zstd'],
  [95, 'xz'],
]);
