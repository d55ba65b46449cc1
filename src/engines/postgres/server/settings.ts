import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { BootOptions } from '../../engine.ts';
import { quietSettings, WORKERS_PER_LIBRARY } from './preload.ts';

export type Phase = 'load' | 'serve';

type Sizing = Pick<BootOptions, 'durability' | 'memoryBytes' | 'cpus' | 'preload' | 'settings'>;

const MIB = 2 ** 20;

/**
 * The server's settings, as `-c name=value` on its command line, where a configuration written by a dump cannot override them.
 * - `load`: relaxed, as DESIGN calls it. No fsync, no full pages, minimal WAL, no autovacuum: a crash loses the copy, which is then restored again.
 * - `serve`, and `durability: production` throughout: durable.
 */
export function serverArguments(
  sandbox: Pick<Sandbox, 'runtime' | 'paths'>,
  major: number,
  phase: Phase,
  sizing: Sizing,
): string[] {
  const relaxed = phase === 'load' && sizing.durability === 'relaxed';
  const settings: Record<string, string | number> = {
    ...sizes(sizing),
    ...isolation(sandbox, major, sizing.preload),
    ...logging(),
    autovacuum: 'off',
    ...(relaxed ? RELAXED : {}),
    ...quietSettings(sizing.preload),
    ...sizing.settings, // from an allow-list that contains none of the isolation settings
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

const RELAXED = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
};

function sizes({ memoryBytes, cpus, preload }: Sizing): Record<string, string | number> {
  const workers = Math.max(1, Math.floor(cpus));
  const megabytes = (share: number, least: number, most: number): string =>
    `${Math.round(shareOf(memoryBytes, share, least, most) / MIB)}MB`;
  return {
    shared_buffers: `${Math.round(sharedBuffersBytes({ memoryBytes }) / MIB)}MB`,
    maintenance_work_mem: megabytes(0.25 / workers, 32, 1024),
    work_mem: megabytes(0.02, 4, 64),
    wal_buffers: '16MB',
    max_wal_size: '8GB',
    checkpoint_timeout: '1h',
    max_connections: 50,
    max_worker_processes: workers + 2 + WORKERS_PER_LIBRARY * preload.length,
    max_parallel_workers: workers,
    max_parallel_maintenance_workers: workers,
    jit: 'off',
  };
}

/** How much of a sandbox's memory its server uses for its buffers. */
export function sharedBuffersBytes({ memoryBytes }: Pick<Sizing, 'memoryBytes'>): number {
  return shareOf(memoryBytes, 0.25, 32, 4096);
}

/** @param least in MiB, like `most`. */
function shareOf(memoryBytes: number, share: number, least: number, most: number): number {
  return Math.min(most * MIB, Math.max(least * MIB, memoryBytes * share));
}

/** Keeps restored data from acting by itself: no TCP, no archiving, no replication workers, only libraries named by the drill, no login triggers. */
function isolation(
  sandbox: Pick<Sandbox, 'runtime' | 'paths'>,
  major: number,
  preload: readonly string[],
): Record<string, string | number> {
  return {
    listen_addresses: '',
    unix_socket_directories: sandbox.paths.run,
    port: 5432,
    ssl: 'off',
    shared_preload_libraries: preload.join(','),
    session_preload_libraries: '',
    local_preload_libraries: '',
    archive_mode: 'off',
    max_logical_replication_workers: 0,
    restart_after_crash: 'off', // a crashed backend must be noticed, and a relaxed server cannot recover
    ...(major >= 17 ? { event_triggers: 'off', allow_alter_system: 'off' } : {}),
    // a container's /dev/shm is 64 MB, too small for a parallel hash join, and on a host a killed server would leave files there; files in the data directory
    // are removed with it
    dynamic_shared_memory_type: 'mmap',
  };
}

/** Logs to stderr in English, without the statements and rows that errors quote. */
function logging(): Record<string, string | number> {
  return {
    logging_collector: 'off',
    log_destination: 'stderr',
    lc_messages: 'C',
    log_timezone: 'UTC',
    timezone: 'UTC',
    log_min_messages: 'log',
    log_min_error_statement: 'panic',
    log_checkpoints: 'off',
    log_statement: 'none',
    log_min_duration_statement: -1,
    log_autovacuum_min_duration: -1,
  };
}
