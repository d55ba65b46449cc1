import type { RunRecord } from '../record/run-record.ts';
import { formatTable, type Paint, printable } from './style.ts';

/** What the checks of a proof caught, and what would catch the rest; for a run that was to be one. */
export function formatProof({ proof, verdict }: Pick<RunRecord, 'proof' | 'verdict'>, paint: Paint): readonly string[] {
  if (!proof) {
    const why = verdict === 'failed' ? 'the drill fails without any damage' : 'the run did not get that far';
    return [`not proven: ${why}`];
  }
  const { entries } = proof;
  if (entries.length === 0) return ['not proven: no table holds rows that could be damaged'];
  const rows = entries.map(({ damage, caughtBy }) => [
    caughtBy.length > 0 ? '✔ caught' : '✖ slipped through',
    printable(damage),
    printable(caughtBy.join(', ')),
  ]);
  const table = formatTable([['', 'DAMAGE', 'CAUGHT BY'], ...rows], (index, column, text) =>
    index === 0 ? paint('dim', text) : column === 0 ? paint(text.startsWith('✔') ? 'green' : 'red', text) : text,
  );
  const slipped = entries.filter(({ caughtBy }) => caughtBy.length === 0);
  const advice = [...new Set(slipped.flatMap((entry) => entry.advice ?? []))];
  return [
    ...table.split('\n'),
    '',
    `proof: ${entries.length - slipped.length} of ${entries.length} damages caught`,
    ...(advice.length === 0
      ? []
      : [
          'Checks that would catch the others, to add under `checks`:',
          ...advice.map((line) => `  ${printable(line)}`),
        ]),
  ];
}
