import type { Engine } from '../engine.ts';
import { inspectBackup } from './inspect.ts';
import { bootServer } from './server/boot.ts';

/** Postgres: pg_dump's custom, directory, tar and plain backups. */
export function createPostgresEngine(): Engine {
  return {
    type: 'postgres',
    imageFor: (major) => `postgres:${major}`,
    inspect: inspectBackup,
    boot: bootServer,
  };
}
