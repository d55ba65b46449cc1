import { worstExitCode } from '../../judge/outcome.ts';
import { formatPlan } from '../../plan/format-plan.ts';
import { type Preview, previewDrill } from '../../run/preview.ts';
import { asDrillError, EXIT, exitCodeOf, formatError } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import type { IdentityName } from '../../support/vocabulary.ts';
import { selectDrills } from '../select-drills.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { showWork } from '../work-reporter.ts';
import { wrapFor } from '../wrap.ts';

export interface PlanOptions {
  readonly config: string | undefined;
  readonly all: boolean;
  /** Only drills with all of these; undefined: with any or none. */
  readonly label: Readonly<Record<string, string>> | undefined;
  /** Whose keys and credentials to use; undefined: as configured in each drill. */
  readonly as: IdentityName | undefined;
  readonly runtime: string | undefined;
  readonly json: boolean;
}

/** `firedrill plan`: shows what a run would do, down to the image. Reads the store and the backup's header, and changes nothing. */
export async function planCommand(tools: Toolbox, patterns: readonly string[], options: PlanOptions): Promise<number> {
  const settings = await tools.loadSettings(options.config);
  const { drills, refused } = await selectDrills(tools, settings, patterns, options);
  await using store = await tools.openStore(settings);
  const services = tools.drillServices(settings, store);
  const codes: number[] = refused ? [EXIT.usage] : [];
  for (const [index, drill] of drills.entries()) {
    try {
      const request = {
        drill,
        runtime: options.runtime,
        as: options.as,
        signal: tools.io.interrupt,
        use: (preview: Preview) => preview.plan,
      };
      const planning =
        drills.length === 1
          ? `planning ${drill.name}`
          : `planning ${drill.name}, ${index + 1} of ${drills.length} drills`;
      const share = index === 0 ? undefined : index / drills.length;
      const plan = await showWork(
        tools,
        planning,
        (tell) => previewDrill({ ...request, onActivity: (doing) => tell(`${planning}, ${doing}`, share) }, services),
        share,
      );
      const text = options.json
        ? toJson({ type: 'plan', plan })
        : wrapFor(tools.io.stdout, formatPlan(plan).join('\n'));
      tools.io.stdout.write(`${text}\n`);
    } catch (thrown) {
      if (tools.io.interrupt.aborted) {
        tools.io.stderr.write(`canceled; planned ${index} of ${drills.length} drills\n`);
        return EXIT.interrupted;
      }
      const error = asDrillError(thrown, 'locate');
      tools.io.stderr.write(`${drill.name}: ${printable(services.redact(formatError(error)))}\n`);
      codes.push(exitCodeOf(error));
    }
  }
  return worstExitCode(codes);
}
