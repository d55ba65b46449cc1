import { createHash } from 'node:crypto';
import { basename, extname, resolve } from 'node:path';
import type { Drill } from '../../config/drill-file.ts';
import { readDrills } from '../../config/load-drills.ts';
import { problemsError } from '../../config/problem.ts';
import { lastPeriod, monthPeriod, quarterPeriod } from '../../report/choose-period.ts';
import { describeNoMatch, isFiltered } from '../../report/filter.ts';
import type { Made, ReportFormatKind } from '../../report/format-kind.ts';
import { formatWithExtension, REPORT_FORMAT_KINDS, type ReportFormat } from '../../report/format-registry.ts';
import type { PeriodInput, ReportRequest, ReportStanding } from '../../report/input.ts';
import { passes } from '../../report/make-report.ts';
import { readReport } from '../../report/read-report.ts';
import { readRuns } from '../../report/read-runs.ts';
import { renderOrHtml } from '../../report/render-or-html.ts';
import type { Report } from '../../report/report.ts';
import { isTimeZone } from '../../schedule/time-zone.ts';
import { readStandingsOnce } from '../../status/read-standings-once.ts';
import { DrillError, EXIT, formatError } from '../../support/errors.ts';
import { printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { showWork, type TellWork } from '../work-reporter.ts';
import { writeOut } from '../write-out.ts';

export interface ReportOptions {
  readonly config: string | undefined;
  readonly sinceMs: number | undefined;
  /** `2026-10` */
  readonly month: string | undefined;
  /** `2026-Q4` */
  readonly quarter: string | undefined;
  /** IANA name. */
  readonly timezone: string;
  readonly tier: number | undefined;
  readonly owner: string | undefined;
  /** 0.5 to 1. */
  readonly targetShare: number | undefined;
  readonly format: ReportFormat | undefined;
  readonly out: string | undefined;
  /** A file for the evidence of the runs, which the report then omits. */
  readonly evidence: string | undefined;
}

type Parts = AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>;

interface MadeParts {
  readonly parts: Parts;
  /** Why the parts are HTML instead of the requested format. */
  readonly problem?: DrillError;
}

const DEFAULT_SINCE_MS = 90 * 86_400_000;

/** `firedrill report`: reports on history over a period. A broken drill file is reported, and only its own drill is omitted. */
export async function reportCommand(tools: Toolbox, options: ReportOptions): Promise<number> {
  const { interrupt } = tools.io;
  try {
    return await makeReport(tools, options);
  } catch (thrown) {
    if (!interrupt.aborted) throw thrown;
    const left = options.out === undefined ? 'the report is not complete' : 'no report was written';
    throw new DrillError('interrupted', `canceled; ${left}`, { hint: 'Run the same command again.', cause: thrown });
  }
}

async function makeReport(tools: Toolbox, options: ReportOptions): Promise<number> {
  const { io, clock } = tools;
  const asOf = clock.now();
  const period = choosePeriod(options, asOf);
  const format = options.format ?? formatWithExtension(extname(options.out ?? '').slice(1)) ?? 'md';
  const evidence = checkFiles(options, format);
  const settings = await tools.loadSettings(options.config);
  const { tier, owner, targetShare } = options;
  const request = { asOf, period, filter: { tier, owner }, options: targetShare === undefined ? {} : { targetShare } };
  await using store = await tools.openStore(settings);
  const { drills, problems } = await readDrills([settings.drillsDir], tools.loadOptions(settings));
  const { drills: standings } = await readStandingsOnce(store, drills, asOf);
  if (isFiltered(request.filter) && !standings.some(({ drill }) => passes(drill, request.filter)))
    io.stderr.write(`${printable(describeNoMatch(request.filter))}; ${describeChoices(drills)}\n`);
  const made = await showWork(tools, READING, (tell) =>
    makeParts(tools, { store, standings, request, format, evidence, tell }),
  );
  const parts = untilInterrupted(made.parts, io.interrupt);
  if (options.out === undefined) for await (const part of parts) io.stdout.write(String(part));
  else await writeReport(tools, options.out, parts, made.problem);
  if (problems.length === 0) return EXIT.passed;
  io.stderr.write(`${formatError(problemsError(problems))}\n`);
  return EXIT.usage;
}

/** @throws DrillError the problem with the requested format; the report was then written as HTML to a file next to it. */
async function writeReport(
  tools: Toolbox,
  out: string,
  parts: AsyncIterable<string | Uint8Array>,
  problem: DrillError | undefined,
): Promise<void> {
  const shown = problem ? `${out}.html` : out;
  await writeOut(resolve(tools.io.cwd, shown), shown, parts, tools);
  if (!problem) return;
  throw new DrillError(problem.code, problem.message, {
    hint: `The report is in ${printable(shown)} instead; print it from a browser. firedrill doctor says whether Chromium is found.`,
    cause: problem,
  });
}

async function* untilInterrupted(parts: Parts, interrupt: AbortSignal): AsyncGenerator<string | Uint8Array> {
  interrupt.throwIfAborted();
  for await (const part of parts) {
    yield part;
    interrupt.throwIfAborted();
  }
}

interface PartsContext {
  readonly store: Awaited<ReturnType<Toolbox['openStore']>>;
  readonly standings: readonly ReportStanding[];
  readonly request: ReportRequest;
  readonly format: ReportFormat;
  readonly evidence: EvidenceTarget | undefined;
  readonly tell: TellWork;
}

/** The slowest step of a report. */
const READING = 'reading the history';

async function makeParts(
  tools: Toolbox,
  { store, standings, request, format, evidence, tell }: PartsContext,
): Promise<MadeParts> {
  const kind: ReportFormatKind = REPORT_FORMAT_KINDS[format];
  if (kind.from === 'runs') return { parts: kind.write(readRuns(store, standings, request)) };
  const report = await readReport(store, standings, request, (share) => tell(READING, share));
  tell(`writing the report as ${format}`);
  const made = { version: tools.version, signal: tools.io.interrupt };
  const render = async (more: Partial<Made> = {}) => {
    const { content, problem } = await renderOrHtml(report, kind, { ...made, ...more });
    return { parts: [content], ...(problem && { problem }) };
  };
  if (!evidence) return await render();
  const text = await evidence.render(report, made);
  await writeOut(resolve(tools.io.cwd, evidence.path), evidence.path, [text], tools);
  const sha256 = createHash('sha256').update(text).digest('hex');
  return await render({ evidence: { name: basename(evidence.path), sha256 } });
}

interface EvidenceTarget {
  readonly path: string;
  readonly render: (report: Report, made: Made) => Promise<string>;
}

/** Rejects outputs that cannot be written before reading anything. @returns where the evidence goes, if not into the report. */
function checkFiles({ out, evidence: path }: ReportOptions, format: ReportFormat): EvidenceTarget | undefined {
  const kind: ReportFormatKind = REPORT_FORMAT_KINDS[format];
  if (kind.isBinary && out === undefined) throw usage(`--format ${format} needs a file`, `Add --out report.${format}.`);
  if (path === undefined) return undefined;
  if (kind.from === 'runs')
    throw usage(`--evidence does not go with --format ${format}`, 'That format has every run anyway.');
  const extension = formatWithExtension(extname(path).slice(1));
  const evidenceKind: ReportFormatKind | undefined = extension && REPORT_FORMAT_KINDS[extension];
  const render = evidenceKind?.from === 'report' ? evidenceKind.renderEvidence : undefined;
  if (!render)
    throw usage(`${printable(path)} has no extension of a format for evidence`, 'Name it .html, .md or .json.');
  return { path, render };
}

/** The values available to filters: `tiers: 1, 2; owners: payments`. */
function describeChoices(drills: readonly Pick<Drill, 'tier' | 'owner'>[]): string {
  const list = (values: readonly (string | number | undefined)[]) =>
    [...new Set(values)]
      .filter((value) => value !== undefined)
      .toSorted()
      .join(', ') || 'none';
  return printable(`tiers: ${list(drills.map(({ tier }) => tier))}; owners: ${list(drills.map(({ owner }) => owner))}`);
}

function choosePeriod({ sinceMs, month, quarter, timezone }: ReportOptions, asOf: Date): PeriodInput {
  if (!isTimeZone(timezone))
    throw usage(`${JSON.stringify(timezone)} is not a time zone`, 'Write one as Europe/Berlin or UTC.');
  if ([sinceMs, month, quarter].filter((one) => one !== undefined).length > 1)
    throw usage('--since, --month and --quarter cannot be combined', 'Use one of them.');
  const period = namedPeriod(month, quarter, timezone) ?? lastPeriod(sinceMs ?? DEFAULT_SINCE_MS, asOf, timezone);
  if (period.from < asOf) return period;
  throw usage(`${month ?? quarter} has not begun`, 'Choose a period that has begun.');
}

function namedPeriod(month: string | undefined, quarter: string | undefined, zone: string): PeriodInput | undefined {
  const period =
    month !== undefined ? monthPeriod(month, zone) : quarter !== undefined ? quarterPeriod(quarter, zone) : undefined;
  if (period) return period;
  if (month !== undefined) throw usage(`${JSON.stringify(month)} is not a month`, 'Write it as 2026-10.');
  if (quarter !== undefined) throw usage(`${JSON.stringify(quarter)} is not a quarter`, 'Write it as 2026-Q4.');
  return undefined;
}

function usage(message: string, hint: string): DrillError {
  return new DrillError('usage', message, { hint });
}
