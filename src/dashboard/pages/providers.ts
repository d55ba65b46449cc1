import type { RequestEvidence } from '../../report/read-request-evidence.ts';
import { describeCounts, explainErrors, formatShare, formatUsual } from '../../status/explain-requests.ts';
import type { EndpointRate, OperationRate } from '../../status/request-rates.ts';
import { type Child, html, type Markup, nothing } from '../../support/html.ts';
import { formatCount, formatDuration } from '../../support/quantities.ts';
import { RATE_WORDS, type RateState } from '../../support/vocabulary.ts';
import { ago, pathOfDrill } from '../format.ts';
import { layout, type View } from '../layout.ts';
import { type Column, table } from '../table.ts';

const OPERATIONS: readonly Column[] = [
  { label: 'Operation' },
  { label: 'State' },
  { label: 'Errors, 24 h', kind: 'number' },
  { label: 'Usual at most', kind: 'number' },
  { label: '29 days before', kind: 'number' },
  { label: 'Time to first byte', kind: 'number' },
];
const REQUESTS: readonly Column[] = [
  { label: 'Request', kind: 'wide' },
  { label: 'Response', kind: 'wide' },
  { label: 'Request ids', kind: 'wide' },
  { label: 'At', kind: 'number' },
];

/** How every backup store answered, and whether that is unusual. */
export function providersPage(view: View, evidence: RequestEvidence): Markup {
  const { endpoints } = evidence;
  const unusual = endpoints.filter(({ state }) => state === 'unusual').length;
  const body = endpoints.length === 0 ? nothingYet() : found(view, evidence, unusual);
  return layout(view, { title: 'Providers', current: 'providers', isRed: unusual > 0, body });
}

function nothingYet(): Markup {
  return html`<div class="head"><h1>Providers</h1></div>
<div class="empty"><h2>No requests to backup storage in 30 days</h2><p>Requests to remote stores are recorded, without their bodies. Run a drill that reads from one; local directories make no requests.</p></div>`;
}

function found(view: View, evidence: RequestEvidence, unusual: number): Markup {
  const { endpoints, failed, runs, doubt } = evidence;
  const errors = Math.max(
    failed.length,
    endpoints.reduce((sum, one) => sum + one.errors, 0),
  );
  const title =
    unusual === 0
      ? 'Backup storage answers as usual'
      : `${unusual === 1 ? 'One store fails' : `${unusual} stores fail`} more often than usual`;
  const affected = runs.map(
    ({ id, drill, verdict, status, errors }) =>
      html`<li><a href="/runs/${id}">${view.show(drill, 100)}</a>: ${verdict ?? status}, ${formatCount(errors)} ${errors === 1 ? 'error' : 'errors'} met</li>`,
  );
  return html`<div class="head"><h1>${title}</h1></div>
<p class="lead">Every request of the last 30 days, retries included.</p>
${endpoints.map((one, index) => section(view, one, index))}
<section aria-labelledby="failed-heading"><h2 id="failed-heading">Failed requests, last 24 hours <span class="pill">${formatCount(errors)}</span></h2>${
    failed.length === 0
      ? html`<p>None.</p>`
      : html`<p>${doubt}${errors > failed.length && html` Newest ${failed.length} of ${formatCount(errors)}.`}</p>${table({ caption: 'Failed requests', columns: REQUESTS, rows: failed.map((one) => cellsOf(view, one)) })}`
  }</section>
${affected.length > 0 && html`<section aria-labelledby="runs-heading"><h2 id="runs-heading">Runs with request errors, last 24 hours</h2><ul>${affected}</ul></section>`}
<section aria-labelledby="ticket-heading"><h2 id="ticket-heading">Support ticket</h2><p>This writes the rates, sample requests with their ids, and the affected backups:</p><pre tabindex="0"><code>firedrill evidence requests --since 24h --out ticket.md</code></pre></section>`;
}

function section(view: View, one: EndpointRate, index: number): Markup {
  const words = explainErrors(one).map(
    (text) => html`<p${one.state === 'unusual' && html` class="note warn"`}>${text}</p>`,
  );
  return html`<section aria-labelledby="endpoint-${index}"><h2 id="endpoint-${index}">${view.show(one.endpoint, 200)}</h2>${one.errors > 0 ? words : nothing}${table(
    {
      caption: `Requests to ${view.show(one.endpoint, 200)}`,
      columns: OPERATIONS,
      rows: one.operations.map((operation) => operationCells(view, operation)),
    },
  )}</section>`;
}

function operationCells(view: View, one: OperationRate): readonly Child[] {
  return [
    html`<strong>${view.show(one.operation, 100)}</strong>`,
    stateBadge(one.state),
    html`${formatShare(one.errors, one.requests)}<span class="sub">${formatCount(one.errors)} of ${formatCount(one.requests)}${one.errors > 0 && html`: ${describeCounts(one.counts)}`}</span>`,
    one.requests === 0 ? '–' : formatUsual(one),
    html`${formatShare(one.usual.errors, one.usual.requests)}<span class="sub">${formatCount(one.usual.errors)} of ${formatCount(one.usual.requests)}</span>`,
    one.meanMs === undefined
      ? '–'
      : html`${formatDuration(one.meanMs)}<span class="sub">longest ${formatDuration(one.slowestMs ?? 0)}</span>`,
  ];
}

function cellsOf(view: View, one: RequestEvidence['failed'][number]): readonly Child[] {
  const ids = Object.entries(one.requestIds).map(
    ([name, id]) => html`<span class="sub">${view.show(name, 60)}</span>${view.show(id, 100)} `,
  );
  return [
    html`<strong>${view.show(one.operation, 100)}</strong>${one.key !== undefined && html`<span class="sub">${view.show(one.key, 200)}</span>`}${one.drill !== undefined && html`<span class="sub">drill <a href="${pathOfDrill(one.drill)}">${view.show(one.drill, 100)}</a>, attempt ${one.attempt}</span>`}`,
    html`${one.status ?? 'no response'} ${one.outcome}${one.said !== undefined && html`<span class="sub">${view.show(one.said, 300)}</span>`}`,
    ids.length === 0 ? '–' : ids,
    ago(one.at, view.now),
  ];
}

const BADGES: Readonly<Record<RateState, readonly [tone: string, sign: string]>> = {
  unusual: ['bad', '✖'],
  uncertain: ['warn', '!'],
  learning: ['', '…'],
  usual: ['good', '✔'],
};

function stateBadge(state: RateState): Markup {
  const [tone, sign] = BADGES[state];
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${RATE_WORDS[state]}</span>`;
}
