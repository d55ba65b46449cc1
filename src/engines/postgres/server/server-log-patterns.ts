import type { ServerLogPatterns } from '../../server/server-process.ts';

export const POSTGRES_SIGNS: ServerLogPatterns = {
  listening: /listening on Unix socket/, // since Postgres 10
  ready: /database system is ready to accept connections/,
  diskFull: /No space left on device/i,
  outOfMemory: /terminated by signal 9|out of memory|Cannot allocate memory/i,
};
