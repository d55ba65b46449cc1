import { Readable } from 'node:stream';
import { afterEach, beforeEach, vi } from 'vitest';
import { NO_KEYS } from '../../src/backup/layer.ts';
import type { ProtectionInspector } from '../../src/backup/protection.ts';
import type { BackupSource, StoredObject } from '../../src/backup/source.ts';
import type { Drill } from '../../src/config/drill-file.ts';
import type { LoadOutcome } from '../../src/engines/engine.ts';
import type { TableHasher } from '../../src/engines/fingerprint.ts';
import type { FleetLimits } from '../../src/record/run-limits.ts';
import type { RunRecord, Trigger } from '../../src/record/run-record.ts';
import type { Store } from '../../src/record/store.ts';
import type { DrillServices, ProveRequest, RunEvent } from '../../src/run/contract.ts';
import { runDrill } from '../../src/run/run-drill.ts';
import { DrillError } from '../../src/support/errors.ts';
import { createMemoryStore } from '../support/memory-store.ts';
import { fakeEngine } from './fake-engine.ts';
import { fakeRuntime } from './fake-runtime.ts';

/** Every call that a drill makes to its services, by name; a test can make any of them fail, wait or do more. */
export type Step =
  | 'damage'
  | 'openSource'
  | 'list'
  | 'inspect'
  | 'checkLog'
  | 'chooseRuntime'
  | 'findImage'
  | 'ensureImage'
  | 'start'
  | 'checkCompatibility'
  | 'stage'
  | 'boot'
  | 'load'
  | 'seal'
  | 'openCheckSession'
  | 'query'
  | 'closeCheckSession'
  | 'prepareClient'
  | 'measure'
  | 'dispose'
  | 'closeSource';
export type Hooks = Partial<Record<Step, () => unknown>>;

export interface FakeDrill {
  readonly services: DrillServices;
  readonly store: Store;
  /** In call order. */
  readonly calls: readonly Step[];
  readonly events: readonly RunEvent[];
  readonly interrupt: AbortController;
  /** Makes the sandbox disappear during the run. */
  readonly gone: AbortController;
  /** Resolves when this call is made. */
  reached(step: Step): Promise<void>;
  run(): Promise<RunRecord>;
  /** The run as the store has it, ended or not. */
  stored(): Promise<RunRecord>;
}

export interface FakeOptions {
  readonly hooks?: Hooks;
  readonly store?: (inner: Store) => Store;
  readonly outcome?: Partial<LoadOutcome>;
  readonly deadlineMs?: number;
  readonly keepMs?: number;
  /** What triggers the run; by default a person. */
  readonly trigger?: Trigger;
  readonly onEvent?: (event: RunEvent) => void;
  readonly recordAgainAfterMs?: readonly number[];
  /** The objects in the source; by default one backup taken at 03:00. */
  readonly listed?: () => readonly StoredObject[];
  /** The content of the one backup; by default a few bytes. */
  readonly content?: Buffer;
  /** Content of the other objects in `listed`, by key. */
  readonly beside?: Readonly<Record<string, Buffer>>;
  /** Called in addition when the source is closed. */
  readonly closing?: () => void;
  /** How the source protects backups; if given, the drill requires 30 days. */
  readonly protection?: ProtectionInspector;
  /** Whether the image exists already; by default it does. */
  readonly hasImage?: boolean;
  /** The result of the one check's query, which expects 599. */
  readonly answer?: number;
  readonly prove?: ProveRequest;
  /** How long it takes to make the drill's checks from the restored copy; by default none are made. */
  readonly completing?: () => unknown;
  /** Hashes the tables of one run's copy; by default there are none. */
  readonly makeHasher?: () => TableHasher;
  /** Whether the backup's log is stored with it. */
  readonly isInRepository?: boolean;
  /** Whether the drill names a log archive, which its engine checks before the run continues. */
  readonly hasLog?: boolean;
  /** Of all machines; by default none. */
  readonly limits?: FleetLimits;
}

const TAKEN_AT = new Date('2026-11-21T03:00:00.000Z');
const BYTES = Buffer.from('-- a dump that no engine reads\n');

