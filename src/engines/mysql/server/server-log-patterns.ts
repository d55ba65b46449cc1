import type { ServerLogPatterns } from '../../server/server-process.ts';

export const MYSQL_SIGNS: ServerLogPatterns = {
  ready: /(?<!X Plugin )ready for connections/,
  diskFull: /No space left on device|Disk is full|errno:? 28\b|error number 28\b|tablespace .* is full/i,
  outOfMemory: /signal 9\b|Out of memory|Cannot allocate memory|errno:? 12\b|Cannot allocate \d+ bytes/i,
  noise: /unknown variable 'loose-/, // settings that other versions know
  state: /^Trying to get some variables/,
};

/** For a server on a backup's files: reading a damaged page makes MySQL exit. */
export const RECOVERED_SIGNS: ServerLogPatterns = {
  ...MYSQL_SIGNS,
  damaged: /Database page corruption on disk[^\n]*|\[page id: space=\d+, page number=\d+\][^\n]*corrupt[^\n]*/i,
};
