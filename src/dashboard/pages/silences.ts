import type { Drill } from '../../config/drill-file.ts';
import type { Silence } from '../../record/silence-store.ts';
import { describeMatch, endOfSilence, matchesDrill, phaseOf } from '../../status/silenced.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { formatAge } from '../../support/quantities.ts';
import { upperFirst } from '../../support/upper-first.ts';
import { ahead, instant, pathOfDrill, plural } from '../format.ts';
import { actionForm, layout, type View } from '../layout.ts';
import { selectField } from '../select-field.ts';
import { table } from '../table.ts';

/** Maintenance windows: current, upcoming and past, and for operators the form to plan one. @param silences ordered by start. */
export function silencesPage(
  view: View,
  silences: readonly Silence[],
  drills: readonly Drill[],
  said: string | undefined,
): Markup {
  const inPhase = (phase: 'active' | 'planned' | 'over') =>
    silences.filter((one) => phaseOf(one, view.now) === phase).toSorted(byNewest(phase === 'over'));
  const open = [...inPhase('active'), ...inPhase('planned')];
  const over = inPhase('over');
  const isOperator = view.identity?.role === 'operator';
  const none = html`<div class="empty"><h2>No active or planned silences</h2><p>A silence stops alerts about its drills during planned work. The drills keep running, and their state stays visible.</p>
<pre>firedrill silence add --owner payments --from "2026-12-01 02:00" --for 4h --reason "storage migration"</pre></div>`;
  const body = [
    html`<div class="head"><h1>Silences</h1></div>`,
    isOperator && silenceForm(view, drills),
    open.length === 0 ? none : silenceTable(view, open, drills, 'Active and planned silences'),
    over.length > 0 &&
      html`<section aria-labelledby="over-heading"><h2 id="over-heading">Past silences</h2>${silenceTable(view, over.slice(0, SHOWN_OVER), drills, 'Silences that ended in the last year, newest first')}</section>`,
  ];
  return layout(view, { title: 'Silences', current: 'silences', said, body });
}

const SHOWN_OVER = 50;

function byNewest(isReversed: boolean) {
  return (a: Silence, b: Silence) =>
    isReversed ? b.from.getTime() - a.from.getTime() : a.from.getTime() - b.from.getTime();
}

function silenceTable(view: View, silences: readonly Silence[], drills: readonly Drill[], caption: string): Markup {
  const isOperator = view.identity?.role === 'operator';
  const rows = silences.map((one) => [
    html`${matchOf(view, one)} <span class="sub">${plural(drills.filter((drill) => matchesDrill(one.match, drill)).length, 'drill')}</span>`,
    phaseBadge(one, view.now),
    html`${instant(one.from)} <span class="sub">for ${formatAge(Math.max(60_000, one.until.getTime() - one.from.getTime()))}</span>`,
    instant(endOfSilence(one)),
    one.pausesRuns ? 'paused' : 'as scheduled',
    html`${view.show(one.reason, 300)} <span class="sub">${view.show(one.by)}${one.ended && `; ended by ${view.show(one.ended.by)}`}</span>`,
    isOperator && phaseOf(one, view.now) !== 'over'
      ? actionForm(
          view,
          `/silences/${one.id}/end`,
          html`<button type="submit" class="quiet" id="end-${one.id}" aria-label="End silence ${one.id}">${phaseOf(one, view.now) === 'active' ? 'End' : 'Cancel'}</button>`,
        )
      : html`<span class="id">${one.id}</span>`,
  ]);
  return table({
    caption,
    columns: [
      { label: 'Drills' },
      { label: 'State' },
      { label: 'From' },
      { label: 'Until' },
      { label: 'Scheduled runs' },
      { label: 'Reason', kind: 'wide' },
      { label: isOperator && silences.some((one) => phaseOf(one, view.now) !== 'over') ? 'Action' : 'Id' },
    ],
    rows,
  });
}

