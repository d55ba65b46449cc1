import type { DiscoveryRecord } from '../../record/discovery-store.ts';
import { describeOutcome } from '../../record/history-view.ts';
import { scoreOf } from '../../record/proof-view.ts';
import { toJson } from '../../support/json.ts';
import { formatCount } from '../../support/quantities.ts';
import { printable } from '../style.ts';
import type { WrittenDrill } from './write-drills.ts';

export function formatWrittenJson({ series: { source, match }, file, checks, run, problem }: WrittenDrill): string {
  return toJson({ type: 'drill', source, match, file, checks, runId: run?.id, verdict: run?.verdict, problem });
}

/** `wrote drills/crm.yaml (5 checks): passed; 5 of 6 damages caught` */
export function formatWritten({ series, file, checks, run, problem }: WrittenDrill): string {
  if (file === undefined || !run) return printable(`not written: ${series.source} ${series.match}: ${problem ?? ''}`);
  const { verdict, status, proof } = run;
  const counted = checks === 1 ? '1 check' : `${formatCount(checks)} checks`;
  const why = verdict === 'passed' ? '' : `: ${describeOutcome(run)}`;
  const { caught, total } = proof ? scoreOf(proof) : { caught: 0, total: 0 };
  const proven = total > 0 ? `; ${caught} of ${total} damages caught` : '';
  const more = proof && caught < proof.entries.length ? `; see firedrill show ${run.id}` : '';
  return printable(`wrote ${file} (${counted}): ${verdict ?? status}${why}${proven}${more}`);
}

/** The gaps that remain once these drills exist. */
export function withWritten(record: DiscoveryRecord, written: readonly WrittenDrill[]): DiscoveryRecord {
  const passed = new Map(
    written.flatMap(({ series, file, run }) =>
      file !== undefined && run?.verdict === 'passed' ? [[series, run.drill]] : [],
    ),
  );
  const findings = record.findings.map((finding) => {
    const drill = finding.kind === 'series' ? passed.get(finding) : undefined;
    return drill === undefined || finding.kind !== 'series'
      ? finding
      : { ...finding, state: 'covered' as const, drills: [drill] };
  });
  return { ...record, findings };
}
