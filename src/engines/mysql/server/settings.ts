import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { BootOptions } from '../../engine.ts';
import { type Flavor, SMALL_LOG_BUFFER } from '../flavor.ts';
import type { InstalledTools } from './installed-tools.ts';

export type Phase = 'load' | 'serve';

/** Boot options that determine the server's settings. */
export type Sizing = Pick<BootOptions, 'durability' | 'memoryBytes' | 'cpus' | 'settings'>;

const MIB = 2 ** 20;
/** The server's own directories other than the data directory; created by boot.ts. */
export const SERVER_DIRECTORIES = {
  temporary: '.server-tmp',
  plugins: '.server-plugins',
  noFiles: '.no-files',
} as const;

/** A setting for the replay of a log only, because no server takes it: the time zone of the system of the server that wrote the log. */
export const SYSTEM_ZONE = 'system_time_zone';

export function socketOf(sandbox: Pick<Sandbox, 'paths'>): string {
  return `${sandbox.paths.run}/mysqld.sock`;
}

/**
 * The server's settings, passed on its command line; configuration files of the image or the host, and settings persisted by a dump, are not read. Names that
 * not every version knows begin with `loose`, which makes the others ignore them (MySQL manual, "Program Option Modifiers").
 * - `load`: what DESIGN calls relaxed. Nothing is flushed, no page is written twice: a crash loses the copy, which is then recreated.
 * - `serve`, and `durability: production` throughout: durable.
 */
export function serverArguments(
  sandbox: Pick<Sandbox, 'paths'>,
  flavor: Flavor,
  tools: InstalledTools,
  phase: Phase,
  sizing: Sizing,
): string[] {
  const isRelaxed = phase === 'load' && sizing.durability === 'relaxed';
  const own = flavor.settings(tools.version);
  const settings: Record<string, string> = {
    ...places(sandbox, tools),
    ...own,
    ...('secure-file-priv' in own && own['secure-file-priv'] === ''
      ? { 'secure-file-priv': `${sandbox.paths.scratch}/${SERVER_DIRECTORIES.noFiles}` }
      : {}),
    ...ISOLATION,
    ...sizes(sizing),
    'innodb-log-buffer-size': phase === 'load' ? '32M' : SMALL_LOG_BUFFER,
    ...SESSIONS,
    ...(isRelaxed ? { ...RELAXED, ...flavor.relaxed } : DURABLE),
    // Also in `serve`, since another size than in `load` makes MariaDB write its log anew.
    ...(sizing.durability === 'relaxed' ? flavor.redoSize(redoMegabytes(sizing)) : {}),
    ...chosen(sizing.settings),
  };
  return [
    '--no-defaults',
    ...Object.entries(settings).map(([name, value]) => (value === '' ? `--${name}` : `--${name}=${value}`)),
  ];
}

/**
 * The drill's own settings (`engine.settings`), spelled as options. Setting only a collation also sets its character set: the server does not start if the two
 * do not match.
 */
function chosen({ [SYSTEM_ZONE]: _ofLog, ...wanted }: Readonly<Record<string, string>>): Record<string, string> {
  const collation = wanted['collation_server']?.toLowerCase();
  const ofUnicode = collation === undefined || collation.startsWith('uca1400_') || 'character_set_server' in wanted;
  const charset: Record<string, string> = ofUnicode ? {} : { 'character-set-server': collation.split('_')[0] ?? '' };
  const named = Object.entries(wanted).map(([name, value]) => [optionOf(name), value] as const);
  return { ...charset, ...Object.fromEntries(named) };
}

/** A server that does not load the setting's plug-in, such as one whose files are not encrypted, still starts. */
function optionOf(name: string): string {
  return `${name.startsWith('file_key_management_') ? 'loose-' : ''}${name.replaceAll('_', '-')}`;
}

