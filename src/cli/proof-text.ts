import { adviceOf, explainOutcome, outcomeOf, scoreOf } from '../record/proof-view.ts';
import type { ProofEntry, RunRecord } from '../record/run-record.ts';
import { formatTable, type Paint, printable } from './style.ts';

const SIGNS = { caught: '✔', 'slipped through': '✖', 'not counted': '–' } as const;
const COLORS = { '✔': 'green', '✖': 'red', '–': 'dim' } as const;

/** Which damage a drill caught, and what would catch the rest; for a proof run. */
export function formatProof({ proof, verdict }: Pick<RunRecord, 'proof' | 'verdict'>, paint: Paint): readonly string[] {
  if (!proof) {
    const why = verdict === 'failed' ? 'the drill fails without any damage' : 'the run did not get that far';
    return [`not proven: ${why}`];
  }
  if (proof.entries.length === 0) return ['not proven: no table holds rows that could be damaged'];
  const rows = proof.entries.map((entry) => [
    stateOf(entry),
    printable(entry.damage),
    printable(explainOutcome(entry)),
  ]);
  const table = formatTable([['', 'DAMAGE', 'CAUGHT BY'], ...rows], (index, column, text) => {
    if (index === 0) return paint('dim', text);
    const color = column === 0 ? COLORS[text.charAt(0) as keyof typeof COLORS] : undefined;
    return color ? paint(color, text) : text;
  });
  const advice = adviceOf(proof);
  const { caught, total } = scoreOf(proof);
  const partial = proof.isPartial ? ' (partial: not kept as the drill’s proof)' : '';
  return [
    ...table.split('\n'),
    '',
    `proof: ${caught} of ${total} damages caught${partial}`,
    ...(proof.seed === undefined ? [] : [`same places again: --seed ${printable(proof.seed)}`]),
    ...(advice.length === 0
      ? []
      : [
          'Checks that would catch the others, to add under `checks`:',
          ...advice.map((line) => `  ${printable(line)}`),
        ]),
  ];
}

function stateOf(entry: ProofEntry): string {
  const outcome = outcomeOf(entry);
  return `${SIGNS[outcome]} ${outcome}`;
}
