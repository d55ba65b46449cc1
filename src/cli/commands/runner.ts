import { poolSchema } from '../../config/pool-schema.ts';
import type { Settings } from '../../config/settings.ts';
import { DrillCatalog } from '../../daemon/drill-catalog.ts';
import type { DaemonLog } from '../../daemon/log.ts';
import { Runner } from '../../daemon/runner.ts';
import type { ServiceManager } from '../../daemon/service-manager.ts';
import type { Store } from '../../record/store.ts';
import { describeStore } from '../../record/store-address.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { closeStore, reopenStore } from '../reopen-store.ts';
import { openReporting, requireSharedStore, SIGNAL_WORDS } from '../service-process.ts';
import type { Toolbox } from '../toolbox.ts';

const NEEDS_STORE =
  'Set `store: postgres://…` in the settings of the scheduler and of its runners. On one machine `firedrill serve` is enough.';

export interface RunnerOptions {
  readonly config: string | undefined;
  readonly pool: string;
}

/**
 * `firedrill runner`: runs the drills of a pool as a scheduler queues them, until it is stopped. It does not listen on any port. An error at startup ends it;
 * later errors are reported and retried. Throws `usage` for an invalid pool name, and `config-invalid` for a store without a queue.
 */
export async function runnerCommand(tools: Toolbox, options: RunnerOptions): Promise<number> {
  const { io } = tools;
  checkName(options.pool);
  let runner: Runner | undefined;
  io.service.takeOver(SIGNAL_WORDS, () => runner?.reload());
  const settings = await tools.loadSettings(options.config);
  requireSharedStore(settings, 'a runner', NEEDS_STORE);
  const { log, manager } = openReporting(tools, settings);
  const catalog = new DrillCatalog({ ...tools.loadOptions(settings), drillsDir: settings.drillsDir });
  let store: Store | undefined = await tools.openStore(settings);
  while (store) {
    const opened: Store = store;
    runner = await createRunner(tools, settings, { store: opened, catalog, log, manager, pool: options.pool });
    const ended = await runner.run(io.interrupt, io.service.hurry).finally(() => closeStore(opened, log));
    if (ended === 'stopped') break;
    const onAttempt = () => manager.alive(tools.clock.monotonicMs());
    const open = () => tools.openStore(settings);
    store = await reopenStore({ open, label: describeStore(settings.store), log, onAttempt }, io.interrupt);
  }
  return EXIT.passed;
}

/** No drill could name it, so the runner would wait forever. */
function checkName(pool: string): void {
  const problem = poolSchema.safeParse(pool).error?.issues[0];
  if (!problem) return;
  throw new DrillError('usage', `--pool ${JSON.stringify(pool)} ${problem.message}`, {
    hint: 'Write it as `pool` in the drills.',
  });
}

interface Parts {
  readonly store: Store;
  readonly catalog: DrillCatalog;
  readonly log: DaemonLog;
  readonly manager: ServiceManager;
  readonly pool: string;
}

async function createRunner(tools: Toolbox, settings: Settings, { store, ...parts }: Parts): Promise<Runner> {
  return new Runner({
    ...parts,
    services: tools.drillServices(settings, store),
    runtimes: await tools.runtimes(settings),
    heartbeat: await tools.createHeartbeat(),
    settings: settings.serve,
  });
}
