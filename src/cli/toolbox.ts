import type { LoadOptions } from '../config/load-drills.ts';
import type { Settings } from '../config/settings.ts';
import type { Heartbeat } from '../notify/heartbeat.ts';
import type { Notifier } from '../notify/notifier.ts';
import type { Store } from '../record/store.ts';
import type { DigestHelper } from '../report/digest-helper.ts';
import type { ReportRequest } from '../report/input.ts';
import type { DrillServices } from '../run/contract.ts';
import type { SandboxRuntime } from '../sandbox/sandbox.ts';
import type { Clock } from '../support/clock.ts';
import type { Io } from './io.ts';

/** What commands work with; made by the composition root, which alone knows the concrete drivers. */
export interface Toolbox {
  readonly io: Io;
  readonly clock: Clock;
  readonly version: string;
  /** Of the runbooks that ship with Firedrill. Absolute. */
  readonly runbooksDir: string;
  /** Without the secrets that were read so far: for whatever is printed and comes from elsewhere. */
  readonly redact: (text: string) => string;
  /** @param file as given by `--config`; undefined: the environment's, or `firedrill.yaml` here where there is one. */
  loadSettings(file: string | undefined): Promise<Settings>;
  /** Opens, and makes or migrates where needed. */
  openStore(settings: Settings): Promise<Store>;
  /** Another thread for a report over this store, when there is much to read. Has to be told of the drills in force, and to be disposed of. */
  startDigestHelper(settings: Settings, store: Store, request: ReportRequest): Promise<DigestHelper | undefined>;
  loadOptions(settings: Settings): LoadOptions;
  /** How backups are looked at, without any history. */
  readonly backups: Pick<DrillServices, 'openSource' | 'engineOf' | 'clock'>;
  drillServices(settings: Settings, store: Store): DrillServices;
  runtimes(settings: Settings): Promise<readonly SandboxRuntime[]>;
  createNotifier(settings: Settings, store: Store): Promise<Notifier>;
  createHeartbeat(): Promise<Heartbeat>;
}
