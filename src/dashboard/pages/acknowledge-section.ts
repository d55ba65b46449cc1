import { canAcknowledge } from '../../status/acknowledged.ts';
import type { DrillStanding } from '../../status/read-standings.ts';
import { html, type Markup } from '../../support/html.ts';
import { upperFirst } from '../../support/upper-first.ts';
import { pathOfDrill } from '../format.ts';
import { actionForm, type View } from '../layout.ts';
import { silenceNote } from './silences.ts';

const UNTIL = [
  ['4h', '4 hours'],
  ['1d', '1 day'],
  ['3d', '3 days'],
  ['7d', '1 week'],
] as const;

/** Whether the drill's problem is acknowledged or snoozed, and for operators the forms to do so and to end it. */
export function acknowledgeSection(view: View, one: DrillStanding): Markup {
  const { drill, standing, acknowledged } = one;
  const isOperator = view.identity?.role === 'operator';
  const path = `${pathOfDrill(drill.name)}/acknowledge`;
  const back =
    isOperator &&
    actionForm(
      view,
      `${path}/end`,
      html`<button type="submit" id="acknowledge-end">${acknowledged?.kind === 'snoozed' ? 'End snooze' : 'End acknowledgement'}</button>`,
    );
  const silence = silenceNote(view, one);
  const said = html`${silence}${acknowledged && html`<div class="note controls"><p>${upperFirst(view.show(acknowledged.sentence, 400))}</p>${back}</div>`}`;
  if (!isOperator) return said;
  const hasProblem = canAcknowledge(standing);
  const options = UNTIL.map(([value, words]) => html`<option value="${value}">${words}</option>`);
  const fields = html`<div class="controls">
<label>Reason <input type="text" name="reason" id="acknowledge-reason" required maxlength="300"></label>
<label>For <select name="for" id="acknowledge-for">${hasProblem && html`<option value="">until resolved</option>`}${options}</select></label>
${hasProblem && html`<button type="submit" name="kind" value="acknowledged">Acknowledge</button>`}
<button type="submit" name="kind" value="snoozed">Snooze</button></div>
<p class="sub">${hasProblem && 'Acknowledging stops reminders about this problem. '}Snoozing stops all alerts about this drill for that time. The drill keeps running and stays visible in lists and reports. For work that starts later, or for several drills, <a href="/silences">plan a silence</a>.</p>`;
  return html`${said}<details class="acknowledge" id="acknowledge"><summary>${hasProblem ? 'Acknowledge or snooze' : 'Snooze'}</summary>${actionForm(view, path, fields)}</details>`;
}
