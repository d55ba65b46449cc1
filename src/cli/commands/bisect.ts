import type { Drill } from '../../config/drill-file.ts';
import { type BisectEnd, type Bisection, type BisectPlan, bisectDrill } from '../../run/bisect/bisect-drill.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import { describeBisection, formatBisection, formatBisectPlan } from '../bisect-text.ts';
import { sayThatSandboxesAreRemoved } from '../cancel-words.ts';
import { cleanUp } from '../clean-up.ts';
import { notifyChannels } from '../notify-channels.ts';
import { choosePrinter } from '../printers/choose-printer.ts';
import { selectDrills } from '../select-drills.ts';
import { painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { userName } from '../user-name.ts';

export interface BisectOptions {
  readonly config: string | undefined;
  readonly check: string | undefined;
  readonly sinceMs: number | undefined;
  readonly fresh: boolean;
  readonly runtime: string | undefined;
  readonly json: boolean;
}

const EXIT_CODES: Readonly<Record<BisectEnd, number>> = {
  found: EXIT.passed,
  none: EXIT.failed,
  unclear: EXIT.errored,
  interrupted: EXIT.interrupted,
};

/** `firedrill bisect`: finds since when a drill's backups have been bad. @returns 0 if a good one was found, 1 if all are bad, 2 if runs errored. */
export async function bisectCommand(tools: Toolbox, pattern: string, options: BisectOptions): Promise<number> {
  const { io, clock } = tools;
  const settings = await tools.loadSettings(options.config);
  const { drills } = await selectDrills(tools, settings, [pattern], { all: false, as: undefined });
  const drill = requireOne(drills, pattern);
  await using store = await tools.openStore(settings);
  const services = tools.drillServices(settings, store);
  sayThatSandboxesAreRemoved(io);
  await cleanUp(tools, settings, store);
  const printer = choosePrinter(io, options.json ? 'json' : 'text', { publicUrl: settings.publicUrl });
  const print = (lines: readonly string[]) => {
    if (!options.json) io.stdout.write(`${lines.join('\n')}\n`);
  };
  const printJson = (value: unknown) => {
    if (options.json) io.stdout.write(`${services.redact(toJson(value))}\n`);
  };
  let restores = 0;
  const bisection = await bisectDrill(
    {
      drill,
      triggeredBy: `bisect (${userName()})`,
      check: options.check,
      sinceMs: options.sinceMs,
      fresh: options.fresh,
      runtime: options.runtime,
      interrupt: io.interrupt,
      emit: (event) => printer.handle(event),
      onPlanned: (plan) => {
        restores = plan.restores;
        print([
          `${printable(drill.name)}: since when is it bad?`,
          ...formatBisectPlan(plan).map((line) => `  ${line}`),
        ]);
        printJson(planForJson(drill, plan));
      },
      onTry: (backup, tries) =>
        print(['', `restore ${tries} of at most ${Math.max(tries, restores)}: ${printable(backup.key)}`]),
      onTried: () => printer.settle(),
    },
    services,
  );
  const paint = painter(io, io.stdout);
  print(['', services.redact(formatBisection(bisection, clock.now(), paint, io.stdout.columns).join('\n'))]);
  printJson(resultForJson(drill, options.check, bisection));
  await notifyChannels(tools, settings, store, [drill]);
  return EXIT_CODES[bisection.end];
}

function requireOne(drills: readonly Drill[], pattern: string): Drill {
  const [drill, other] = drills;
  if (drill && !other) return drill;
  throw new DrillError('usage', `${pattern} names ${drills.length} drills, and one is bisected at a time`, {
    hint: `Name one of them, as in \`firedrill bisect ${drill?.name ?? 'orders'}\`.`,
  });
}

function planForJson({ name }: Drill, { backups, warnings, known, restores, perRestore }: BisectPlan): unknown {
  return {
    type: 'bisect-planned',
    drill: name,
    backups: backups.length,
    known,
    restores,
    restoreMs: perRestore?.recoveryTimeMs,
    warnings,
  };
}

function resultForJson(drill: Drill, check: string | undefined, bisection: Bisection): unknown {
  const tried = bisection.tried.map(({ backup, finding, run, isRecorded }) => ({
    key: backup.key,
    takenAt: backup.takenAt,
    sizeBytes: backup.sizeBytes,
    data: finding,
    run: run.id,
    status: run.status,
    verdict: run.verdict,
    reasons: run.reasons.map(({ reason, sentence }) => ({ reason, sentence })),
    recorded: isRecorded,
  }));
  const entryOf = (one: Bisection['good']) => one && tried[bisection.tried.indexOf(one)];
  return {
    type: 'bisect',
    drill: drill.name,
    check,
    result: bisection.end,
    sentence: describeBisection(bisection).join('; '),
    newestGood: entryOf(bisection.good),
    firstBad: entryOf(bisection.bad),
    tried,
  };
}
