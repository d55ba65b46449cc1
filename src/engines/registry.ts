import type { ZodRawShape } from 'zod';
import { clickhouse } from './clickhouse/descriptor.ts';
import type { Engine, EngineDescriptor } from './engine-descriptor.ts';
import { etcd } from './etcd/descriptor.ts';
import { exec } from './exec/descriptor.ts';
import { files } from './files/descriptor.ts';
import { mariadb, mysql } from './mysql/descriptors.ts';
import { createEngine } from './open-backup.ts';
import { postgres } from './postgres/descriptor.ts';
import { redis, valkey } from './redis/descriptors.ts';

/** Every engine, one line each, in the order of the reference. */
const ENGINES = { postgres, mysql, mariadb, clickhouse, redis, valkey, etcd, exec, files };

export type EngineType = keyof typeof ENGINES;

export const ENGINE_TYPES = Object.keys(ENGINES) as [EngineType, ...EngineType[]];

export const ENGINE_DESCRIPTORS: Readonly<Record<EngineType, EngineDescriptor<EngineType>>> = ENGINES;

export const ALL_ENGINES: readonly EngineDescriptor[] = Object.values(ENGINES);

/** Keys under `engine:` that only some engines have. */
export const OWN_ENGINE_KEYS: ZodRawShape = Object.assign({}, ...ALL_ENGINES.map(({ options }) => options?.keys ?? {}));

/** Formats are loaded on first use. */
export function engineOf(type: EngineType): Engine {
  return createEngine(ENGINE_DESCRIPTORS[type], ALL_ENGINES);
}