/** An in-memory drill: it passes unless a hook changes that. */
export function makeFakeDrill(options: FakeOptions = {}): FakeDrill {
  const calls: Step[] = [];
  const events: RunEvent[] = [];
  const interrupt = new AbortController();
  const gone = new AbortController();
  const arrivals = new Map<Step, PromiseWithResolvers<void>>();
  const arrival = (step: Step) => {
    const entry = arrivals.get(step) ?? Promise.withResolvers<void>();
    arrivals.set(step, entry);
    return entry;
  };
  const at = async (step: Step) => {
    calls.push(step);
    arrival(step).resolve();
    await options.hooks?.[step]?.();
  };
  const runtime = fakeRuntime(at, gone.signal, options.hasImage ?? true);
  const inner = createMemoryStore();
  const store = options.store?.(inner) ?? inner;
  const services: DrillServices = {
    clock: { now: () => new Date(), monotonicMs: () => Date.now() },
    store,
    openSource: async () => {
      await at('openSource');
      return fakeSource(at, options);
    },
    keysOf: () => NO_KEYS,
    engineOf: async () => fakeEngine(at, options),
    chooseRuntime: async () => {
      await at('chooseRuntime');
      return runtime;
    },
    images: {},
    prices: [],
    limits: options.limits ?? { runs: [], rates: [] },
    describeDefinition: ({ name, race }) => JSON.stringify({ name, race }),
    redact: (text) => text,
    version: '0.0.0-test',
    recordRetryDelaysMs: options.recordAgainAfterMs ?? [],
  };
  const completeDrill = async () => {
    await options.completing?.();
    return fakeDefinition(options.deadlineMs ?? 600_000);
  };
  const request = {
    drill: withLog(withProtection(fakeDefinition(options.deadlineMs ?? 600_000), options), options),
    triggeredBy: 'by a test',
    trigger: options.trigger ?? { kind: 'hand', dueAt: undefined, attempt: 1 },
    due: undefined,
    runtime: undefined,
    keep: { ms: options.keepMs, limitMs: options.keepMs ?? 0 },
    prove: options.prove,
    ...(options.completing ? { completeDrill } : {}),
    emit: (event: RunEvent) => {
      events.push(event);
      options.onEvent?.(event);
    },
    interrupt: interrupt.signal,
  };
  return {
    services,
    store: inner,
    calls,
    events,
    interrupt,
    gone,
    reached: (step) => arrival(step).promise,
    run: () => runDrill(request, services),
    stored: async () => {
      const [run] = await inner.findRuns({ limit: 1 });
      if (!run) throw new Error('no run was claimed');
      return run;
    },
  };
}

type At = (step: Step) => Promise<void>;

/** A backup taken at that instant, as a listing shows it. */
export function storedBackup(takenAt: Date, etag = '"1"', sizeBytes = BYTES.length): StoredObject {
  const key = `orders-${takenAt.toISOString().replaceAll(/:|\.\d+/g, '')}.sql`;
  return { key, sizeBytes, modifiedAt: takenAt, etag };
}

function withProtection(drill: Drill, { protection }: FakeOptions): Drill {
  if (!protection) return drill;
  const immutable = { forMs: 30 * 86_400_000, mode: 'governance', probe: true, onFinding: 'fail' } as const;
  return { ...drill, backup: { ...drill.backup, immutable } };
}

function withLog(drill: Drill, { hasLog }: FakeOptions): Drill {
  return hasLog ? { ...drill, backup: { ...drill.backup, log: { source: drill.backup.source } } } : drill;
}

function fakeSource(at: At, { listed, closing, protection, content = BYTES, beside = {} }: FakeOptions): BackupSource {
  return {
    ...(protection ? { protection } : {}),
    description: '/backups',
    prefix: '',
    async *list() {
      await at('list');
      yield* listed?.() ?? [storedBackup(TAKEN_AT, undefined, content.length)];
    },
    readTags: async () => ({}),
    read: async ({ key }, { start, end }) => Readable.from([(beside[key] ?? content).subarray(start, end)]),
    close: () => {
      void at('closeSource');
      closing?.();
    },
  };
}

export function fakeDefinition(deadlineMs: number): Drill {
  return {
    name: 'orders',
    description: undefined,
    owner: undefined,
    tier: undefined,
    backup: {
      source: { type: 'directory', path: '/backups' },
      match: 'orders-*.sql',
      select: { by: 'latest' },
      takenAt: 'name',
    },
    engine: {
      type: 'postgres',
      version: 'from-backup',
      database: undefined,
      image: undefined,
      preload: [],
      settings: {},
    },
    sandbox: {
      runtime: undefined,
      memoryBytes: 2 ** 30,
      cpus: 2,
      pids: 512,
      storage: 'volume',
      durability: 'relaxed',
    },
    objectives: {
      rtoMs: 60_000,
      rpoMs: undefined,
      warnAtRatio: 0.8,
      counts: ['locate', 'plan', 'provision', 'restore', 'verify'],
      deadlineMs,
    },
    restore: { ignoreErrors: [], jobs: undefined },
    checks: [
      {
        kind: 'sql',
        name: 'customers are all there',
        sql: 'select count(*) from customer',
        database: undefined,
        expect: { kind: 'equals', value: 599 },
        timeoutMs: 30_000,
      },
    ],
    runbook: undefined,
    file: '/srv/drills/orders.yaml',
    place: { file: 'drills/orders.yaml', checkLines: [12] },
    definitionHash: 'ab'.repeat(32),
  };
}

/** Never settles, like a library that hangs and ignores its abort signal. */
export const hang = (): Promise<never> => new Promise(() => undefined);

/** Fails as a driver would. */
export const fail = (code: ConstructorParameters<typeof DrillError>[0], message: string) => () => {
  throw new DrillError(code, message);
};

/** Stops the clock; only a test advances it. Streams and promises still work. */
export function useFakeTime(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date'],
      now: new Date('2026-11-21T12:00:00.000Z'),
    });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
}

/** As in `locate ok, teardown skipped`. */
export function timeline(run: RunRecord): string {
  return run.stages.map(({ name, outcome }) => `${name} ${outcome}`).join(', ');
}
