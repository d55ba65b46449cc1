import type { Drill, RecoverSpec } from '../../config/drill-file.ts';
import { explainPosition, parseRecoverTo } from '../../config/recovery-target.ts';
import { ENGINE_DESCRIPTORS } from '../../engines/registry.ts';
import { exitCodeOfRun, worstExitCode } from '../../judge/outcome.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { DrillRequest, RunEvent } from '../../run/contract.ts';
import { runWithHeartbeat } from '../../run/run-with-heartbeat.ts';
import type { RaceResult } from '../../status/race-result.ts';
import { asDrillError, DrillError, EXIT, exitCodeOf, formatError } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import { byHand, type IdentityName } from '../../support/vocabulary.ts';
import { sayThatSandboxesAreRemoved } from '../cancel-words.ts';
import { checkCiOutput, writeCiOutput } from '../ci-output.ts';
import { cleanUp } from '../clean-up.ts';
import { withBackup } from '../drill-changes.ts';
import { checkMonthBudget } from '../month-budget.ts';
import { notifyChannels } from '../notify-channels.ts';
import { choosePrinter } from '../printers/choose-printer.ts';
import { toJunit, type Unrecorded } from '../printers/junit.ts';
import { QueuedRuns } from '../queued-runs.ts';
import { formatRaces, readRacesOf, withRaced } from '../race.ts';
import { selectDrills } from '../select-drills.ts';
import { requireSharedStore } from '../service-process.ts';
import { painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { userName } from '../user-name.ts';
import { runWithinLimits } from '../within-limits.ts';

export interface RunOptions {
  readonly config: string | undefined;
  readonly all: boolean;
  /** Only drills with all of these; undefined: with any or none. */
  readonly label?: Readonly<Record<string, string>> | undefined;
  readonly backup: string | undefined;
  /** The recovery target, instead of the drill's own; like `recover.to` in a drill file. */
  readonly to: string | undefined;
  readonly keepMs: number | undefined;
  /** Whose keys and credentials to use; undefined: as configured in each drill. */
  readonly as: IdentityName | undefined;
  readonly runtime: string | undefined;
  /** What is shown during the run; `junit`: only XML at the end. */
  readonly format: 'text' | 'json' | 'junit';
  /** Shows only the verdict of each run, and errors. */
  readonly quiet?: boolean;
  readonly junit: string | undefined;
  readonly summary: string | undefined;
  /** Leaves the runs to the runners of their pools, and follows them. Default: runs them here. */
  readonly queue?: boolean;
  /** Starts at once even if a limit across all machines is reached. Default: no. */
  readonly ignoreLimits?: boolean;
  /** Whether to also run the drills that the named ones race with. Default: yes, if each is run as configured in its file. */
  readonly race?: boolean;
  /** Whether to start runs that would exceed the month's budget. Default: no. */
  readonly overBudget?: boolean;
  /** The damage to try the drills on. */
  readonly prove?: DrillRequest['prove'];
  /** Called with the recorded runs, once all have ended. */
  readonly onRecorded?: (runs: readonly RunRecord[]) => void;
}

/**
 * `firedrill run`: runs the drills one after another, after cleaning up after dead runs; or has runners run them.
 * @returns the worst exit code.
 * @throws DrillError `usage`; `config-invalid` for `--queue` on a store without a queue.
 */
export async function runCommand(tools: Toolbox, patterns: readonly string[], options: RunOptions): Promise<number> {
  if (options.queue) tools.io.service.takeOver(QUEUE_WORDS);
  else sayThatSandboxesAreRemoved(tools.io);
  await checkCiOutput(tools, options);
  const settings = await tools.loadSettings(options.config);
  if (options.queue) requireSharedStore(settings, '--queue', 'Without it, the drill runs on this machine.');
  const { drills: selected, refused } = await selectDrills(tools, settings, patterns, options);
  const drills = isRace(options) ? await withRaced(tools, settings, selected) : selected;
  const target = options.to === undefined ? undefined : parseTarget(options.to);
  await using store = await tools.openStore(settings);
  const services = tools.drillServices(settings, store);
  const limits = options.ignoreLimits ? { ...services.limits, runs: [] } : services.limits;
  const queued = options.queue ? new QueuedRuns(tools, store, drills, options.overBudget ?? false) : undefined;
  if (queued) await queued.queueAll();
  else await cleanUp(tools, settings, store);

  const heartbeat = await tools.createHeartbeat();
  const printer = choosePrinter(tools.io, options.format, {
    quiet: options.quiet ?? false,
    publicUrl: settings.publicUrl,
  });
  const runs: RunRecord[] = [];
  const unrecorded: (Unrecorded & { readonly exitCode: number })[] = [];
  for (const drill of drills) {
    if (tools.io.interrupt.aborted && !queued) break; // what is queued is taken out of the queue
    const request = {
      drill: withTarget(withBackup(drill, options.backup), target),
      triggeredBy: byHand(userName()),
      trigger: { kind: 'hand', dueAt: undefined, attempt: 1 } as const,
      due: undefined,
      runtime: options.runtime,
      as: options.as,
      keep: { ms: options.keepMs, limitMs: options.keepMs ?? 0 },
      prove: options.prove,
      emit: (event: RunEvent) => printer.handle(event),
      interrupt: tools.io.interrupt,
    };
    try {
      if (!queued) await checkMonthBudget(tools, settings, store, { drill, isAllowed: options.overBudget ?? false });
      const start = (one: DrillRequest) => runWithHeartbeat(one, services, heartbeat);
      const run = await (queued
        ? queued.follow(drill, request.emit)
        : runWithinLimits(request, start, tools, { store, limits }));
      if (run) runs.push(run);
    } catch (thrown) {
      // It exceeds the month's budget, could not be recorded, or a kept sandbox could not be removed: report that and continue with the other drills.
      const error = asDrillError(thrown);
      tools.io.stderr.write(`${drill.name}: ${printable(services.redact(formatError(error)))}\n`);
      unrecorded.push({ drill: drill.name, code: error.code, message: error.message, exitCode: exitCodeOf(error) });
    }
    await printer.settle();
  }
  const notRun = drills.length - runs.length - unrecorded.length;
  if (notRun > 0) tools.io.stderr.write(`canceled; ${notRun} of ${drills.length} drills were not run\n`);
  if (options.format === 'junit') tools.io.stdout.write(toJunit(runs, unrecorded));
  if (drills.length > 1 && options.format === 'text' && !options.quiet)
    tools.io.stdout.write(
      summarise(
        runs,
        unrecorded.map(({ drill }) => drill),
      ),
    );
  if (isRace(options) && notRun === 0 && options.format !== 'junit' && !options.quiet)
    printRaces(tools, await readRacesOf(store, drills), options.format);
  options.onRecorded?.(runs);
  const written = await writeCiOutput(tools, options, runs, unrecorded);
  if (!queued) await notifyChannels(tools, settings, store, drills); // a scheduler does it for runners
  return worstExitCode([
    ...runs.map(exitCodeOfRun),
    ...unrecorded.map(({ exitCode }) => exitCode),
    written,
    ...(refused ? [EXIT.usage] : []),
    ...(notRun ? [EXIT.interrupted] : []),
  ]);
}

const QUEUE_WORDS = {
  first: '\nCanceling; press Ctrl-C again to leave it to the runner',
  second: 'already canceling; left to the runner',
};

/** Runs that deviate from the drill file are not compared. */
function isRace({ race = true, queue = false, backup, to, as, keepMs, prove }: RunOptions): boolean {
  return race && !queue && !prove && [backup, to, as, keepMs].every((changed) => changed === undefined);
}

function printRaces({ io }: Toolbox, races: readonly RaceResult[], format: 'text' | 'json'): void {
  const lines =
    format === 'json'
      ? races.map((race) => toJson({ type: 'race', ...race }))
      : formatRaces(races, painter(io, io.stdout));
  for (const line of lines) io.stdout.write(`${line}\n`);
}

function withTarget(drill: Drill, to: RecoverSpec['to'] | undefined): Drill {
  if (to === undefined) return drill;
  const problem = explainPosition(to, ENGINE_DESCRIPTORS[drill.engine.type]);
  if (problem !== undefined) throw new DrillError('usage', `--to: ${problem} (${drill.place.file})`);
  return { ...drill, recover: { to } };
}

function parseTarget(text: string): RecoverSpec['to'] {
  const target = parseRecoverTo(text);
  if (typeof target !== 'string') return target;
  throw new DrillError('usage', `--to: ${target}`, {
    hint: 'Also --to lsn=0/76C2858, xid=773, name=before_release, gtid=0-1-23, position=mysql-bin.000012:4711, or "before drop-table public.orders".',
  });
}

function summarise(runs: readonly RunRecord[], unrecorded: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of [...runs.map((run) => run.verdict ?? run.status), ...unrecorded.map(() => 'not recorded')]) {
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  const words = [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
  const bad = [...runs.filter((run) => run.verdict !== 'passed').map(({ drill }) => drill), ...unrecorded].map(
    printable,
  );
  const total = runs.length + unrecorded.length;
  return `${total} drills: ${words}${bad.length > 0 ? ` (${bad.join(', ')})` : ''}\n`;
}
