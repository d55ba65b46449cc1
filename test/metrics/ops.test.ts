import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { RUN_STATUSES, STANDING_STATES } from '../../src/support/vocabulary.ts';
import { fullFacts } from './facts.ts';
import { dashboardExpressions, readDashboard, readRules, readRuleTests } from './ops-files.ts';

/** The metrics and label values that a text names. */
function namesIn(texts: readonly string[]) {
  const find = (pattern: RegExp) => [
    ...new Set(texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name]) => name))),
  ];
  return {
    metrics: find(/\b((?:firedrill|process|nodejs)_\w+)/g),
    states: find(/state="([^"]+)"/g),
    statuses: find(/status=~?"([^"]+)"/g).flatMap((value) => value?.split('|') ?? []),
    verdicts: find(/verdict="([^"]+)"/g),
  };
}

async function exportedNames(): Promise<readonly string[]> {
  const text = await createMetrics('0.1.0').render(fullFacts());
  return [...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name = '']) => name);
}

const sources = [
  ['the alert rules', readRules().map(({ expr }) => expr)],
  ['their tests', readRuleTests().flatMap(({ input_series }) => input_series.map(({ series }) => series))],
  [
    'the dashboard',
    [...dashboardExpressions(), ...readDashboard().templating.list.map(({ definition = '' }) => definition)],
  ],
] as const;

describe.each(sources)('%s', (_, texts) => {
  it('names only existing metrics, states, statuses and verdicts', async () => {
    const { metrics, states, statuses, verdicts } = namesIn(texts);
    const exported = await exportedNames();
    expect(metrics.length).toBeGreaterThan(5);
    expect(metrics.filter((name) => !exported.includes(name ?? ''))).toEqual([]);
    expect(states.filter((state) => !STANDING_STATES.some((known) => known === state))).toEqual([]);
    expect(statuses.filter((status) => !RUN_STATUSES.some((known) => known === status))).toEqual([]);
    expect(verdicts.filter((verdict) => verdict !== 'failed' && verdict !== 'passed')).toEqual([]);
  });
});

describe('alert rules', () => {
  it('state severity, summary and action, and link to an existing page', () => {
    for (const { alert, labels, annotations } of readRules()) {
      expect(alert).toMatch(/^Firedrill[A-Z]/);
      expect(['critical', 'warning']).toContain(labels['severity']);
      expect(Object.keys(annotations)).toEqual(['summary', 'description', 'runbook']);
      const page = fileURLToPath(new URL(`../../${annotations['runbook']}`, import.meta.url));
      expect([alert, existsSync(page)]).toEqual([alert, true]);
    }
  });

  it('do not fire for silenced drills', () => {
    const ofDrills = readRules().filter(({ expr }) => expr.includes('firedrill_drill_info'));
    expect(ofDrills.length).toBeGreaterThan(5);
    for (const { expr } of ofDrills) expect(expr).toContain('(firedrill_drill_silenced) == 1)');
  });

  it('are each tested while firing and while silent', () => {
    const tests = readRuleTests().flatMap(({ alert_rule_test }) => alert_rule_test);
    for (const { alert } of readRules()) {
      const expected = tests
        .filter(({ alertname }) => alertname === alert)
        .map(({ exp_alerts }) => exp_alerts.length > 0);
      expect([alert, new Set(expected)]).toEqual([alert, new Set([true, false])]);
    }
  });
});

describe('the dashboard', () => {
  const { panels, templating, ...dashboard } = readDashboard();
  const shown = panels.filter(({ type }) => type !== 'row');

  it('can be imported: it has a title, a uid and a schema that Grafana 10 and later accept', () => {
    expect(dashboard).toMatchObject({ title: 'Firedrill', uid: 'firedrill', schemaVersion: 39 });
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });

  it('queries the selected data source, whatever its name', () => {
    expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['drill', 'query'],
    ]);
    const uids = shown.flatMap(({ datasource, targets = [] }) => [datasource, ...targets.map((one) => one.datasource)]);
    expect(new Set(uids.map((one) => one?.uid))).toEqual(new Set(['$' + '{datasource}']));
  });

  it('has panels that query something, describe what they show, and do not overlap', () => {
    for (const { title, description, targets = [] } of shown)
      expect([title, description !== undefined && description !== '', targets.length > 0]).toEqual([title, true, true]);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)},${y + Math.floor(index / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([]);
  });
});