function matchOf(view: View, { match }: Silence): Markup {
  const { drills = [], ...others } = match;
  if (drills.length === 0) return html`${view.show(describeMatch(match))}`;
  const links = drills.map(
    (name, index) => html`${index > 0 && ', '}<a href="${pathOfDrill(name)}">${view.show(name)}</a>`,
  );
  return html`${links}${Object.keys(others).length > 0 && `, ${view.show(describeMatch(others))}`}`;
}

function phaseBadge(silence: Silence, now: Date): Markup {
  const phase = phaseOf(silence, now);
  if (phase === 'active') return html`<span class="badge busy">active</span>`;
  if (phase === 'planned')
    return html`<span class="badge">planned</span> <span class="sub">${ahead(silence.from, now)}</span>`;
  return html`<span class="badge">${silence.ended && silence.ended.at <= silence.from ? 'canceled' : 'ended'}</span>`;
}

const LENGTHS = [
  ['1h', '1 hour'],
  ['2h', '2 hours'],
  ['4h', '4 hours'],
  ['8h', '8 hours'],
  ['1d', '1 day'],
  ['2d', '2 days'],
  ['7d', '1 week'],
] as const;

function silenceForm(view: View, drills: readonly Drill[]): Markup {
  const unique = (values: readonly (string | undefined)[]): [string, string][] =>
    [...new Set(values.filter((value) => value !== undefined))].sort().map((value) => [value, view.show(value)]);
  const owners = unique(drills.map(({ owner }) => owner));
  const tiers = unique(drills.map(({ tier }) => (tier === undefined ? undefined : String(tier))));
  const labels = unique(
    drills.flatMap(({ labels = {} }) => Object.entries(labels).map(([key, value]) => `${key}=${value}`)),
  );
  const names = drills.map(({ name }) => html`<option value="${name}"></option>`);
  const fields = html`<div class="filter">
<label>Drills <input type="text" name="drills" id="silence-drills" list="silence-names" placeholder="orders, ledger" maxlength="1000"></label>
${owners.length > 0 && selectField('owner', 'Owner', owners, undefined)}
${tiers.length > 0 && selectField('tier', 'Tier', tiers, undefined)}
${labels.length > 0 && selectField('label', 'Label', labels, undefined)}
<label>From (UTC) <input type="datetime-local" name="from" id="silence-from"></label>
<label>For <select name="for" id="silence-for">${LENGTHS.map(([value, words]) => html`<option value="${value}"${value === '4h' && html` selected`}>${words}</option>`)}</select></label>
<label class="grow">Reason <input type="text" name="reason" id="silence-reason" required maxlength="300"></label></div>
<div class="controls"><label><input type="checkbox" name="pause" value="yes"> Pause scheduled runs</label>
<label><input type="checkbox" name="all" value="yes"> All drills</label>
<button type="submit" class="primary">Silence</button></div>
<p class="sub">No alerts are sent about these drills until the silence ends; a drill that still fails then sends its alert. Leave “From” empty to start now.</p>
<datalist id="silence-names">${names}</datalist>`;
  return html`<details class="acknowledge" id="plan"><summary>Plan a silence</summary>${actionForm(view, '/silences', fields)}</details>`;
}

/** What currently suppresses alerts, and the next window, as notes; operators can end them. */
export function silenceNote(
  view: View,
  {
    silenced,
    silenceAhead,
  }: {
    readonly silenced?: { readonly id: string; readonly sentence: string } | undefined;
    readonly silenceAhead?: { readonly sentence: string } | undefined;
  },
): Markup {
  const end =
    view.identity?.role === 'operator' &&
    silenced &&
    actionForm(view, `/silences/${silenced.id}/end`, html`<button type="submit" id="silence-end">End silence</button>`);
  const now =
    silenced &&
    html`<div class="note controls"><p>${upperFirst(view.show(silenced.sentence, 400))} (<a href="/silences">silence <span class="id">${silenced.id}</span></a>)</p>${end}</div>`;
  const next =
    silenceAhead &&
    html`<p class="note">Planned: ${view.show(silenceAhead.sentence, 400)} (<a href="/silences">silences</a>)</p>`;
  return now || next ? html`${now}${next}` : nothing;
}
