import type { ServePart } from '../config/serve-schema.ts';
import type { Settings } from '../config/settings.ts';
import type { ControlHub } from '../daemon/control-hub.ts';
import type { Daemon } from '../daemon/daemon.ts';
import { createReadiness, judgeLoop, type Probe, scheduleProbe } from '../daemon/health.ts';
import { listenHttp } from '../daemon/http.ts';
import type { DaemonLog } from '../daemon/log.ts';
import { describeMode } from '../dashboard/access/access.ts';
import { createDashboard, type Dashboard } from '../dashboard/dashboard.ts';
import { createReports } from '../dashboard/reports.ts';
import { createRunbookReader } from '../dashboard/runbooks.ts';
import { gatherFacts } from '../metrics/gather-facts.ts';
import { createMetrics } from '../metrics/metrics.ts';
import { NextRuns } from '../metrics/next-runs.ts';
import type { Store } from '../record/store.ts';
import { describeStore } from '../record/store-address.ts';
import { asDrillError } from '../support/errors.ts';
import type { Toolbox } from './toolbox.ts';

/** The loop ticks every 15 s; a tick that takes longer than this is stuck. */
const STUCK_AFTER_MS = 120_000;
const LATE_AFTER_MS = 120_000;
const CLOSE_MS = 2000;

type Facts = Daemon['facts'];

/** The facts before the scheduler's first tick. */
export const NOTHING_YET: Omit<Facts, 'lastTickAt' | 'lastGoodTickAt'> = {
  standings: [],
  broken: [],
  waiting: [],
  running: 0,
  sandboxes: 0,
  nextDueAt: undefined,
  standby: undefined,
  discovery: undefined,
  schedulerSilence: undefined,
  budgetExceeded: undefined,
  providers: [],
};

export interface AnsweringDeps {
  readonly tools: Toolbox;
  readonly settings: Settings;
  readonly log: DaemonLog;
  readonly hub: ControlHub;
  /** The role that this process is restricted to: a scheduler has no pages, and neither it nor pages need an engine. */
  readonly only: ServePart | undefined;
  /** The store that is currently open. */
  readonly store: () => Store;
  readonly facts: () => Facts;
  /** How often the store has failed since the start. */
  readonly storeErrors: () => number;
}

/**
 * Serves the scheduler's health, metrics and pages at the configured address.
 * @returns a handle that stops serving; undefined if no address is configured. Throws `listen-failed`.
 */
export async function answerRequests(deps: AnsweringDeps): Promise<AsyncDisposable | undefined> {
  const { settings, tools, log } = deps;
  const { listen } = settings.serve;
  if (!listen) return undefined;
  const { clock } = tools;
  const metrics = createMetrics(tools.version);
  using pages = new DisposableStack();
  const dashboard =
    deps.only === 'scheduler' ? undefined : pages.adopt(makeDashboard(deps, listen), (one) => one.close());
  const listener = await listenHttp({
    ...listen,
    health: () => {
      const { lastTickAt, standby } = deps.facts();
      return judgeLoop({ lastGoodTickAt: lastTickAt, standby }, clock.now(), STUCK_AFTER_MS);
    },
    readiness: createReadiness(makeProbes(deps), { clock, redact: tools.redact }),
    metrics: async () => {
      const sources = {
        scheduler: deps.facts(),
        store: deps.store(),
        storePath: settings.store.kind === 'sqlite' ? settings.store.path : undefined,
        storeErrors: deps.storeErrors,
      };
      return { contentType: metrics.contentType, text: await metrics.render(await gatherFacts(sources, clock.now())) };
    },
    pages: dashboard,
    onError: (error) => log.error(`a request failed: ${asDrillError(error).message}`),
  });
  await using answering = new AsyncDisposableStack();
  answering.defer(() => listener.close(CLOSE_MS));
  answering.use(pages.move()); // closed first: the listener would wait for the streams of pages
  log.info(`answers at ${listener.url}: ${dashboard ? 'pages, ' : ''}/healthz, /readyz, /metrics`);
  if (dashboard) log.info(describeMode(await dashboard.mode(), listener.url));
  return answering.move();
}

function makeProbes({ tools, settings, store, facts, only }: AnsweringDeps): readonly Probe[] {
  const services = tools.drillServices(settings, store());
  const engine: Probe = {
    name: 'engine',
    check: async (signal) => `${(await services.chooseRuntime(undefined, signal)).name} answers`,
  };
  return [
    {
      name: 'store',
      check: async () => {
        await store().check();
        return `${describeStore(settings.store)} answers`;
      },
    },
    ...(only === undefined ? [engine] : []),
    scheduleProbe(facts, tools.clock, LATE_AFTER_MS),
  ];
}

function makeDashboard(
  { tools, settings, log, hub, store, facts }: AnsweringDeps,
  listen: NonNullable<Settings['serve']['listen']>,
): Dashboard {
  const nextRuns = new NextRuns();
  return createDashboard({
    store,
    standings: () => {
      const { standings, broken, discovery, schedulerSilence, budgetExceeded, lastTickAt } = facts();
      const { ok, sentence } = judgeLoop({ lastGoodTickAt: lastTickAt }, tools.clock.now(), STUCK_AFTER_MS);
      const silence = ok ? schedulerSilence : sentence;
      return { drills: standings, broken, discovery, schedulerSilence: silence, budgetExceeded };
    },
    control: hub,
    nextRunOf: (drill, now) => nextRuns.find(drill, now),
    runbooks: createRunbookReader(tools.runbooksDir),
    reports: createReports({
      store,
      standings: async () => facts().standings,
      clock: tools.clock,
      version: tools.version,
      redact: tools.redact,
    }),
    clock: tools.clock,
    redact: tools.redact,
    access: settings.access,
    listen,
    publicUrl: settings.publicUrl,
    version: tools.version,
    onError: (error) => log.error(`a page failed: ${asDrillError(error).message}`),
    onAccess: (message) => log.info(message),
  });
}
