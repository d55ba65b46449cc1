import { ENGINE_DESCRIPTORS } from '../../engines/registry.ts';
import type { DrillDraft } from '../drafts/drill-draft.ts';
import { backupOfSeries, type DraftPlace, sourceForDrill } from '../drafts/series-draft.ts';
import { starterCheck, tableCheck } from '../drafts/starter-checks.ts';
import type { InitAnswers } from './ask-all.ts';
import { NONE, scheduleOf } from './questions.ts';

/** A drill from the answers, with checks that need no restored copy. */
export function draftOf(answers: InitAnswers, { now, ...place }: DraftPlace & { readonly now: Date }): DrillDraft {
  const { name, engine, database, table, rto, rpo, series } = answers;
  const hasTable = table !== '';
  return {
    name,
    backup: { ...backupOf(answers, place, now), ...keysOf(answers, place) },
    engine: { type: engine, ...(database === '' ? {} : { database }) },
    objectives: { rto, ...(rpo === NONE ? {} : { rpo }) },
    checks: [starterCheck(engine), ...(hasTable ? [tableCheck(engine, table)] : [])],
    schedule: scheduleOf(answers.schedule),
    notes: series ? [`Written by firedrill init from ${series.finding.newest}.`] : [],
    examples: [
      ...(answers.isRestored || !ENGINE_DESCRIPTORS[engine].sql ? [] : EXAMPLE),
      `runbook: runbooks/${name}.md # what a person does to recover for real`,
    ],
  };
}

const EXAMPLE = [
  'Also common: the newest data was recent when the backup was taken.',
  ' - name: newest order is recent',
  '   sql: select max(placed_at) from orders',
  '   expect: { newerThan: 26h }',
];

/** A pattern that the user gave is kept; the rest comes from the series that it selects. */
function backupOf(
  { source, sourceKeys: keys, match, series }: InitAnswers,
  place: DraftPlace,
  now: Date,
): Record<string, unknown> {
  const proposed = series && backupOfSeries(series.finding, { ...place, url: source, keys, now });
  if (proposed && match === undefined) return proposed;
  const dated = proposed?.['takenAt'] === undefined ? {} : { takenAt: proposed['takenAt'] };
  return { source: sourceForDrill(source, keys, place), match, ...dated };
}

/** A name in capitals is a variable; anything else a file, relative to the shell. */
function keysOf({ key }: InitAnswers, place: DraftPlace): Record<string, unknown> {
  if (key === undefined) return {};
  const isVariable = /^[A-Z_][A-Z0-9_]*$/.test(key);
  const path = key.startsWith('.') || key.startsWith('/') ? key : `./${key}`;
  return { keys: [isVariable ? { env: key } : { file: sourceForDrill(path, {}, place) }] };
}
