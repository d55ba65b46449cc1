import type { DrillControl } from '../../daemon/control.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { upperFirst } from '../../support/upper-first.ts';
import { pathOfDrill } from '../format.ts';
import { actionForm, type View } from '../layout.ts';

/** The part of the control that concerns one drill. */
type Runnable = Pick<DrillControl, 'running' | 'waiting' | 'unavailable'>;

export function runNow(view: View, control: Runnable, name: string): Markup {
  if (!mayRun(view, control)) return nothing;
  return actionForm(view, `${pathOfDrill(name)}/run`, html`<button type="submit" id="run-now">Run now</button>`);
}

/** For when runs are skipped because of the month's budget. Expanding it shows this, above the button that starts a run anyway. */
export function runOverBudget(
  view: View,
  control: Runnable,
  { name, budgetExceeded }: { readonly name: string; readonly budgetExceeded?: string | undefined },
): Markup {
  if (budgetExceeded === undefined || !mayRun(view, control)) return nothing;
  const inside = html`<input type="hidden" name="overBudget" value="yes"><button type="submit">Run over budget</button>`;
  return html`<details><summary>Run over budget…</summary><p>${upperFirst(view.show(budgetExceeded))}. The record of the run says that you started it.</p>${actionForm(view, `${pathOfDrill(name)}/run`, inside)}</details>`;
}

function mayRun(view: View, { unavailable, running, waiting }: Runnable): boolean {
  return view.identity?.role === 'operator' && unavailable === undefined && running.length + waiting.length === 0;
}
