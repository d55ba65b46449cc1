import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { SOURCE_KEYS } from '../../backup/registry.ts';
import type { Drill } from '../../config/drill-file.ts';
import type { Settings } from '../../config/settings.ts';
import { showPath } from '../../config/show-path.ts';
import type { EngineType } from '../../engines/registry.ts';
import type { SeriesFinding } from '../../record/discovery-store.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { Store } from '../../record/store.ts';
import type { DiscoveredSeries } from '../../run/discover/discover.ts';
import { asDrillError } from '../../support/errors.ts';
import { nameOfSeries } from '../discovery-text.ts';
import type { RunPrinter } from '../printers/printer.ts';
import type { Toolbox } from '../toolbox.ts';
import { userName } from '../user-name.ts';
import type { DrillDraft } from './drill-draft.ts';
import { freeName, takenNames } from './free-name.ts';
import { restoreAndWrite } from './restore-and-write.ts';
import { backupOfSeries, rpoOfSeries } from './series-draft.ts';
import { starterCheck } from './starter-checks.ts';

/** The result for one uncovered series. */
export interface WrittenDrill {
  readonly series: SeriesFinding;
  /** As it can be typed; undefined: not written. */
  readonly file: string | undefined;
  readonly checks: number;
  readonly run: RunRecord | undefined;
  /** Why it was not written. */
  readonly problem: string | undefined;
}

export interface WriteOptions {
  readonly settings: Settings;
  readonly store: Store;
  /** The existing drills. */
  readonly drills: readonly Drill[];
  readonly runtime: string | undefined;
  readonly printer: RunPrinter;
  /** Called after each series. */
  readonly onWritten: (drill: WrittenDrill) => void;
}

/** Default until the user decides. */
const RTO = '1h';

/**
 * Creates drills for uncovered series: restores the newest backup of each once, proposes checks from the restored copy, writes the file and runs the checks.
 * Existing files are left alone.
 * @throws only unrecoverable errors: a failing store, the signal's reason.
 */
export async function writeDrills(
  tools: Toolbox,
  found: readonly DiscoveredSeries[],
  options: WriteOptions,
): Promise<readonly WrittenDrill[]> {
  const names = new Set(options.drills.map(({ name }) => name));
  const written: WrittenDrill[] = [];
  for (const one of found) {
    if (one.finding.state !== 'not-covered') continue;
    const drill = await tryToWrite(tools, one, { ...options, names });
    await options.printer.settle();
    options.onWritten(drill);
    written.push(drill);
  }
  return written;
}

async function tryToWrite(
  tools: Toolbox,
  found: DiscoveredSeries,
  options: WriteOptions & { readonly names: Set<string> },
): Promise<WrittenDrill> {
  const { interrupt } = tools.io;
  interrupt.throwIfAborted();
  const nothing = { series: found.finding, file: undefined, checks: 0, run: undefined };
  const problem = whyNot(found);
  if (problem !== undefined) return { ...nothing, problem };
  try {
    return await writeOne(tools, found, options);
  } catch (thrown) {
    interrupt.throwIfAborted();
    const error = asDrillError(thrown);
    if (error.code === 'store-failed' || error.code === 'disk-full') throw error;
    return { ...nothing, problem: error.message };
  }
}

function whyNot({ finding, kind }: DiscoveredSeries): string | undefined {
  if (kind === 'encrypted') return 'it is encrypted: write its drill with `backup.keys`';
  if (finding.engine === undefined || kind !== 'backup') return `its newest backup is not readable: ${finding.content}`;
  return undefined;
}

async function writeOne(
  tools: Toolbox,
  found: DiscoveredSeries,
  { settings, store, names, runtime, printer }: WriteOptions & { readonly names: Set<string> },
): Promise<WrittenDrill> {
  const { io } = tools;
  const { finding } = found;
  const type = finding.engine as EngineType;
  const directory =
    found.place.origin === undefined ? resolve(io.cwd, settings.drillsDir) : dirname(found.place.origin);
  const taken = await takenNames(tools, settings, directory); // looked for before the restore, so that no file that exists costs one
  const name = freeName(nameOfSeries(finding.match), (one) => taken.has(one) || names.has(one));
  const file = join(directory, `${name}.yaml`);
  const shown = showPath(file, io.cwd);
  const rpo = rpoOfSeries(finding);
  const draft: DrillDraft = {
    name,
    backup: backupOfSeries(finding, {
      url: found.place.given ?? found.url,
      keys: await keysOf(found.place.origin),
      now: tools.clock.now(),
      directory,
      cwd: io.cwd,
    }),
    engine: { type },
    objectives: { rto: RTO, ...(rpo === undefined ? {} : { rpo }) },
    checks: [starterCheck(type)],
    notes: [`Written by firedrill discover --write from ${finding.newest}.`],
  };
  const triggeredBy = `discover --write (${userName()})`;
  const { databases } = finding;
  const { run, checks, isWritten } = await restoreAndWrite(tools, {
    ...{ file, shown, draft, databases, triggeredBy, settings, store, runtime, printer },
  });
  names.add(name);
  const why = isWritten ? undefined : (run.error?.message ?? 'the run ended before its checks were proposed');
  return { series: finding, file: isWritten ? shown : undefined, checks, run, problem: why };
}

/** The keys for accessing the store come from the drill next to whose source the series was found, as written there. */
async function keysOf(origin: string | undefined): Promise<Record<string, unknown>> {
  if (origin === undefined) return {};
  const { backup } = parse(await readFile(origin, 'utf8')) as { backup: Record<string, unknown> };
  const { source } = backup;
  const all = { ...backup, ...(typeof source === 'object' ? source : {}) } as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(SOURCE_KEYS).flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])),
  );
}
