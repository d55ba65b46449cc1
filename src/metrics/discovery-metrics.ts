import { COVERAGE_STATES } from '../support/vocabulary.ts';
import type { Exposition } from './exposition.ts';
import type { MetricsFacts } from './facts.ts';

const KINDS = ['series', 'database'] as const;

/** Adds the results of the last scan for uncovered backups and databases; nothing if there was none. */
export function addDiscoveryMetrics(to: Exposition, { discovery }: Pick<MetricsFacts, 'discovery'>): void {
  if (!discovery) return;
  const { findings, problems, endedAt } = discovery;
  to.gauge(
    'firedrill_discovery_findings',
    'Backup series and databases found by the last discovery, by how drills cover them.',
    KINDS.flatMap((kind) =>
      COVERAGE_STATES.map((state) => {
        const count = findings.filter((one) => one.kind === kind && one.state === state).length;
        return [{ kind, state }, count] as const;
      }),
    ),
  );
  to.gauge('firedrill_discovery_problems', 'Sources and servers that the last discovery could not read completely.', [
    [{}, problems.filter(({ isError }) => isError).length],
  ]);
  to.gauge('firedrill_discovery_timestamp_seconds', 'When the last discovery ended.', [[{}, endedAt.getTime() / 1000]]);
}
