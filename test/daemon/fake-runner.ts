import type { Drill } from '../../src/config/drill-file.ts';
import { Runner } from '../../src/daemon/runner.ts';
import type { Store } from '../../src/record/store.ts';
import { type FakeOptions, makeFakeDrill } from '../run/fake-drill.ts';

/** A runner of a pool on a store, all in memory. */
export function makeFakeRunner(store: Store, drills: readonly Drill[], options: FakeOptions & { pool?: string } = {}) {
  const { services } = makeFakeDrill(options);
  const log: string[] = [];
  const at = (level: string) => (message: string) => void log.push(`${level}: ${message}`);
  const stop = new AbortController();
  const files = { drills };
  const runner = new Runner({
    pool: options.pool ?? 'eu',
    services: { ...services, store },
    runtimes: [],
    catalog: {
      get drills() {
        return files.drills;
      },
      invalidate: () => undefined,
      refresh: async () => undefined,
    },
    heartbeat: { ping: async () => undefined },
    settings: {
      listen: undefined,
      sandboxes: 2,
      memoryBytes: undefined,
      cpus: undefined,
      stopGraceMs: 10_000,
      pollBackupsMs: 3_600_000,
    },
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    manager: { ready: () => undefined, status: () => undefined, stopping: () => undefined, alive: () => undefined },
  });
  let running: Promise<unknown> | undefined;
  return {
    log,
    files,
    start: () => {
      running = runner.run(stop.signal, new AbortController().signal);
    },
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}
