import type { LoadOptions } from '../config/load-drills.ts';
import type { Settings } from '../config/settings.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { CopyDatabase } from '../record/copy/copy-database.ts';
import type { Store } from '../record/store.ts';
import type { DrillServices } from '../run/contract.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import type { Clock } from '../support/clock.ts';
import type { DrillError } from '../support/errors.ts';
import type { Io } from './io.ts';

/** The dependencies of commands; built by the composition root, the only place that knows the concrete drivers. */
export interface Toolbox {
  readonly io: Io;
  readonly clock: Clock;
  readonly version: string;
  /** The directory of the runbooks that ship with Firedrill. Absolute. */
  readonly runbooksDir: string;
  /** Removes the secrets read so far; use it for all printed text from elsewhere. */
  readonly redact: (text: string) => string;
  /** @param file from `--config`; undefined: the environment's, or `firedrill.yaml` in the working directory if it exists. */
  loadSettings(file: string | undefined): Promise<Settings>;
  /** Opens the store; creates or migrates it where necessary. @param onError called for each failure of the open store. */
  openStore(settings: Settings, onError?: (error: DrillError) => void): Promise<Store>;
  /**
   * Opens a store for raw access, to copy it.
   * @param place like `store` in the settings.
   * @param side `from` is not created. Throws `config-invalid`, `config-missing-variable`, and the store's errors.
   */
  openStoreCopy(place: string, side: 'from' | 'to'): Promise<CopyDatabase>;
  loadOptions(settings: Settings): LoadOptions;
  /** Access to backups without history. */
  readonly backups: Pick<DrillServices, 'openSource' | 'keysOf' | 'engineOf' | 'clock'>;
  drillServices(settings: Settings, store: Store): DrillServices;
  runtimes(settings: Settings): Promise<readonly SandboxRuntime[]>;
  createNotifier(settings: Settings, store: Store): Promise<Notifier>;
  createHeartbeat(): Promise<Heartbeat>;
}