function places({ paths }: Pick<Sandbox, 'paths'>, tools: InstalledTools): Record<string, string> {
  return {
    datadir: paths.data,
    socket: socketOf({ paths }),
    'pid-file': `${paths.data}/server.pid`,
    tmpdir: `${paths.scratch}/${SERVER_DIRECTORIES.temporary}`,
    'plugin-dir': `${paths.scratch}/${SERVER_DIRECTORIES.plugins}`,
    'lc-messages-dir': tools.share,
    'character-sets-dir': `${tools.share}/charsets`,
  };
}

/** Keeps restored data from acting on its own or reaching out: no TCP, no replication, no files, no links. For events, see flavor.ts. */
const ISOLATION: Readonly<Record<string, string>> = {
  'skip-networking': '',
  'skip-name-resolve': '',
  'skip-log-bin': '',
  'loose-skip-slave-start': '',
  'local-infile': 'OFF',
  'loose-skip-symbolic-links': '',
  'loose-federated': 'OFF',
  'performance-schema': 'OFF',
};

const RELAXED: Readonly<Record<string, string>> = {
  'innodb-flush-log-at-trx-commit': '0',
  'innodb-flush-method': 'nosync',
};

const DURABLE: Readonly<Record<string, string>> = {
  'innodb-flush-log-at-trx-commit': '1',
  'innodb-flush-method': 'fsync',
  'innodb-doublewrite': 'ON',
};

function sizes({ memoryBytes, cpus }: Sizing): Record<string, string> {
  const megabytes = (share: number, least: number, most: number): string =>
    `${Math.round(Math.min(most * MIB, Math.max(least * MIB, memoryBytes * share)) / MIB)}M`;
  const workers = Math.max(1, Math.floor(cpus));
  return {
    // the server's other memory (statements, dictionary, session buffers) does not grow with the sandbox
    'innodb-buffer-pool-size': `${Math.round(Math.max(64, memoryBytes / MIB / 2 - 128))}M`,
    'innodb-sort-buffer-size': megabytes(0.02, 1, 64),
    'loose-innodb-ddl-buffer-size': megabytes(0.06, 16, 1024),
    'loose-innodb-ddl-threads': String(workers),
    'loose-innodb-parallel-read-threads': String(workers),
    'key-buffer-size': megabytes(0.03, 8, 256),
    'myisam-sort-buffer-size': megabytes(0.06, 8, 1024),
    'loose-aria-pagecache-buffer-size': megabytes(0.03, 8, 256),
    'loose-aria-sort-buffer-size': megabytes(0.06, 8, 1024),
    'bulk-insert-buffer-size': megabytes(0.02, 8, 64),
    'loose-temptable-max-ram': megabytes(0.1, 16, 1024),
    'tmp-table-size': megabytes(0.03, 16, 64),
    'max-heap-table-size': megabytes(0.03, 16, 64),
    'innodb-io-capacity': '2000',
    'loose-innodb-use-native-aio': 'OFF', // the kernel's limit on such requests is low, and many servers share it
    'innodb-buffer-pool-dump-at-shutdown': 'OFF',
    'innodb-buffer-pool-load-at-startup': 'OFF',
    'loose-innodb-adaptive-hash-index': 'OFF',
  };
}

/** Allows statements as long as the protocol permits, and lets sessions wait for each other as long as a load takes. */
const SESSIONS: Readonly<Record<string, string>> = {
  'max-allowed-packet': '1G',
  'max-connections': '100',
  'character-set-server': 'utf8mb4',
  'default-time-zone': '+00:00',
  'wait-timeout': '2147483',
  'interactive-timeout': '2147483',
  'net-read-timeout': '86400',
  'net-write-timeout': '86400',
  'connect-timeout': '60',
  'innodb-lock-wait-timeout': '3600',
  'loose-log-error-verbosity': '2',
};

/** Large enough that checkpoints do not stall a load, and small compared with the memory that tmpfs uses for its files. */
function redoMegabytes({ memoryBytes }: Sizing): number {
  return Math.round(Math.min(1024, Math.max(64, memoryBytes / MIB / 8)));
}
