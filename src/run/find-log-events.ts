import { randomBytes } from 'node:crypto';
import type { BackupContent } from '../backup/content.ts';
import type { KeyRing } from '../backup/layer.ts';
import { openLogArchive } from '../backup/reading/open-log-archive.ts';
import { listBackups } from '../backup/selection/list-backups.ts';
import type { Drill } from '../config/drill-file.ts';
import type { Engine } from '../engines/engine-descriptor.ts';
import type { DatedLogArchive, FoundEvents, LogSearch } from '../engines/log-events.ts';
import { requireSql } from '../engines/require-sql.ts';
import { makeRunId } from '../record/run-id.ts';
import type { SeenBackup } from '../record/schedule-store.ts';
import type { Sandbox, SandboxRuntime } from '../sandbox/sandbox.ts';
import { DrillError } from '../support/errors.ts';
import { currentOwner } from '../support/owner.ts';
import type { IdentityName } from '../support/vocabulary.ts';
import type { DrillServices } from './contract.ts';
import { locate } from './locate.ts';
import { OpenResources } from './open-resources.ts';
import { readAs } from './read-as.ts';
import { withRecordedRequests } from './record-requests.ts';

export interface LogEventRequest {
  readonly drill: Drill;
  readonly since: Date;
  readonly minRows: number | undefined;
  readonly runtime: string | undefined;
  readonly as: IdentityName;
  readonly onPlanned: (search: Omit<LogSearch, 'run'>, archive: string) => void;
  /** @param doing human-readable: `fetching 12 of 40 segments`. */
  readonly onProgress: (doing: string) => void;
  /** Called before a sandbox is started, if the search needs one. */
  readonly onSandbox: () => void;
  readonly signal: AbortSignal;
}

export interface FoundLogEvents extends FoundEvents {
  /** Backups that a recovery may start from, newest first; undefined: they cannot be listed. */
  readonly backups: readonly SeenBackup[] | undefined;
}

/** After this time, any process may remove the sandbox of a search whose process died. */
const LEASE_MS = 6 * 60 * 60_000;

/**
 * Searches a drill's log archive for events that destroyed data: in a sandbox where the product's own program reads the log, and without restoring anything or
 * recording a run.
 * @throws DrillError `usage` for a drill without a log archive, what opening the source, pulling the image, starting the sandbox and searching throw.
 */
export function findLogEvents(request: LogEventRequest, services: DrillServices): Promise<FoundLogEvents> {
  return withRecordedRequests(services, request.drill.name, (recorded) => search(request, recorded));
}

async function search(request: LogEventRequest, services: DrillServices): Promise<FoundLogEvents> {
  const { drill, since, onPlanned, onProgress, signal } = request;
  const engine = await services.engineOf(drill.engine.type);
  const { planLogSearch } = requireSql(engine, 'searching a log');
  const access = readAs(drill, request.as);
  const { log } = access.backup;
  using resources = new OpenResources();
  const keys = services.keysOf(access, { signal });
  const archive = log
    ? await openLogArchive(resources.add(await services.openSource(log.source)), keys, signal)
    : await openLogOfBackup({ drill, access, engine, keys, resources }, services, signal);
  const planned = await planLogSearch(archive, since, signal, onProgress);
  onPlanned(planned, archive.description);
  await using sandboxes = new AsyncDisposableStack();
  const start = async () => sandboxes.use(await prepareSandbox(request, engine, planned.major, services));
  const found = await planned.run(start, {
    minRows: request.minRows,
    onFetched: (fetched) => onProgress(`fetching ${fetched} of ${planned.files} files`),
    onSearching: () => onProgress('searching'),
    signal,
  });
  const backups = found.events.length === 0 ? [] : await listThose(access, engine, services, signal);
  return { ...found, backups };
}

/** Only used for suggestions: the log can be searched even if the backups cannot be listed. */
async function listThose(
  { backup }: ReturnType<typeof readAs>,
  { layouts }: Engine,
  { openSource, clock }: DrillServices,
  signal: AbortSignal,
): Promise<readonly SeenBackup[] | undefined> {
  using resources = new OpenResources();
  try {
    const source = resources.add(await openSource(backup.source));
    return (await listBackups(source, { ...backup, layouts }, clock.now(), signal)).backups;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DrillError && error.code !== 'internal') return undefined;
    throw error;
  }
}

async function prepareSandbox(
  { drill, runtime: asked, onProgress, onSandbox, signal }: LogEventRequest,
  engine: Engine,
  major: string,
  services: DrillServices,
): Promise<Sandbox> {
  const runtime = await services.chooseRuntime(asked ?? drill.sandbox.runtime, signal, drill.sandbox);
  const image = imageOf(drill, engine.imageFor(major), services.images);
  const server = { engine: drill.engine.type, major, match: 'exact' } as const;
  onSandbox();
  onProgress('preparing the sandbox');
  await runtime.ensureImage({ image, server }, signal);
  return startSandbox(runtime, { drill, image, server, serverUser: engine.serverUser }, services, signal);
}

/** Opens the log that a repository stores next to its backups; it is found through the newest backup. */
async function openLogOfBackup(
  of: {
    readonly drill: Drill;
    readonly access: ReturnType<typeof readAs>;
    readonly engine: Engine;
    readonly keys: KeyRing;
    readonly resources: OpenResources;
  },
  { openSource, clock, prices }: DrillServices,
  signal: AbortSignal,
): Promise<DatedLogArchive> {
  const { drill, access, engine, keys, resources } = of;
  const source = resources.add(await openSource(access.backup.source));
  const onOpened = (content: BackupContent) => void resources.add(content);
  const { openBackup } = await locate(
    { drill, source, keys, engine, prices, seed: '', onOpened },
    { signal, clock, emit: () => undefined },
  );
  if (openBackup.ownLog) {
    const { files, ...log } = openBackup.ownLog;
    return { ...log, files: files.flatMap(({ modifiedAt, ...file }) => (modifiedAt ? [{ ...file, modifiedAt }] : [])) };
  }
  throw new DrillError('usage', `${drill.place.file} names no log archive to search`, {
    hint: 'Name the place that the server’s log is archived to in `backup.log`.',
  });
}

function imageOf({ engine }: Drill, usual: string, images: DrillServices['images']): string {
  const name = engine.image ?? usual;
  return Object.hasOwn(images, name) ? (images[name] ?? name) : name;
}

function startSandbox(
  runtime: SandboxRuntime,
  of: { drill: Drill; image: string; server: Parameters<SandboxRuntime['start']>[0]['server']; serverUser: string },
  { clock }: DrillServices,
  signal: AbortSignal,
) {
  const { drill, ...wanted } = of;
  const { memoryBytes, cpus, pids, storage } = drill.sandbox;
  const owned = {
    runId: makeRunId(clock.now(), randomBytes),
    drill: drill.name,
    owner: currentOwner(),
    leaseExpiresAt: new Date(clock.now().getTime() + LEASE_MS),
  };
  return runtime.start({ ...owned, ...wanted, memoryBytes, cpus, pids, storage }, signal);
}
