import type { Fleet, FleetPool, FleetProcess, FleetState } from '../../status/fleet.ts';
import { type Child, html, type Markup, nothing } from '../../support/html.ts';
import { formatAge, formatBytes } from '../../support/quantities.ts';
import { ago, pathOfDrill, pathOfRun, plural } from '../format.ts';
import { layout, livePart, type View } from '../layout.ts';
import { type Column, table } from '../table.ts';

const PROCESSES: readonly Column[] = [
  { label: 'Host', kind: 'name' },
  { label: 'Role' },
  { label: 'State', kind: 'state' },
  { label: 'Sandboxes', kind: 'number' },
  { label: 'In progress', kind: 'wide' },
  { label: 'Heartbeat', kind: 'time' },
  { label: 'Running since', kind: 'time' },
  { label: 'Version' },
];
const ENGINES: readonly Column[] = [
  { label: 'Container engine', kind: 'name' },
  { label: 'Used by' },
  { label: 'State', kind: 'state' },
  { label: 'Sandboxes', kind: 'number' },
  { label: 'Free memory', kind: 'number' },
  { label: 'Free CPUs', kind: 'number' },
];
const POOLS: readonly Column[] = [
  { label: 'Pool', kind: 'name' },
  { label: 'State', kind: 'state' },
  { label: 'Runners', kind: 'wide' },
  { label: 'Drills', kind: 'number' },
  { label: 'Queued', kind: 'wide' },
];
/** Number of runs shown per process or pool; the rest are only counted. */
const SHOWN_RUNS = 12;

/** The processes that share the store and what each does now, and the pools. @param part `runners`, to load it alone. */
export function runnersPage(view: View, fleet: Fleet | undefined, part: string | undefined): Markup {
  if (!fleet) return layout(view, { title: 'Runners', current: 'runners', body: oneMachine() });
  const unserved = fleet.pools.filter(({ isServed, drills, queued }) => !isServed && drills + queued.length > 0).length;
  const title =
    unserved === 0 ? 'Runners' : unserved === 1 ? 'One pool has no runner' : `${unserved} pools have no runner`;
  const changing = livePart({
    id: 'runners',
    shows: 'started ended waiting drills',
    eachMinute: true,
    body: html`<div class="head"><h1>${title}</h1></div>
${processSection(view, fleet.processes)}
${engineSection(view, fleet.processes)}
${fleet.pools.length === 0 ? nothing : poolSection(view, fleet.pools)}`,
  });
  if (part === 'runners') return changing;
  return layout(view, { title: 'Runners', current: 'runners', isRed: unserved > 0, body: changing });
}

function oneMachine(): Markup {
  return html`<div class="head"><h1>Runners</h1></div>
<div class="empty"><h2>Drills run on this machine</h2><p>Runners on other machines run drills that name their pool. They need a PostgreSQL store.</p></div>`;
}

function processSection(view: View, processes: readonly FleetProcess[]): Markup {
  const rows = processes.map((one) => processCells(view, one));
  return html`<section aria-labelledby="processes-heading"><h2 id="processes-heading" class="hidden">Processes</h2>${
    rows.length === 0
      ? html`<p>No schedulers or runners in the last 7 days.</p>`
      : table({ caption: 'Schedulers and runners', columns: PROCESSES, rows })
  }</section>`;
}

function processCells(view: View, one: FleetProcess): readonly Child[] {
  const { host, pid, role, pool, state, silentMs, sandboxes, runs, lastSeenAt, startedAt, firedrillVersion } = one;
  const isUp = state !== 'stopped' && state !== 'lost';
  return [
    html`<strong>${view.show(host, 100)}</strong>${pid !== undefined && html`<span class="sub">process ${pid}</span>`}`,
    role === 'scheduler' ? 'scheduler' : html`runner<span class="sub">pool ${view.show(pool ?? '', 100)}</span>`,
    stateBadge(state, silentMs),
    isUp ? html`${runs.length}${sandboxes !== undefined && ` of ${sandboxes}`}` : '–',
    runs.length === 0 ? '–' : listed(runs.map((run) => runOf(view, run))),
    ago(lastSeenAt, view.now),
    ago(startedAt, view.now),
    view.show(firedrillVersion, 40),
  ];
}

