import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Drill } from '../../config/drill-file.ts';
import { formatJsonSchema } from '../../config/json-schema.ts';
import { readDrillText } from '../../config/load-drills.ts';
import { problemsError } from '../../config/problem.ts';
import type { Settings } from '../../config/settings.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { Store } from '../../record/store.ts';
import { proposeForCopy } from '../../run/discover/propose-for-copy.ts';
import { DEFAULT_PLACES } from '../../run/prove/prove-request.ts';
import { runDrill } from '../../run/run-drill.ts';
import { DATA_DAMAGES } from '../../support/vocabulary.ts';
import type { CheckDraft } from '../../verify/propose/drafts.ts';
import { sayThatSandboxesAreRemoved } from '../cancel-words.ts';
import type { RunPrinter } from '../printers/printer.ts';
import type { Toolbox } from '../toolbox.ts';
import { type DrillDraft, formatDrillDraft } from './drill-draft.ts';
import { readOrKeep } from './read-or-keep.ts';
import { writeNewFile } from './write-new-file.ts';

/** Maximum number of databases in one dump that its drill checks. */
const MAX_DATABASES = 20;

export interface RestoreAndWriteRequest {
  /** Absolute; must not exist. */
  readonly file: string;
  /** As it can be typed. */
  readonly shown: string;
  /** With initial checks, which are kept if none can be proposed. */
  readonly draft: DrillDraft;
  /** The databases that the backup names. */
  readonly databases: readonly string[];
  /** `discover --write (alice)` */
  readonly triggeredBy: string;
  readonly settings: Settings;
  readonly store: Store;
  readonly runtime: string | undefined;
  readonly printer: RunPrinter;
}

export interface RestoredAndWritten {
  readonly run: RunRecord;
  /** Number of checks in the file. */
  readonly checks: number;
  /** False: the drill itself failed before its checks were proposed. */
  readonly isWritten: boolean;
}

/**
 * Restores the newest backup of a drill that is being written, proposes its checks from the restored copy, writes its file, and judges the copy by it. If the
 * backup cannot be restored, the draft is written as is: detecting that is what the drill is for.
 * @throws DrillError `config-invalid` for a draft that is not a valid drill, `usage` for a file that exists; errors of recording the run.
 */
export async function restoreAndWrite(tools: Toolbox, request: RestoreAndWriteRequest): Promise<RestoredAndWritten> {
  const { draft, settings, store, printer, runtime, triggeredBy } = request;
  sayThatSandboxesAreRemoved(tools.io);
  const read = (text: string) => readDraft(tools, settings, request.file, text);
  const first = await read(formatDrillDraft(draft));
  let checks = 0;
  let isWritten = false;
  const run = await runDrill(
    {
      drill: first,
      triggeredBy,
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
      interrupt: tools.io.interrupt,
      completeDrill: async (copy) => {
        const others = request.databases.filter((other) => other !== copy.database).slice(0, MAX_DATABASES - 1);
        const proposed = await proposeForCopy(copy, others, tools.clock);
        const engine = others.length > 0 ? { ...draft.engine, database: copy.database } : draft.engine;
        const completed = { ...draft, engine, checks: withDrafted(proposed, draft.checks) };
        const { text, drill } = await readOrKeep(completed, draft, read);
        await writeDrillFile(request, text);
        isWritten = true;
        checks = drill.checks.length;
        return drill;
      },
    },
    tools.drillServices(settings, store),
  );
  if (!isWritten && run.verdict === 'failed') {
    await writeDrillFile(request, formatDrillDraft(draft));
    isWritten = true;
    checks = draft.checks.length;
  }
  return { run, checks, isWritten };
}

/** An empty copy yields no table checks; the draft's are kept then. */
function withDrafted(proposed: readonly CheckDraft[], drafted: readonly CheckDraft[]): readonly CheckDraft[] {
  return proposed.some((check) => 'tables' in check) ? proposed : [...drafted, ...proposed];
}

/** Parses the text of a drill file that may not exist yet. @throws DrillError `config-invalid` with every problem */
export async function readDraft(tools: Toolbox, settings: Settings, file: string, text: string): Promise<Drill> {
  const { drill, problems } = await readDrillText(file, text, tools.loadOptions(settings));
  if (drill && problems.length === 0) return drill;
  throw problemsError(problems);
}

/** Writes a new drill file, and next to it the JSON Schema that editors use for completion. @throws DrillError `usage` */
export async function writeDrillFile(
  { file, shown }: Pick<RestoreAndWriteRequest, 'file' | 'shown'>,
  text: string,
): Promise<void> {
  await writeNewFile(file, shown, text);
  await writeFile(join(dirname(file), 'drill.schema.json'), formatJsonSchema('drill'));
}
