import type { Drill } from '../../config/drill-file.ts';
import type { DrillServices } from '../../drill.ts';
import { locate } from '../../flow/locate.ts';
import { planDrill } from '../../flow/plan-drill.ts';
import { worstExitCode } from '../../judge/outcome.ts';
import { formatPlan } from '../../plan/format-plan.ts';
import type { Plan } from '../../plan/plan.ts';
import { asDrillError, EXIT, exitCodeOf, formatError } from '../../support/errors.ts';
import type { RuntimeName } from '../../support/words.ts';
import { selectDrills } from '../select-drills.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

export interface PlanOptions {
  readonly config: string | undefined;
  readonly all: boolean;
  readonly runtime: RuntimeName | undefined;
  readonly json: boolean;
}

/** `firedrill plan`: what a run would do, down to the image; reads the store and the backup's header, and changes nothing. */
export async function planCommand(tools: Toolbox, patterns: readonly string[], options: PlanOptions): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  const { drills, refused } = await selectDrills(tools, settings, patterns, options.all);
  await using store = await tools.openStore(settings);
  const services = tools.drillServices(settings, store);
  const codes: number[] = refused ? [EXIT.usage] : [];
  for (const drill of drills) {
    try {
      const plan = await planOne(drill, options.runtime, services, tools.io.interrupt);
      const text = options.json ? JSON.stringify({ type: 'plan', plan }) : formatPlan(plan).join('\n');
      tools.io.stdout.write(`${text}\n`);
    } catch (thrown) {
      const error = asDrillError(tools.io.interrupt.aborted ? tools.io.interrupt.reason : thrown, 'locate');
      tools.io.stderr.write(`${drill.name}: ${printable(services.redact(formatError(error)))}\n`);
      codes.push(exitCodeOf(error));
    }
  }
  return worstExitCode(codes);
}

async function planOne(
  drill: Drill,
  runtimeName: RuntimeName | undefined,
  services: DrillServices,
  signal: AbortSignal,
): Promise<Plan> {
  const engine = await services.engineOf(drill.engine.type);
  const warnings: string[] = [];
  const opened: { close(): void }[] = [];
  try {
    const source = await services.openSource(drill.backup.source);
    opened.push(source);
    const progress = {
      onChosen: () => undefined,
      onOpened: (content: { close(): void }) => opened.push(content),
      onWarning: (text: string) => warnings.push(text),
    };
    const located = await locate(drill, source, engine, services.clock.now(), progress, signal);
    const runtime = await services.chooseRuntime(runtimeName ?? drill.sandbox.runtime, signal);
    const baseline = await services.store.getBaseline(drill.name);
    const plan = planDrill({ drill, source, located, engine, runtime: runtime.name, baseline }, services);
    return { ...plan, warnings: [...warnings, ...plan.warnings] };
  } finally {
    for (const resource of opened.reverse()) resource.close();
  }
}
