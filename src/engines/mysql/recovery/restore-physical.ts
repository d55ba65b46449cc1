import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { seriesOf } from '../../../support/versions.ts';
import type { ProvisionOptions, Restoration, Restored, RunOptions } from '../../format.ts';
import type { Flavor } from '../flavor.ts';
import { findTools } from '../server/installed-tools.ts';
import { sealRecovered } from '../server/seal.ts';
import { perhapsWrongKey, requireRightKey } from './encrypted-files.ts';
import { examineRecovered } from './examine-recovered.ts';
import type { LogStart } from './log-start.ts';
import { startInOwnCase } from './own-letter-case.ts';
import type { PhysicalBackup } from './physical-backup.ts';
import type { RecoverySite } from './recovery-site.ts';
import { replayRecovered, replaysMore } from './replay-recovered.ts';
import { startAfterCrash } from './start-after-crash.ts';
import { explainPrepared, startByGtids } from './start-by-gtids.ts';
import { startRecovered } from './start-recovered.ts';

/** Checks the sandbox's server; the data directory is written, and a server started on it, when the restoration is run. */
export async function provisionPhysical(
  flavor: Flavor,
  backup: PhysicalBackup,
  sandbox: Sandbox,
  { boot, signal }: ProvisionOptions,
): Promise<Restoration> {
  const tools = await findTools(sandbox, flavor, signal);
  const site = { sandbox, flavor, tools, boot };
  if (backup.serverVersion !== undefined) requireSeries(backup.what, backup.serverVersion, site);
  await backup.checkTools?.(site, signal);
  return { run: (options) => restore(backup, site, options) };
}

async function restore(backup: PhysicalBackup, site: RecoverySite, options: RunOptions): Promise<Restored> {
  const { key, meter } = backup;
  const { signal } = options;
  const report = (phase: 'unpack' | 'replay' | 'seal', doing: string, ratio?: number) =>
    options.onProgress({ bytesRead: meter.bytesRead, doing, ratio, phase });
  report('unpack', 'unpacking');
  const {
    settings,
    warnings,
    flaws = [],
    isPartial,
    logStart,
    ownLog,
    usedLogs,
    keys,
  } = await backup.unpack(site, (doing, ratio, phase = 'unpack') => report(phase, doing, ratio), signal);
  report('replay', 'starting the server');
  const hasNoPosition = site.flavor.type === 'mysql' && logStart === undefined && replaysMore(options);
  const { server, log } = await startRecovered(site, {
    key,
    settings: hasNoPosition ? withoutLog(settings) : settings,
    explain: hasNoPosition ? explainPrepared : undefined,
    onDoing: (doing) => report('replay', doing),
    signal,
  }).catch((error: unknown) => {
    throw perhapsWrongKey(key, keys, error);
  });
  options.onBooted(server);
  const ofFiles = (await backup.findFlaws?.(server, signal)) ?? [];
  const otherCase = await startInOwnCase(server, signal);
  const start = await findStart();
  const replay = await replayRecovered(server, { key, start, ownLog }, options);
  const ofLog = usedLogs && !hasNoPosition ? describeUsed(usedLogs) : [];
  const found = [...warnings, ...ofLog, ...(otherCase === undefined ? [] : [otherCase]), ...(replay?.warnings ?? [])];
  const examined = await examineRecovered(server, {
    key,
    recoveredTo: replay?.replayed.isWholeLog || replay?.replayed.end ? replay.replayed.summary : undefined,
    warnings: found,
    flaws: [...flaws, ...ofFiles, ...log.flaws],
    isPartial,
    options,
  }).catch((error: unknown) => {
    throw perhapsWrongKey(key, keys, error);
  });
  requireRightKey(key, keys, examined.errors);
  const outcome = replay ? { ...examined, replayed: replay.replayed } : examined;
  options.onLoaded(outcome);
  report('seal', 'sealing');
  await sealRecovered(server, signal);
  return { server, outcome };

  async function findStart(): Promise<LogStart | undefined> {
    if (hasNoPosition) return startByGtids(server, { key, version: backup.serverVersion }, signal);
    if (!usedLogs || !replaysMore(options)) return logStart ?? log.logStart;
    return startAfterCrash(server, site.sandbox, { key, log, names: usedLogs }, signal);
  }
}

function describeUsed(names: readonly string[]): readonly string[] {
  return [
    `the server was running when it was copied: recovery used its newest binary log, ${names.at(-1)}, for transactions that were being committed`,
  ];
}

/** The binary logs in the copy are left alone: they may contain more than the storage engine does. */
function withoutLog({
  log_bin: _log,
  log_bin_index: _index,
  server_id: _server,
  ...layout
}: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return layout;
}

/**
 * A server's files require a server of the same series: a later one upgrades them, which is a different procedure from recovery.
 * @param what the backup, with its article: `a backup by mariadb-backup`.
 * @throws DrillError `version-unsupported`.
 */
export function requireSeries(what: string, version: string, { flavor, tools, sandbox }: RecoverySite): void {
  const series = seriesOf(version, 2);
  if (series === tools.major) return;
  const { title } = flavor;
  throw new DrillError(
    'version-unsupported',
    `${what} of ${title} ${version} needs a server of ${series}, and ${sandbox.provenance.name} has ${tools.version}`,
    {
      hint: `Set \`engine.version: "${series}"\` (or \`from-backup\`), or name an image of ${title} ${series} in \`engine.image\`.`,
    },
  );
}
