import { DrillError } from '../../../support/errors.ts';
import { lackOf } from '../../whose-fault.ts';
import type { InstalledTools } from './installed-tools.ts';

/** Settings that keep a library loaded at start from acting by itself. Names and values are from each library's documentation. */
const QUIET: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  auto_explain: { 'auto_explain.log_min_duration': '-1' },
  citus: {
    'citus.background_task_queue_interval': '-1',
    'citus.distributed_deadlock_detection_factor': '-1',
    'citus.enable_statistics_collection': 'off',
    'citus.recover_2pc_interval': '-1',
  },
  // The first one exists since version 1.5. Before, the others leave a job nowhere to run: it connects to the host, which may be this one.
  pg_cron: {
    'cron.launch_active_jobs': 'off',
    'cron.use_background_workers': 'off',
    'cron.host': '/nonexistent',
    'cron.log_run': 'off',
    'cron.log_statement': 'off',
  },
  pg_partman_bgw: { 'pg_partman_bgw.dbname': '' },
  pg_prewarm: { 'pg_prewarm.autoprewarm': 'off' },
  pg_stat_statements: { 'pg_stat_statements.save': 'off', 'pg_stat_statements.track': 'none' },
  pgaudit: { 'pgaudit.log': 'none', 'pgaudit.role': '' },
  powa: { 'powa.frequency': '-1' },
  timescaledb: { 'timescaledb.max_background_workers': '0', 'timescaledb.telemetry_level': 'off' },
};

/** Settings that these libraries need in each session that loads a dump: TimescaleDB's timescaledb_pre_restore() sets the same for a whole database. */
const WHILE_LOADING: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  timescaledb: { 'timescaledb.restoring': 'on' },
};

/** Extensions that can only be created if their library was loaded at start, with that library. */
const NEEDS_PRELOAD: Readonly<Record<string, string>> = {
  citus: 'citus',
  citus_columnar: 'citus',
  pg_cron: 'pg_cron',
  pg_squeeze: 'pg_squeeze',
  pg_wait_sampling: 'pg_wait_sampling',
  pgaudit: 'pgaudit',
  pglogical: 'pglogical',
  timescaledb: 'timescaledb',
};

/** The maximum number of background workers that one library registers, in addition to those that the server is sized for. */
export const WORKERS_PER_LIBRARY = 4;

/** @returns the settings that keep these libraries from acting by themselves. */
export function quietSettings(preload: readonly string[]): Record<string, string> {
  return Object.assign({}, ...preload.map((library) => (Object.hasOwn(QUIET, library) ? QUIET[library] : {})));
}

/** @returns settings for each session that loads. */
export function loadingSettings(preload: readonly string[]): Record<string, string> {
  return Object.assign(
    {},
    ...preload.map((library) => (Object.hasOwn(WHILE_LOADING, library) ? WHILE_LOADING[library] : {})),
  );
}

/** @throws DrillError `image-incomplete` for libraries that the sandbox lacks; called before boot, which would fail later and with less detail. */
export function requireLibraries(
  preload: readonly string[],
  { libraries, server }: InstalledTools,
  where: string,
): void {
  if (libraries.size === 0) return; // no library directory was found: the server itself will report it
  const missing = preload.filter((library) => !libraries.has(library));
  if (missing.length === 0) return;
  throw new DrillError(
    'image-incomplete',
    `engine.preload: ${where} lacks ${missing.length > 1 ? 'the libraries' : 'the library'} ${missing.join(', ')}`,
    {
      hint: `Name an image that has ${missing.length > 1 ? 'them' : 'it'} in \`engine.image\`, or install the extension’s package for Postgres ${server.major}.`,
    },
  );
}

/** @throws DrillError `image-incomplete` for extensions of the backup that this server could not create, before an hour of loading. */
export function requirePreloaded(extensions: readonly string[], preload: readonly string[]): void {
  const waiting = extensions.filter((name) => {
    const library = Object.hasOwn(NEEDS_PRELOAD, name) ? NEEDS_PRELOAD[name] : undefined;
    return library !== undefined && !preload.includes(library);
  });
  if (waiting.length === 0) return;
  const libraries = [...new Set([...preload, ...waiting.map((name) => NEEDS_PRELOAD[name] ?? name)])];
  const lack = lackOf({
    kind: 'preload-missing',
    text: `the backup creates ${waiting.join(', ')}, which works only in a server that loads its library at the start`,
    hint: `Set \`engine.preload: [${libraries.join(', ')}]\` in the drill.`,
  });
  if (lack) throw lack;
}
