import type { RunFigures } from '../record/report-store.ts';
import type { RunRecord } from '../record/run-record.ts';
import { toPrintable } from '../support/printable.ts';
import { formatCount } from '../support/quantities.ts';
import { CONTROL_MAP } from './control-map.ts';
import type { DigestContext, DrillDigest } from './drill-digest.ts';
import type { FoundIncident } from './incidents.ts';
import type { ReportOptions } from './input.ts';
import { endOf } from './known-then.ts';
import type { Audit, Evidence } from './report.ts';
import type { ReportMonth } from './report-attainment.ts';

/** Runs are never removed: the store's own triggers refuse to delete them. */
const RETENTION =
  'Every run is kept with its stages, checks, evidence and log for the life of the store. Nothing is deleted from the store, and a run that has ended cannot be changed.';

/** Chooses a drill's runs for evidence; the sample has the newest run, then the first and last run of each incident, then each month's newest pass. */
export function chooseEvidence(
  facts: readonly RunFigures[],
  incidents: readonly FoundIncident[],
  months: readonly ReportMonth[],
  limit: number,
): DrillDigest['evidence'] {
  const inPeriod = new Set(facts);
  const sample = new Set<RunFigures>();
  const add = (fact: RunFigures | undefined) => fact && inPeriod.has(fact) && sample.add(fact);
  add(facts.at(-1));
  for (const { first, resolvedBy } of incidents.toReversed()) {
    if (sample.size >= limit) break;
    add(first);
    add(resolvedBy);
  }
  for (const fact of newestPasses(facts, months)) add(fact);
  return {
    all: facts.length > limit ? undefined : facts.map(({ runId }) => runId),
    sample: Array.from(sample, ({ runId }) => runId),
  };
}

/** The newest pass of each month, newest month first. */
function newestPasses(facts: readonly RunFigures[], months: readonly ReportMonth[]): readonly RunFigures[] {
  const found: RunFigures[] = [];
  let untilMs = Number.POSITIVE_INFINITY;
  for (const fact of facts.toReversed()) {
    if (fact.startedMs >= untilMs || fact.outcome !== 'passed') continue;
    found.push(fact);
    untilMs = +(months.findLast(({ from }) => +from <= fact.startedMs)?.from ?? 0);
  }
  return found;
}

/** The ids of the runs whose full records the report shows. */
export function wantedEvidence(digests: readonly DrillDigest[], { evidenceLimit }: ReportOptions): readonly string[] {
  if (isWhole(digests, evidenceLimit)) return digests.flatMap(({ evidence }) => evidence.all ?? []);
  const wanted: string[] = [];
  const longest = Math.max(0, ...digests.map(({ evidence }) => evidence.sample.length));
  for (let place = 0; place < longest; place += 1) {
    for (const { evidence } of digests) {
      if (wanted.length >= evidenceLimit) return wanted;
      const id = evidence.sample[place];
      if (id !== undefined) wanted.push(id);
    }
  }
  return wanted;
}

export function describeAudit(
  digests: readonly DrillDigest[],
  records: readonly RunRecord[],
  context: Pick<DigestContext, 'asOf' | 'period' | 'options'>,
): Audit {
  const { evidenceLimit } = context.options;
  const of = sum(digests, ({ runs }) => runs);
  const rule = isWhole(digests, evidenceLimit)
    ? 'Every run of the period is shown.'
    : `Of ${formatCount(of)} runs, at most ${formatCount(evidenceLimit)} are shown. Each drill in turn adds its newest run, then the first and last run of each failure (newest failures first), then the newest pass of each month. The same history always gives the same sample. Any other run can be shown from the store: firedrill show RUN.`;
  const inOrder = records.toSorted((a, b) => compare(a.drill, b.drill) || +a.startedAt - +b.startedAt);
  return {
    retention: RETENTION,
    sampling: { rule, shown: records.length, of },
    runs: inOrder.map((run) => toEvidence(run, endOf(context))),
    teardown: {
      confirmed: sum(digests, ({ teardown }) => teardown.confirmed),
      kept: sum(digests, ({ teardown }) => teardown.kept),
      notConfirmed: sum(digests, ({ teardown }) => teardown.notConfirmed),
    },
    controls: CONTROL_MAP,
  };
}