function runOf(view: View, { id, drill, startedAt }: FleetProcess['runs'][number]): Markup {
  return html`<a href="${pathOfRun(id)}">${view.show(drill, 100)}</a> <span class="sub">started ${ago(startedAt, view.now)}</span>`;
}

function engineSection(view: View, processes: readonly FleetProcess[]): Child {
  const rows = processes.flatMap((one) => one.engines.map((engine) => engineCells(view, one, engine)));
  if (rows.length === 0) return nothing;
  const heading = 'Container engines';
  return html`<section aria-labelledby="engines-heading"><h2 id="engines-heading">${heading}</h2>${table({ caption: heading, columns: ENGINES, rows })}</section>`;
}

function engineCells(view: View, one: FleetProcess, engine: FleetProcess['engines'][number]): readonly Child[] {
  const { address, silentSince, sandboxes, memoryBytes, freeMemoryBytes, cpus, freeCpus } = engine;
  const free = (part: string | undefined, whole: string | undefined) => (part && whole ? `${part} of ${whole}` : '–');
  const bytes = (value: number | undefined) => (value === undefined ? undefined : formatBytes(value));
  return [
    html`<strong>${view.show(address, 200)}</strong>`,
    html`${view.show(one.host, 100)}${one.pid !== undefined && html`<span class="sub">process ${one.pid}</span>`}`,
    silentSince
      ? html`${signed('bad', '✖', 'not reachable')}<span class="sub">first failed ${ago(silentSince, view.now)}</span>`
      : signed('good', '✔', 'reachable'),
    sandboxes === undefined ? '–' : String(sandboxes),
    free(bytes(freeMemoryBytes), bytes(memoryBytes)),
    free(freeCpus?.toString(), cpus?.toString()),
  ];
}

function poolSection(view: View, pools: readonly FleetPool[]): Markup {
  const rows = pools.map((one) => poolCells(view, one));
  return html`<section aria-labelledby="pools-heading"><h2 id="pools-heading">Pools</h2>${table({ caption: 'Pools', columns: POOLS, rows })}</section>`;
}

function poolCells(view: View, { pool, isServed, sentence, drills, queued }: FleetPool): readonly Child[] {
  return [
    html`<strong>${view.show(pool, 100)}</strong>`,
    isServed ? signed('good', '✔', 'served') : signed('bad', '✖', 'no runner'),
    view.show(sentence, 300),
    String(drills),
    queued.length === 0
      ? '–'
      : listed(
          queued.map(
            ({ drill, waitingSince }) =>
              html`<a href="${pathOfDrill(drill)}">${view.show(drill, 100)}</a> <span class="sub">queued ${ago(waitingSince, view.now)}</span>`,
          ),
        ),
  ];
}

function listed(items: readonly Markup[]): Markup {
  const more = items.length - SHOWN_RUNS;
  return html`<ul class="plain">${items.slice(0, SHOWN_RUNS).map((item) => html`<li>${item}</li>`)}${more > 0 && html`<li>and ${plural(more, 'more', 'more')}</li>`}</ul>`;
}

const STATES: Readonly<Record<FleetState, readonly [tone: string, sign: string, word: string]>> = {
  serving: ['good', '✔', 'serving'],
  standby: ['', '–', 'on standby'],
  draining: ['busy', '▶', 'draining'],
  silent: ['warn', '!', 'silent'],
  stopped: ['', '–', 'stopped'],
  lost: ['warn', '!', 'no heartbeat'],
};

function stateBadge(state: FleetState, silentMs: number | undefined): Markup {
  const [tone, sign, word] = STATES[state];
  return signed(tone, sign, silentMs === undefined ? word : `${word} for ${formatAge(silentMs)}`);
}

function signed(tone: string, sign: string, word: string): Markup {
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
}
