import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKeyRing, readKey } from './backup/decryption/key-ring.ts';
import { openSource } from './backup/registry.ts';
import type { Io } from './cli/io.ts';
import type { Toolbox } from './cli/toolbox.ts';
import { definitionForRecord } from './config/definition.ts';
import type { Drill } from './config/drill-file.ts';
import type { ParsedDrills } from './config/parsed-drills.ts';
import { requireNotify } from './config/resolve-notify.ts';
import type { StoreContext } from './config/resolve-store.ts';
import type { Settings } from './config/settings.ts';
import { ALL_ENGINES, type EngineType, engineOf } from './engines/registry.ts';
import type { CopyDatabase } from './record/copy/copy-database.ts';
import type { Store } from './record/store.ts';
import type { StoreAddress } from './record/store-address.ts';
import type { ReportRequest } from './report/input.ts';
import type { KeyRequest } from './run/contract.ts';
import { chooseRuntime } from './sandbox/choose-runtime.ts';
import { openRuntimes } from './sandbox/registry.ts';
import type { SandboxRuntime } from './sandbox/sandbox.ts';
import { systemClock } from './support/clock.ts';
import { DrillError } from './support/errors.ts';
import type { Redactor } from './support/redact.ts';
import type { OnStoreRequest } from './support/store-request.ts';

/** Reports are megabytes in size, so they get more time than a notification, but less than the maximum for a channel. */
const REPORT_DEADLINE_MS = 30_000;

/** Wires up the concrete drivers; no other file names them. Each is loaded on first use, so that `list` does not wait for what only `run` needs. */
export function createToolbox(io: Io, redactor: Redactor): Toolbox {
  const clock = systemClock;
  const version = readVersion();
  let runtimes: Promise<readonly SandboxRuntime[]> | undefined;
  const loadRuntimes = async ({ sandbox }: Settings): Promise<readonly SandboxRuntime[]> =>
    openRuntimes(sandbox, { clock, engines: ALL_ENGINES, searchPath: io.env['PATH'] ?? '' });
  const makeRuntimes = (settings: Settings) => {
    runtimes ??= loadRuntimes(settings);
    return runtimes;
  };
  const loadOptions = (settings: Pick<Settings, 'drillsDir' | 'sandbox' | 'store'>) => ({
    cwd: io.cwd,
    env: io.env,
    redactor,
    drillsDir: settings.drillsDir,
    sandboxDefaults: settings.sandbox,
    hasQueue: settings.store.kind === 'postgresql',
    openParsed: (paths: readonly string[]) => openParsedDrills(io, paths),
  });
  /** Every process that delivers notifications needs these channels, because a notification whose channel is missing is dropped. */
  const createReportChannels = async ({ reports, notify, publicUrl, ...settings }: Settings, store: Store) => {
    if (reports.length === 0) return [];
    const { createReportChannel } = await import('./notify/channels/email/report-channel.ts');
    const { readReport } = await import('./report/read-report.ts');
    const { readDrills } = await import('./config/load-drills.ts');
    const { readStandingsOnce } = await import('./status/read-standings-once.ts');
    const read = async (request: ReportRequest) => {
      const { drills } = await readDrills([settings.drillsDir], loadOptions(settings));
      return readReport(store, (await readStandingsOnce(store, drills, request.asOf)).drills, request);
    };
    const redact = (text: string) => redactor.redact(text);
    const deps = { read, version, publicUrl, redact, smtpDeadlineMs: REPORT_DEADLINE_MS };
    return reports.flatMap((report) => {
      const email = notify.channels.find(({ name }) => name === report.channel);
      return email?.type === 'email' ? [createReportChannel(report, email, deps)] : [];
    });
  };
  const backups = {
    clock,
    openSource: (spec: Drill['backup']['source'], onRequest: OnStoreRequest = () => undefined) =>
      openSource(spec, {
        onRequest,
        readKey: (key, directory, signal) => readKey(key, { env: io.env, directory, redactor, signal }),
      }),
    keysOf: ({ backup, file }: Pick<Drill, 'backup' | 'file'>, request: KeyRequest) =>
      createKeyRing(backup.keys ?? [], {
        env: io.env,
        directory: dirname(file),
        redactor,
        openssl: backup.openssl,
        ...request,
      }),
    engineOf: async (type: EngineType) => engineOf(type),
  };
  return {
    io,
    clock,
    version,
    runbooksDir: fileURLToPath(new URL('../runbooks', import.meta.url)),
    redact: (text) => redactor.redact(text),
    loadSettings: async (file) =>
      (await import('./config/settings.ts')).loadSettings({ file, cwd: io.cwd, env: io.env, redactor }),
    openStore: async (settings, onError) => {
      const { withRedaction } = await import('./record/with-redaction.ts');
      const { withErrorCounting } = await import('./record/with-error-counting.ts');
      const { showWork } = await import('./cli/work-reporter.ts');
      const opened = await showWork({ io, clock }, 'opening the store', () => openAddress(settings.store));
      const store = withRedaction(opened, redactor);
      return onError ? withErrorCounting(store, onError) : store;
    },
    openStoreCopy: (place, side) => openCopySide(place, side, { env: io.env, redactor, base: io.cwd }),
    loadOptions,
    runtimes: makeRuntimes,
    createNotifier: async (settings, store) => {
      const { createChannels, DEFAULT_DEADLINES } = await import('./notify/channel-registry.ts');
      const { createNotifier } = await import('./notify/notifier.ts');
      const redact = (text: string) => redactor.redact(text);
      const directory = settings.file === undefined ? io.cwd : dirname(settings.file);
      const { notify, publicUrl } = settings;
      const channels = createChannels(requireNotify(notify).channels, {
        clock,
        redact,
        directory,
        ...DEFAULT_DEADLINES,
      });
      const reports = await createReportChannels(settings, store);
      return createNotifier({ store, channels: [...channels, ...reports], settings: notify, publicUrl, clock, redact });
    },
    createHeartbeat: async () =>
      (await import('./notify/heartbeat.ts')).createHeartbeat({ redact: (text) => redactor.redact(text) }),
    backups,
    drillServices: (settings, store) => ({
      ...backups,
      store,
      version,
      images: settings.images,
      prices: settings.prices,
      limits: settings.limits,
      chooseRuntime: async (name, signal, need) =>
        chooseRuntime(await makeRuntimes(settings), name ?? settings.runtime, need, signal),
      drills: async () => {
        const { readDrills } = await import('./config/load-drills.ts');
        return (await readDrills([settings.drillsDir], loadOptions(settings))).drills;
      },
      describeDefinition: definitionForRecord,
      redact: (text) => redactor.redact(text),
      recordRetryDelaysMs: [1000, 4000, 10_000],
    }),
  };
}