function isWhole(digests: readonly DrillDigest[], limit: number): boolean {
  return sum(digests, ({ runs }) => runs) <= limit;
}

function sum(digests: readonly DrillDigest[], count: (digest: DrillDigest) => number): number {
  return digests.reduce((all, digest) => all + count(digest), 0);
}

/** Text from backups, drill files and answers may contain characters that control a terminal or reorder a line. */
function toEvidence(
  { definition: _text, leaseOwner, leaseExpiresAt: _lease, leaseBeatMs: _beat, ...run }: RunRecord,
  end: Date,
): Evidence {
  const maybe = (text: string | undefined) => (text === undefined ? undefined : toPrintable(text, 1000));
  return {
    ...run,
    host: toPrintable(leaseOwner.split('/')[0] ?? ''),
    drillFile: toPrintable(run.drillFile, 1000),
    triggeredBy: toPrintable(run.triggeredBy),
    owner: maybe(run.owner),
    reasons: run.reasons.map((reason) => ({ ...reason, sentence: toPrintable(reason.sentence, 1000) })),
    warnings: run.warnings.map((warning) => toPrintable(warning, 1000)),
    error: run.error && { ...run.error, message: toPrintable(run.error.message, 1000) },
    accepted:
      run.accepted && run.accepted.at <= end
        ? { ...run.accepted, by: toPrintable(run.accepted.by), reason: toPrintable(run.accepted.reason, 1000) }
        : undefined,
    checks: run.checks.map(({ measured: _numbers, details = [], ...check }) => ({
      ...check,
      details: describeDetails(details),
      name: toPrintable(check.name),
      expected: toPrintable(check.expected, 1000),
      actual: toPrintable(check.actual, 1000),
    })),
    identity: run.identity && {
      ...run.identity,
      keys: run.identity.keys.map((key) => toPrintable(key)),
      principal: maybe(run.identity.principal),
    },
    backup: run.backup && {
      ...run.backup,
      source: toPrintable(run.backup.source, 1000),
      key: toPrintable(run.backup.key, 1000),
      etag: maybe(run.backup.etag),
      format: maybe(run.backup.format),
      serverVersion: maybe(run.backup.serverVersion),
      dumpedBy: maybe(run.backup.dumpedBy),
      selection: maybe(run.backup.selection),
    },
    protection: run.protection && {
      ...run.protection,
      findings: run.protection.findings.map((finding) => toPrintable(finding, 1000)),
      notes: run.protection.notes.map((note) => toPrintable(note, 1000)),
      probe: run.protection.probe && { ...run.protection.probe, principal: maybe(run.protection.probe.principal) },
    },
    sandbox: run.sandbox && {
      ...run.sandbox,
      image: toPrintable(run.sandbox.image),
      imageId: toPrintable(run.sandbox.imageId),
      isolation: toPrintable(run.sandbox.isolation, 1000),
      ...(run.sandbox.containerEngine !== undefined && { containerEngine: toPrintable(run.sandbox.containerEngine) }),
      serverVersion: maybe(run.sandbox.serverVersion),
    },
    restoreErrors: run.restoreErrors.map((line) => toPrintable(line, 1000)),
  };
}

/** A report is for human readers; `firedrill show` has the rest. */
const MAX_DETAILS = 20;

function describeDetails(details: readonly string[]): readonly string[] {
  const shown = details.slice(0, MAX_DETAILS).map((line) => toPrintable(line));
  const rest = details.length - shown.length;
  return rest > 0 ? [...shown, `and ${formatCount(rest)} more`] : shown;
}

function compare(one: string, other: string): number {
  return one === other ? 0 : one < other ? -1 : 1;
}
