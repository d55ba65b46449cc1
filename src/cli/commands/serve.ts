import type { ServePart } from '../../config/serve-schema.ts';
import type { Settings } from '../../config/settings.ts';
import { ControlHub } from '../../daemon/control-hub.ts';
import { Daemon, type DaemonDeps } from '../../daemon/daemon.ts';
import { DrillCatalog } from '../../daemon/drill-catalog.ts';
import { leaveToRunners } from '../../daemon/leave-to-runners.ts';
import type { DaemonLog } from '../../daemon/log.ts';
import type { ServiceManager } from '../../daemon/service-manager.ts';
import type { Store } from '../../record/store.ts';
import { describeStore } from '../../record/store-address.ts';
import { EXIT } from '../../support/errors.ts';
import { answerRequests, NOTHING_YET } from '../answer-requests.ts';
import { closeStore, reopenStore } from '../reopen-store.ts';
import { openReporting, requireSharedStore, SIGNAL_WORDS } from '../service-process.ts';
import type { Toolbox } from '../toolbox.ts';

const NEEDS_STORE =
  'Set `store: postgres://…` in the settings of all processes, or leave out `--only`: then one process does everything.';

export interface ServeOptions {
  readonly config: string | undefined;
  /** undefined: the scheduler, the pages, and the drills without a pool. */
  readonly only: ServePart | undefined;
}

/**
 * `firedrill serve`: runs the drills on their schedules until it is stopped. An error at startup (settings, a store that cannot be opened, an address in use)
 * ends it; later errors are reported and retried. Throws `config-invalid` for a single role on a store that is not shared.
 */
export async function serveCommand(tools: Toolbox, options: ServeOptions): Promise<number> {
  const { io } = tools;
  let serving: Serving | undefined;
  io.service.takeOver(SIGNAL_WORDS, () => serving?.reload());
  const settings = await tools.loadSettings(options.config);
  if (options.only !== undefined) requireSharedStore(settings, `--only ${options.only}`, NEEDS_STORE);
  const { log, manager } = openReporting(tools, settings);
  serving = new Serving(tools, settings, log, manager, options.only);
  await serving.run(io.interrupt, io.service.hurry);
  return EXIT.passed;
}

/** The scheduler with its store, which may have to be reopened, and its HTTP listener. */
class Serving {
  private readonly tools: Toolbox;
  private readonly settings: Settings;
  private readonly log: DaemonLog;
  private readonly manager: ServiceManager;
  private readonly only: ServePart | undefined;
  private readonly catalog: DaemonDeps['catalog'];
  private current: { readonly daemon: Daemon; readonly store: Store } | undefined;
  private storeErrors = 0;
  /** When reopening the store was last attempted; undefined: it is open. */
  private reopenedAt: Date | undefined;
  private readonly hub = new ControlHub(() => (this.reopenedAt ? undefined : this.current?.daemon.control));

  constructor(
    tools: Toolbox,
    settings: Settings,
    log: DaemonLog,
    manager: ServiceManager,
    only: ServePart | undefined,
  ) {
    this.tools = tools;
    this.settings = settings;
    this.log = log;
    this.manager = manager;
    this.only = only;
    const catalog = new DrillCatalog({ ...tools.loadOptions(settings), drillsDir: settings.drillsDir });
    this.catalog = only === undefined ? catalog : leaveToRunners(catalog);
  }

  reload(): void {
    this.current?.daemon.reload();
  }

  /** @throws DrillError `store-failed`, `store-newer`, `listen-failed`; only at startup. */
  async run(stop: AbortSignal, hurry: AbortSignal): Promise<void> {
    let store: Store | undefined = await this.open();
    const first = store;
    await using _answering = await this.answer(first).catch(async (error: unknown) => {
      await first[Symbol.asyncDispose]();
      throw error;
    });
    while (store) {
      const opened: Store = store;
      const ended = await this.runWith(opened, stop, hurry).finally(() => closeStore(opened, this.log));
      store = ended === 'stopped' ? undefined : await this.reopen(stop);
    }
  }

  private answer(first: Store): Promise<AsyncDisposable | undefined> {
    const { tools, settings, log, hub, only } = this;
    const startedAt = tools.clock.now();
    return answerRequests({
      tools,
      settings,
      log,
      hub,
      only,
      store: () => this.current?.store ?? first,
      facts: () => {
        const facts = this.current?.daemon.facts ?? {
          ...NOTHING_YET,
          lastTickAt: startedAt,
          lastGoodTickAt: startedAt,
        };
        return this.reopenedAt ? { ...facts, lastTickAt: this.reopenedAt } : facts; // not stuck: it is waiting for the store
      },
      storeErrors: () => this.storeErrors,
    });
  }

  private open(): Promise<Store> {
    return this.tools.openStore(this.settings, () => {
      this.storeErrors += 1;
    });
  }

  private async runWith(store: Store, stop: AbortSignal, hurry: AbortSignal): Promise<'stopped' | 'store-lost'> {
    const { tools, settings, log, manager, catalog, only } = this;
    const daemon = new Daemon({
      services: tools.drillServices(settings, store),
      only,
      runtimes: only === undefined ? await tools.runtimes(settings) : [],
      notifier: await tools.createNotifier(settings, store),
      heartbeat: await tools.createHeartbeat(),
      settings: settings.serve,
      reports: settings.reports,
      discover: settings.discover,
      catalog,
      log,
      manager,
      onChange: (change) => this.hub.publish(change),
    });
    this.current = { daemon, store };
    this.reopenedAt = undefined;
    return daemon.run(stop, hurry);
  }

  /** @returns undefined if it is stopped in the meantime. */
  private reopen(stop: AbortSignal): Promise<Store | undefined> {
    const { clock } = this.tools;
    const onAttempt = () => {
      this.reopenedAt = clock.now();
      this.manager.alive(clock.monotonicMs());
    };
    const label = describeStore(this.settings.store);
    return reopenStore({ open: () => this.open(), label, log: this.log, onAttempt }, stop);
  }
}
