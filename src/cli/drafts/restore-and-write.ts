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

/** More databases of one dump than these are not checked by its drill. */
const MAX_DATABASES = 20;

export interface RestoreAndWriteRequest {
  /** Absolute; must not exist. */
  readonly file: string;
  /** As it can be typed. */
  readonly shown: string;
  /** With checks of its own, which are kept where none can be proposed. */
  readonly draft: DrillDraft;
  /** The databases in the backup, as far as it names them. */
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
  /** How many checks the file has. */
  readonly checks: number;
  /** False: the drill itself broke before its checks were proposed. */
  readonly isWritten: boolean;
}

/**
 * Restores the newest backup of a drill that is being written, proposes its checks from the restored copy, writes its file, and judges the copy by it. A
 * backup that cannot be restored gets the draft as it is: that is what the drill is for.
 * @throws DrillError `config-invalid` for a draft that is no drill, `usage` for a file that exists; what cannot be recorded.
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

/** An empty copy gives no check of its tables: the draft's stay then. */
function withDrafted(proposed: readonly CheckDraft[], drafted: readonly CheckDraft[]): readonly CheckDraft[] {
  return proposed.some((check) => 'tables' in check) ? proposed : [...drafted, ...proposed];
}

/** Reads the text of a drill file that may not be there yet. @throws DrillError `config-invalid` with every problem */
export async function readDraft(tools: Toolbox, settings: Settings, file: string, text: string): Promise<Drill> {
  const { drill, problems } = await readDrillText(file, text, tools.loadOptions(settings));
  if (drill && problems.length === 0) return drill;
  throw problemsError(problems);
}

/** Writes a new drill file, and beside it the JSON Schema that editors complete from. @throws DrillError `usage` */
export async function writeDrillFile(
  { file, shown }: Pick<RestoreAndWriteRequest, 'file' | 'shown'>,
  text: string,
): Promise<void> {
  await writeNewFile(file, shown, text);
  await writeFile(join(dirname(file), 'drill.schema.json'), formatJsonSchema('drill'));
}