async function openAddress(address: StoreAddress): Promise<Store> {
  if (address.kind === 'sqlite') return (await import('./record/sqlite/sqlite-store.ts')).openSqliteStore(address.path);
  return (await import('./record/postgres/postgres-store.ts')).openPostgresStore(address);
}

async function openCopySide(place: string, side: 'from' | 'to', context: StoreContext): Promise<CopyDatabase> {
  const { resolveStore } = await import('./config/resolve-store.ts');
  const address = resolveStore(place, context);
  if ('code' in address) {
    throw new DrillError(address.code, `the store to copy ${side} ${address.message}`, {
      hint: "Write a path, or a URL such as 'postgres://firedrill@db.example.com/firedrill'; the password comes from PGPASSWORD, ~/.pgpass, or ${NAME} in the URL.",
    });
  }
  if (address.kind === 'sqlite')
    return (await import('./record/sqlite/sqlite-copy.ts')).openSqliteCopy(address.path, side);
  return (await import('./record/postgres/postgres-copy.ts')).openPostgresCopy(address, side);
}

/** Next to the compiled code, in the user's own cache. Only a build has an id: src/ changes while we run, so nothing parsed from it is cached. */
async function openParsedDrills({ env, cwd }: Io, paths: readonly string[]): Promise<ParsedDrills | undefined> {
  const cache = env['XDG_CACHE_HOME'] || (env['HOME'] && join(env['HOME'], '.cache'));
  const build = await readFile(new URL('build-id', import.meta.url), 'utf8').catch(() => undefined);
  if (!cache || !build) return undefined;
  const { ParsedDrills } = await import('./config/parsed-drills.ts');
  const place = createHash('sha256')
    .update(JSON.stringify([cwd, ...paths]))
    .digest('hex');
  return ParsedDrills.open(join(cache, 'firedrill', `drills-${place.slice(0, 32)}`), build.trim());
}

function readVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
