import type { BackupContent, TransferMeter } from '../backup/content.ts';
import { openLogArchive } from '../backup/reading/open-log-archive.ts';
import type { BackupSource } from '../backup/source.ts';
import type { Drill } from '../config/drill-file.ts';
import { requirePast, targetOf } from '../config/recovery-target.ts';
import type { Engine } from '../engines/engine-descriptor.ts';
import type { LogArchive, OpenBackup } from '../engines/format.ts';
import { asDrillError } from '../support/errors.ts';
import type { ClaimedRun } from './claimed-run.ts';
import type { DrillServices, StageContext } from './contract.ts';
import { type Located, locate } from './locate.ts';
import { paceReads } from './pace-reads.ts';
import { explainAccess, readAs } from './read-as.ts';
import { watchSize } from './watch-size.ts';

export interface Reached extends Located {
  readonly source: BackupSource;
  /** The log archived since the backup; undefined: the drill does not name one. */
  readonly log: LogArchive | undefined;
}

/**
 * The whole `locate` stage: opens the source as the run's identity, finds the backup in it, compares its size with earlier ones, and lists the log, whose
 * beginning the engine may inspect. What it opens is closed with the run. Throws the DrillErrors of these steps, and says so when it is the recovery identity
 * that cannot read.
 */
export async function openAndLocate(
  run: ClaimedRun,
  { drill, engine, services }: { readonly drill: Drill; readonly engine: Engine; readonly services: DrillServices },
  ctx: StageContext,
): Promise<Reached> {
  const identity = run.claimed.identity?.name ?? 'drill';
  try {
    return await reach();
  } catch (thrown) {
    throw explainAccess(asDrillError(thrown), identity, drill);
  }

  function noteReads(source: BackupSource): TransferMeter {
    const meter = { bytesRead: 0 };
    run.handles.reads.push({ source: source.description, meter, requestCount: () => source.requestCount?.() });
    return meter;
  }

  /** How far behind the archive is gets recorded even if the run fails. */
  function noteLog({ describeLog, bringsLog = false, ownLog }: OpenBackup, log: LogArchive | undefined): void {
    const listed = log ?? ownLog;
    const target = targetOf(drill.recover, log !== undefined || bringsLog, run.claimed);
    if (listed && describeLog) ctx.emit({ type: 'replaying', soFar: describeLog(target, listed) });
  }

  async function reach(): Promise<Reached> {
    const { resources, handles } = run;
    requirePast(drill.recover, run.claimed.startedAt);
    const access = readAs(drill, identity);
    const paced = await paceReads(run, services);
    const source = resources.add(paced(await services.openSource(access.backup.source)));
    ctx.emit({ type: 'source-opened', source: source.description });
    const beside = noteReads(source);
    const onOpened = (content: BackupContent) => {
      handles.meter = resources.add(content).meter;
    };
    const principal = await source.principal?.(ctx.signal);
    if (principal !== undefined) ctx.emit({ type: 'principal-known', principal });
    // Members of a directory may be opened in any later stage.
    const onUse = (fingerprint: string) => run.facts.emit({ type: 'key-used', fingerprint });
    const keys = services.keysOf(access, { signal: ctx.signal, onUse });
    const located = await locate(
      { drill, source, keys, engine, prices: services.prices, seed: run.claimed.id, onOpened, beside },
      ctx,
    );
    await watchSize({ drill, backup: located.backup, store: services.store }, ctx);
    const logSource = access.backup.log && resources.add(paced(await services.openSource(access.backup.log.source)));
    const log = logSource && (await openLogArchive(logSource, keys, ctx.signal, noteReads(logSource)));
    noteLog(located.openBackup, log);
    if (log) {
      const target = targetOf(drill.recover, true, run.claimed);
      const unread =
        (await engine.sql?.checkLog?.(log, target, ctx.signal)) ??
        (await located.openBackup.checkLog?.(log, target, ctx.signal));
      if (unread !== undefined) ctx.emit({ type: 'log', level: 'info', message: unread });
    }
    return { source, ...located, log };
  }
}
