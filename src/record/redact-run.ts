import type { Redactor } from '../support/redact.ts';
import type { Acceptance } from './baseline-store.ts';
import type { Measured, MeasuredValue } from './check-record.ts';
import type { ReplayRecord, RunRecord } from './run-record.ts';
import type { LogLine } from './store.ts';

export type CleanText = (text: string) => string;

/** Removes secrets and makes text well-formed: half a surrogate pair (from truncated text) cannot be stored as UTF-8. */
export function redactText(redactor: Pick<Redactor, 'redact'>): CleanText {
  return (text) => redactor.redact(text).toWellFormed();
}

/** Cleans every text of the record, except ids and names used to look up runs, and values from fixed lists. */
export function redactRun(run: RunRecord, clean: CleanText): RunRecord {
  const maybe = (text: string | undefined) => (text === undefined ? undefined : clean(text));
  return {
    ...run,
    drillFile: clean(run.drillFile),
    definition: cleanJson(run.definition, clean),
    triggeredBy: clean(run.triggeredBy),
    ...(run.readsFrom && { readsFrom: run.readsFrom.map(clean) }),
    owner: maybe(run.owner),
    canceledBy: maybe(run.canceledBy),
    reasons: run.reasons.map((reason) => ({ ...reason, sentence: clean(reason.sentence), hint: maybe(reason.hint) })),
    warnings: run.warnings.map(clean),
    error: run.error && {
      ...run.error,
      message: clean(run.error.message),
      hint: maybe(run.error.hint),
      details: run.error.details.map(clean),
    },
    checks: run.checks.map((check) => ({
      ...check,
      name: clean(check.name),
      expected: clean(check.expected),
      actual: clean(check.actual),
      ...(check.details && { details: check.details.map(clean) }),
      ...(check.measured && { measured: cleanMeasured(check.measured, clean) }),
    })),
    identity: run.identity && {
      ...run.identity,
      keys: run.identity.keys.map(clean),
      principal: maybe(run.identity.principal),
    },
    backup: run.backup && {
      ...run.backup,
      source: clean(run.backup.source),
      key: clean(run.backup.key),
      etag: maybe(run.backup.etag),
      format: maybe(run.backup.format),
      serverVersion: maybe(run.backup.serverVersion),
      dumpedBy: maybe(run.backup.dumpedBy),
      selection: maybe(run.backup.selection),
    },
    proof: run.proof && {
      ...run.proof,
      entries: run.proof.entries.map(({ damage, caughtBy, advice, skipped, ...entry }) => ({
        ...entry,
        damage: clean(damage),
        caughtBy: caughtBy.map(clean),
        advice: maybe(advice),
        ...(skipped === undefined ? {} : { skipped: clean(skipped) }),
      })),
    },
    reading: run.reading && {
      ...run.reading,
      ...(run.reading.checksums && { checksums: run.reading.checksums.map(clean) }),
    },
    ...(run.replay && { replay: redactReplay(run.replay, clean) }),
    protection: run.protection && {
      ...run.protection,
      findings: run.protection.findings.map(clean),
      notes: run.protection.notes.map(clean),
      probe: run.protection.probe && { ...run.protection.probe, principal: maybe(run.protection.probe.principal) },
    },
    sandbox: run.sandbox && {
      ...run.sandbox,
      image: clean(run.sandbox.image),
      imageId: clean(run.sandbox.imageId),
      isolation: clean(run.sandbox.isolation),
      ...(run.sandbox.containerEngine !== undefined && { containerEngine: clean(run.sandbox.containerEngine) }),
      serverVersion: maybe(run.sandbox.serverVersion),
    },
    restoreErrors: run.restoreErrors.map(clean),
  };
}

/** Cleans names as well as texts: a table can be called anything. */
function cleanMeasured(measured: Measured, clean: CleanText): Measured {
  return Object.fromEntries(Object.entries(measured).map(([name, value]) => [clean(name), cleanValue(value, clean)]));
}

function cleanValue(value: MeasuredValue, clean: CleanText): MeasuredValue {
  if (typeof value === 'string') return clean(value);
  if (typeof value !== 'object' || value === null) return value;
  return isList(value) ? value.map((one) => cleanValue(one, clean)) : cleanMeasured(value, clean);
}

function isList(value: Measured | readonly MeasuredValue[]): value is readonly MeasuredValue[] {
  return Array.isArray(value);
}

export function redactAcceptance(acceptance: Acceptance, clean: CleanText): Acceptance {
  return { ...acceptance, by: clean(acceptance.by), reason: clean(acceptance.reason) };
}

/** Cleans the strings inside the JSON, so that the result is still valid JSON. */
export function cleanJson(json: string, clean: CleanText): string {
  return JSON.stringify(JSON.parse(json), (_key, value: unknown) => (typeof value === 'string' ? clean(value) : value));
}

export function redactLogLine(line: LogLine, clean: CleanText): LogLine {
  return { ...line, message: clean(line.message) };
}

function redactReplay({ archive, ...replay }: ReplayRecord, clean: (text: string) => string): ReplayRecord {
  return {
    ...replay,
    to: clean(replay.to),
    ...(archive && { archive: { ...archive, newest: clean(archive.newest) } }),
  };
}
