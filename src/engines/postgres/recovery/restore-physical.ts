import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import type { LoadPhase, LoadProgress } from '../../engine.ts';
import type { ProvisionOptions, Restoration, Restored, RunOptions } from '../../format.ts';
import { openLog } from '../log/open-log.ts';
import { findTools, type Tool } from '../server/installed-tools.ts';
import { requireLibraries } from '../server/preload.ts';
import { readSystemIdentifier } from './control-file.ts';
import { examineRecovered } from './examine-recovered.ts';
import { describeLog, notReached } from './not-reached.ts';
import { noteLog } from './note-log.ts';
import type { PhysicalBackup } from './physical-backup.ts';
import { planRecovery } from './plan-recovery.ts';
import type { RecoverySite } from './recovery-site.ts';
import { replay } from './replay.ts';
import { requireKnownTarget } from './require-later-target.ts';
import { requireRescued } from './require-rescued.ts';
import { rollBackPrepared } from './roll-back-prepared.ts';
import { startRecovered } from './start-recovered.ts';
import type { UnpackListener } from './unpack-listener.ts';

/** Checks the sandbox's server; the data directory is written, recovered and started when the restoration runs. */
export async function provisionPhysical(
  backup: PhysicalBackup,
  sandbox: Sandbox,
  { boot, signal }: ProvisionOptions,
): Promise<Restoration> {
  const tools = await findTools(sandbox, signal);
  requireSameMajor(backup.major, tools.server, sandbox);
  requireLibraries(boot.preload, tools, sandbox.provenance.name);
  // an open prepared transaction needs its slot whenever the server starts, and one in the log needs it during replay
  const settings = { max_prepared_transactions: '1000', ...boot.settings };
  return { run: (options) => restore(backup, { sandbox, tool: tools.server, boot: { ...boot, settings } }, options) };
}

async function restore(backup: PhysicalBackup, site: RecoverySite, options: RunOptions): Promise<Restored> {
  const { sandbox } = site;
  const { signal, phases } = options;
  const { recovery, notes } = planRecovery(backup, options);
  const { onReplaying } = options;
  const report = (phase: LoadPhase, doing: string, step?: LoadProgress['step']) =>
    options.onProgress({ bytesRead: backup.meter.bytesRead, doing, ratio: undefined, phase, ...(step && { step }) });
  report('unpack', 'unpacking');
  await requireKnownTarget(backup, site, { target: recovery.target, hasLog: recovery.log !== undefined }, signal);
  const notLeftBefore = recovery.target.kind === 'backup-end' ? backup.label.startLsn : undefined;
  const start = { ...backup.label, notLeftBefore };
  if (recovery.log) onReplaying?.(describeLog(recovery.target, recovery.log));
  const log =
    recovery.log &&
    (await openLog(recovery.log, start, { sandbox, onFetched: (bytes) => phases.count('fetch', bytes), signal }));
  try {
    if (log) onReplaying?.(notReached(recovery.target, log.plan.newest));
    const besides = log && recovery.log ? await noteLog(recovery.log, log, recovery.target, signal) : [];
    if (log) phases.beside('fetch', log.feed.done).catch(() => undefined);
    const onDoing: UnpackListener = (doing, { phase = 'unpack', step } = {}) => report(phase, doing, step);
    const { warnings, isVerified } = await backup.unpack(site, onDoing, signal, options);
    const [system] = await Promise.all([log && readSystemIdentifier(sandbox, signal), log?.feed.widen(signal)]);
    if (system !== undefined) await log?.feed.requireLogOf(system);
    report('replay', 'replaying the log', 'unknown');
    const { database: wanted } = options;
    const replayOptions = {
      log,
      recovery,
      database: wanted,
      report: (doing: string, step: LoadProgress['step'] = 'unknown') => report('replay', doing, step),
      onReplaying,
      signal,
    };
    const { replayed: reading, rescued, found } = await replay(backup, site, replayOptions);
    report('seal', 'sealing');
    const server = await startRecovered(site, rescued, reading, signal);
    const replayed = await reading;
    options.onBooted(server);
    const rolledBack = rescued ? await rollBackPrepared(server, rescued.xid, signal) : [];
    const rescuedIn = rescued && (await requireRescued(server, rescued, signal));
    const database = options.database ?? rescuedIn;
    const asked = { ...options, database };
    const examined = await examineRecovered(server, {
      key: backup.key,
      recoveredTo: log && replayed.summary,
      warnings: [...notes, ...besides, ...found, ...rolledBack, ...warnings],
      flaws: backup.flaws ?? [],
      isVerified,
      uncertainTablespaces: backup.uncertainTablespaces ?? [],
      options: asked,
    });
    const outcome = { ...examined, replayed };
    server.loaded.add(outcome.database);
    options.onLoaded(outcome);
    return { server, outcome };
  } finally {
    await log?.feed.stop();
  }
}

function requireSameMajor(major: string, { major: found, version }: Tool, { provenance }: Sandbox): void {
  if (major === found) return;
  throw new DrillError(
    'version-unsupported',
    `a base backup of Postgres ${major} needs a server of that major version, and ${provenance.name} has ${version}`,
    { hint: `Name an image of Postgres ${major} in \`engine.image\`, or install that version.` },
  );
}
