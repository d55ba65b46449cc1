import type { RunRecord } from '../../record/run-record.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import type { View } from '../layout.ts';
import { table } from '../table.ts';

/** What the checks caught of damage to the restored copy, and what would catch the rest. */
export function proofSection(view: View, { proof }: Pick<RunRecord, 'proof'>): Markup {
  if (!proof || proof.entries.length === 0) return nothing;
  const { entries } = proof;
  const caught = entries.filter(({ caughtBy }) => caughtBy.length > 0).length;
  const advice = [...new Set(entries.flatMap((entry) => entry.advice ?? []))];
  return html`<section aria-labelledby="proof-heading"><h2 id="proof-heading">Proof</h2>
<p>The checks caught ${caught} of ${entries.length} damages to the restored copy.</p>${table({
    caption: 'Damage to the restored copy, and the checks that caught it',
    columns: [{ label: 'Damage', kind: 'wide' }, { label: 'Caught' }, { label: 'By', kind: 'wide' }],
    rows: entries.map(({ damage, caughtBy }) => [
      view.show(damage),
      caughtBadge(caughtBy.length > 0),
      view.show(caughtBy.join(', ')),
    ]),
  })}${advice.length > 0 && html`<p>Checks that would catch the others:</p><pre>${view.show(advice.join('\n'))}</pre>`}</section>`;
}

function caughtBadge(isCaught: boolean): Markup {
  return html`<span class="badge ${isCaught ? 'good' : 'bad'}"><span aria-hidden="true">${isCaught ? '✔' : '✖'}</span> ${isCaught ? 'caught' : 'slipped through'}</span>`;
}
