import { canAcknowledge } from '../../status/acknowledged.ts';
import type { DrillStanding } from '../../status/read-standings.ts';
import { html, type Markup } from '../../support/html.ts';
import { pathOfDrill } from '../format.ts';
import { actionForm, type View } from '../layout.ts';
import { capital, silenceNote } from './silences.ts';

const UNTIL = [
  ['4h', '4 hours'],
  ['1d', '1 day'],
  ['3d', '3 days'],
  ['7d', '1 week'],
] as const;

/** What somebody said of the drill's problem, and for operators the form to say it, or to take it back. */
export function acknowledgeSection(view: View, one: DrillStanding): Markup {
  const { drill, standing, acknowledged } = one;
  const isOperator = view.identity?.role === 'operator';
  const path = `${pathOfDrill(drill.name)}/acknowledge`;
  const back =
    isOperator && actionForm(view, `${path}/end`, html`<button type="submit" id="acknowledge-end">Take back</button>`);
  const silence = silenceNote(view, one);
  const said = html`${silence}${acknowledged && html`<div class="note controls"><p>${capital(view.show(acknowledged.sentence, 400))}</p>${back}</div>`}`;
  if (!isOperator) return said;
  const hasProblem = canAcknowledge(standing);
  const options = UNTIL.map(([value, words]) => html`<option value="${value}">${words}</option>`);
  const fields = html`<div class="controls">
<label>Reason <input type="text" name="reason" id="acknowledge-reason" required maxlength="300"></label>
<label>For <select name="for" id="acknowledge-for">${hasProblem && html`<option value="">until it is over</option>`}${options}</select></label>
${hasProblem && html`<button type="submit" name="kind" value="acknowledged">Acknowledge</button>`}
<button type="submit" name="kind" value="snoozed">Snooze</button></div>
<p class="sub">${hasProblem && 'Acknowledged: no reminders of this problem. '}Snoozed: no alerts about this drill until then. It still runs, and stays in lists and reports. For work that begins later, or for several drills, <a href="/silences">plan a silence</a>.</p>`;
  return html`${said}<details class="acknowledge"><summary>${hasProblem ? 'Acknowledge or snooze' : 'Snooze'}</summary>${actionForm(view, path, fields)}</details>`;
}
