import { access, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { SOURCE_KEYS } from '../backup/registry.ts';
import { dateByName } from '../backup/selection/date-candidate.ts';
import type { Drill } from '../config/drill-file.ts';
import { formatJsonSchema } from '../config/json-schema.ts';
import { readDrillText } from '../config/load-drills.ts';
import { problemsError } from '../config/problem.ts';
import type { Settings } from '../config/settings.ts';
import { showPath } from '../config/show-path.ts';
import { ENGINE_DESCRIPTORS, type EngineType } from '../engines/registry.ts';
import { partsInRepository } from '../engines/repository-root.ts';
import type { SeriesFinding } from '../record/discovery-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import type { Store } from '../record/store.ts';
import type { DiscoveredSeries } from '../run/discover/discover.ts';
import { proposeForCopy } from '../run/discover/propose-for-copy.ts';
import { DEFAULT_PLACES } from '../run/prove/prove-request.ts';
import { runDrill } from '../run/run-drill.ts';
import { asDrillError } from '../support/errors.ts';
import { DATA_DAMAGES } from '../support/vocabulary.ts';
import type { CheckDraft } from '../verify/propose/drafts.ts';
import { nameOfSeries } from './discovery-text.ts';
import { type DrillDraft, formatDrillDraft } from './drill-draft.ts';
import type { RunPrinter } from './printers/printer.ts';
import { readOrKeep } from './read-or-keep.ts';
import { narrowSource } from './series-source.ts';
import type { Toolbox } from './toolbox.ts';
import { userName } from './user-name.ts';
import { writeNewFile } from './write-new-file.ts';

/** What became of one uncovered series. */
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
  /** Those that there are. */
  readonly drills: readonly Drill[];
  readonly runtime: string | undefined;
  readonly printer: RunPrinter;
  /** Called as each is done. */
  readonly onWritten: (drill: WrittenDrill) => void;
}

const HOUR_MS = 3_600_000;
/** Until somebody decides. */
const RTO = '1h';
/** More databases of one dump than these are not checked by its drill. */
const MAX_DATABASES = 20;

/**
 * Makes drills of series that none covers: restores the newest backup of each once, proposes checks from the restored copy, writes the file and runs the
 * checks. Files that exist are left alone. @throws what cannot be helped: a store that fails, the signal's reason.
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
  const name = await freeName(nameOfSeries(finding.match), directory, names);
  const file = join(directory, `${name}.yaml`);
  const shown = showPath(file, io.cwd);
  const starter: CheckDraft = {
    name: 'tables are there',
    sql: ENGINE_DESCRIPTORS[type].starter.tableCount,
    expect: { min: 1 },
  };
  const draft: DrillDraft = {
    name,
    backup: await backupOf(found, directory, tools),
    engine: { type },
    objectives: { rto: RTO, ...rpoOf(finding) },
    checks: [starter],
    notes: [`Written by firedrill discover --write from ${finding.newest}.`],
  };
  const read = async (text: string): Promise<Drill> => {
    const { drill, problems } = await readDrillText(file, text, tools.loadOptions(settings));
    if (drill && problems.length === 0) return drill;
    throw problemsError(problems);
  };
  const first = await read(formatDrillDraft(draft));
  let checks = 0;
  let isWritten = false;
  const write = async (text: string): Promise<void> => {
    await writeNewFile(file, shown, text);
    await writeFile(join(directory, 'drill.schema.json'), formatJsonSchema('drill'));
    isWritten = true;
  };
  const run = await runDrill(
    {
      drill: first,
      triggeredBy: `discover --write (${userName()})`,
      trigger: { kind: 'hand', dueAt: undefined, attempt: 1 },
      due: undefined,
      runtime,
      keep: { ms: undefined, limitMs: 0 },
      prove: {
        kinds: new Set(DATA_DAMAGES),
        seed: undefined,
        places: DEFAULT_PLACES,
        limitMs: undefined,
        isPartial: false,
      },
      emit: (event) => printer.handle(event),
      interrupt: io.interrupt,
      completeDrill: async (copy) => {
        const others = finding.databases.filter((other) => other !== copy.database).slice(0, MAX_DATABASES - 1);
        const proposed = await proposeForCopy(copy, others, tools.clock);
        const engine = others.length > 0 ? { type, database: copy.database } : { type };
        const completed = { ...draft, engine, checks: proposed.length > 0 ? proposed : [starter] };
        const { text, drill } = await readOrKeep(completed, draft, read);
        await write(text);
        checks = drill.checks.length;
        return drill;
      },
    },
    tools.drillServices(settings, store),
  );
  // a backup that cannot be restored is what the drill is for
  if (!isWritten && run.verdict === 'failed') {
    await write(formatDrillDraft(draft));
    checks = 1;
  }
  names.add(name);
  const why = isWritten ? undefined : (run.error?.message ?? 'the run ended before its checks were proposed');
  return { series: finding, file: isWritten ? shown : undefined, checks, run, problem: why };
}

/** Looked for before the restore, so that no file that exists costs one. */
async function freeName(wanted: string, directory: string, names: ReadonlySet<string>): Promise<string> {
  for (let count = 1; ; count += 1) {
    const name = count === 1 ? wanted : `${wanted}-${count}`;
    const isFree = await access(join(directory, `${name}.yaml`)).then(
      () => false,
      () => true,
    );
    if (isFree && !names.has(name)) return name;
  }
}

/** The keys that reach the store are those of the drill beside whose source it was found, as they are written there. */
async function backupOf(
  { finding, place, url }: DiscoveredSeries,
  directory: string,
  { clock, io }: Toolbox,
): Promise<Record<string, unknown>> {
  const { newest, newestAt } = finding;
  const { url: whole, match } = narrowSource(place.given ?? url, finding.match, partsInRepository(newest));
  const source = { ...(await keysOf(place.origin)), url: sourceUrl(whole, directory, io.cwd) };
  const isDated = dateByName({ name: newest, modifiedAt: newestAt }, 'UTC', clock.now())?.from === 'name';
  return {
    source: Object.keys(source).length === 1 ? source.url : source,
    match,
    ...(isDated ? { takenAt: 'name' } : {}),
  };
}

async function keysOf(origin: string | undefined): Promise<Record<string, unknown>> {
  if (origin === undefined) return {};
  const { backup } = parse(await readFile(origin, 'utf8')) as { backup: Record<string, unknown> };
  const { source } = backup;
  const all = { ...backup, ...(typeof source === 'object' ? source : {}) } as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(SOURCE_KEYS).flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])),
  );
}

/** A directory that is given relative to the shell, or found, is written relative to the drill file where it is near. */
function sourceUrl(url: string, directory: string, cwd: string): string {
  if (!/^(?:\/|\.\.?(?:\/|$))/.test(url)) return url;
  const path = relative(directory, resolve(cwd, url));
  const isNear = !relative(cwd, resolve(cwd, url)).startsWith('..');
  if (!isNear) return resolve(cwd, url);
  return path.startsWith('..') ? path : `./${path}`;
}

/** With room for a backup that takes longer than usual. */
function rpoOf({ intervalMs }: SeriesFinding): { readonly rpo?: string } {
  if (intervalMs === undefined || intervalMs <= 0) return {};
  return { rpo: `${Math.ceil(intervalMs / HOUR_MS) + 2}h` };
}
