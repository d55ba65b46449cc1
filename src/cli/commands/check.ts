import { worstExitCode } from '../../judge/outcome.ts';
import { type CheckedSyntax, checkSyntax, type SyntaxReport } from '../../run/check-syntax.ts';
import { asDrillError, EXIT, exitCodeOf, formatError } from '../../support/errors.ts';
import { toJson } from '../../support/json.ts';
import { sayThatSandboxesAreRemoved } from '../cancel-words.ts';
import { selectDrills } from '../select-drills.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { showWork } from '../work-reporter.ts';
import { wrapFor } from '../wrap.ts';

export interface CheckOptions {
  readonly config: string | undefined;
  readonly all: boolean;
  /** Only drills with all of these; undefined: with any or none. */
  readonly label: Readonly<Record<string, string>> | undefined;
  readonly runtime: string | undefined;
  readonly json: boolean;
}

/** `firedrill check DRILL --syntax`: prepares every query of the drill's checks on an empty server, and reports all malformed ones at once. */
export async function checkCommand(
  tools: Toolbox,
  patterns: readonly string[],
  options: CheckOptions,
): Promise<number> {
  const { io } = tools;
  const settings = await tools.loadSettings(options.config);
  const { drills, refused } = await selectDrills(tools, settings, patterns, { ...options, as: undefined });
  await using store = await tools.openStore(settings);
  const services = tools.drillServices(settings, store);
  const codes: number[] = refused ? [EXIT.usage] : [];
  sayThatSandboxesAreRemoved(io);
  for (const [index, drill] of drills.entries()) {
    try {
      const checking =
        drills.length === 1
          ? `preparing the queries of ${drill.name}`
          : `preparing the queries of ${drill.name}, ${index + 1} of ${drills.length} drills`;
      const share = index === 0 ? undefined : index / drills.length;
      const request = { drill, runtime: options.runtime, signal: io.interrupt };
      const report = await showWork(tools, checking, () => checkSyntax(request, services), share);
      const text = options.json
        ? toJson({ type: 'syntax', drill: drill.name, ...report })
        : wrapFor(io.stdout, formatReport(drill.name, report).map(printable).join('\n'));
      io.stdout.write(`${text}\n`);
      codes.push(report.checks.some(isMalformed) ? EXIT.errored : EXIT.passed);
    } catch (thrown) {
      if (io.interrupt.aborted) {
        io.stderr.write(`canceled; checked ${index} of ${drills.length} drills\n`);
        return EXIT.interrupted;
      }
      const error = asDrillError(thrown, 'plan');
      io.stderr.write(`${drill.name}: ${printable(services.redact(formatError(error)))}\n`);
      codes.push(exitCodeOf(error));
    }
  }
  return worstExitCode(codes);
}

/** Prints malformed checks last, where they are most visible. */
function formatReport(drill: string, { server, checks }: SyntaxReport): readonly string[] {
  const malformed = checks.filter(isMalformed);
  const others = checks.filter((check) => !isMalformed(check));
  const count = `${malformed.length} of ${checks.length} checks malformed`;
  return [
    `${drill}: prepared on ${server}, without data`,
    ...[...others, ...malformed].map(formatCheck),
    `${drill}: ${count}`,
  ];
}

function formatCheck({ name, place, finding }: CheckedSyntax): string {
  const what = `${name} (${place})`;
  switch (finding.kind) {
    case 'valid':
      return `  ✔ ${what}`;
    case 'no-query':
      return `  – ${what}: writes its own queries`;
    case 'needs-data':
      return `  – ${what}: no syntax error; cannot be judged without the data: ${finding.message}`;
    case 'malformed':
      return `  ✖ ${what}: ${finding.message}`;
  }
}

function isMalformed({ finding }: CheckedSyntax): boolean {
  return finding.kind === 'malformed';
}
