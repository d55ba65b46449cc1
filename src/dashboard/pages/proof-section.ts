import { adviceOf, explainOutcome, outcomeOf, scoreOf } from '../../record/proof-view.ts';
import type { ProofEntry, RunRecord } from '../../record/run-record.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import type { View } from '../layout.ts';
import { table } from '../table.ts';

const BADGES = {
  caught: { tone: 'good', sign: '✔' },
  'slipped through': { tone: 'bad', sign: '✖' },
  'not counted': { tone: 'none', sign: '–' },
} as const;

/** Which damage the drill caught, and what would catch the rest. */
export function proofSection(view: View, { proof }: Pick<RunRecord, 'proof'>): Markup {
  if (!proof || proof.entries.length === 0) return nothing;
  const { caught, total } = scoreOf(proof);
  const advice = adviceOf(proof);
  const partial = proof.isPartial ? ' It is partial, so it is not kept as the drill’s proof.' : '';
  return html`<section aria-labelledby="proof-heading"><h2 id="proof-heading">Proof</h2>
<p>The drill caught ${caught} of ${total} damages.${partial}</p>${table({
    caption: 'Damage to the restored copy and to the backup, and what caught it',
    columns: [{ label: 'Damage', kind: 'wide' }, { label: 'Caught' }, { label: 'By', kind: 'wide' }],
    rows: proof.entries.map((entry) => [
      view.show(entry.damage),
      outcomeBadge(entry),
      view.show(explainOutcome(entry)),
    ]),
  })}${advice.length > 0 && html`<p>Checks that would catch the others:</p><pre>${view.show(advice.join('\n'))}</pre>`}</section>`;
}

function outcomeBadge(entry: ProofEntry): Markup {
  const outcome = outcomeOf(entry);
  const { tone, sign } = BADGES[outcome];
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${outcome}</span>`;
}
