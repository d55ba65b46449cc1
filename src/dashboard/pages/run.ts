import type { LiveRun } from '../../daemon/control.ts';
import type { CheckRecord } from '../../record/check-record.ts';
import { describeOutcome, describeReason, stateOf, toneOf } from '../../record/history-view.ts';
import { describeArchive, describeReplay } from '../../record/replay-view.ts';
import type { RunRecord } from '../../record/run-record.ts';
import { describeProtection, describeReadings } from '../../record/source-view.ts';
import type { LogLine } from '../../record/store.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { describeAccess } from '../../support/identity-words.ts';
import { formatBytes, formatDuration } from '../../support/quantities.ts';
import { nameStage } from '../../support/vocabulary.ts';
import { badge, checkBadge } from '../badges.ts';
import { actualWords, expectedWords } from '../check-words.ts';
import { instant, pathOfDrill, pathOfRun, plural } from '../format.ts';
import { actionForm, fullTitle, iconOf, layout, livePart, type View } from '../layout.ts';
import { facts, table } from '../table.ts';
import { keptSandboxSection } from './kept-sandbox.ts';
import { proofSection } from './proof-section.ts';
import { cancelLink, copyButton, runAgain } from './run-actions.ts';
import { logSection } from './run-log.ts';
import { stagesSection } from './run-stages.ts';
import { runTiles } from './run-tiles.ts';
import { runbookSection, type ShownRunbook } from './runbook.ts';
import { announceRun, liveRunSection } from './running.ts';
import { whySection } from './verdict-reasons.ts';

export interface RunFacts {
  readonly run: RunRecord;
  /** undefined: it is not in progress in this process. */
  readonly live: LiveRun | undefined;
  readonly log: readonly LogLine[];
  readonly runbooks: readonly ShownRunbook[];
  /** Whether a drill with its name still exists. */
  readonly hasDrill: boolean;
}

const KEEP_MINUTES = [10, 30, 60] as const;

/** One run: its progress or result, why, what to do, and everything recorded. @param part one of `run` and `rest`, to load it alone. */
export function runPage(view: View, about: RunFacts, said: string | undefined, part: string | undefined): Markup {
  const { run, live } = about;
  const state = stateOf(run);
  const tone = toneOf(run);
  const title = `${run.drill} ${run.id}`;
  const isRed = state === 'running' ? undefined : tone === 'bad';
  const kept = live?.kept;
  const going = kept ? undefined : live;
  const lead = going ? '' : leadOf(view, run);
  const icon = iconOf(view.assets, isRed, going !== undefined);
  const changing = livePart({
    id: 'run',
    shows: `run:${run.id}`,
    announce: `${run.drill}: ${live?.stage ? announceRun(live) : state}`,
    title: fullTitle(title, isRed),
    icon,
    eachMinute: kept !== undefined,
    body: html`<p class="crumbs"><a href="/">Overview</a> › <a href="${pathOfDrill(run.drill)}">${view.show(run.drill)}</a></p>
<div class="head"><h1>${view.show(run.drill)} <span class="id">${run.id}</span></h1> ${copyButton(run.id, 'run id')} ${badge(state, tone)}${headActions(view, about)}</div>
${lead !== '' && html`<p class="lead">${lead}</p>`}
${going && liveRunSection(view, going)}
${going && controls(view, run.id, going)}
${kept && keptSandboxSection(view, run, kept)}
${whySection(view, run, lead, about.runbooks)}
${!going && run.status !== 'running' && runTiles(view, run)}
${stagesSection(view, run, live)}
${checksSection(view, live && live.checks.length > run.checks.length ? { ...run, checks: live.checks } : run)}${proofSection(view, run)}`,
  });
  if (part === 'run') return changing;
  const rest = restOf(view, about);
  if (part === 'rest') return rest;
  const body = [changing, rest];
  return layout(view, { title, isRed, isBusy: going !== undefined, said, body });
}

/** What can be done with an ended run. */
function headActions(view: View, { run, live, hasDrill }: RunFacts): Markup {
  if (live || run.status === 'running') return nothing;
  const again = hasDrill && runAgain(view, run.drill);
  return html`<div class="actions"><a class="button" href="${pathOfRun(run.id)}/compare">Compare with the last pass</a>${again}</div>`;
}

/** The part that changes only once, at the run's end, so that someone reading the log is not disturbed before. */
function restOf(view: View, about: RunFacts): Markup {
  const body = [
    about.runbooks.map((one) => runbookSection(one)),
    recordSection(view, about),
    logSection(view, about.run, about.log),
  ];
  return livePart({ id: 'rest', shows: `end:${about.run.id}`, body });
}

function leadOf(view: View, run: RunRecord): string {
  if (run.verdict !== 'passed') return view.show(describeOutcome(run), 1000);
  const data =
    run.dataLossMs === undefined
      ? ''
      : `; backup ${formatDuration(run.dataLossMs)} old${run.objectives.rpoMs === undefined ? '' : ` (RPO ${formatDuration(run.objectives.rpoMs)})`}`;
  return `Recovered in ${formatDuration(run.recoveryTimeMs ?? 0)} (RTO ${formatDuration(run.objectives.rtoMs)})${data}.`;
}

function controls(view: View, runId: string, { keepMs }: LiveRun): Markup {
  if (view.identity?.role !== 'operator') return nothing;
  const path = pathOfRun(runId);
  const keep = html`<label>Keep the sandbox after the run for <select name="minutes" id="keep-minutes">${KEEP_MINUTES.map((minutes) => html`<option value="${minutes}">${minutes} minutes</option>`)}</select></label> <button type="submit" id="keep">Keep</button>`;
  return html`<div class="controls">${cancelLink(runId)}
${keepMs === undefined ? actionForm(view, `${path}/keep`, keep) : html`<p>The sandbox is kept for ${formatDuration(keepMs)} after the run.</p>`}</div>`;
}

function detailsOf(view: View, { details = [] }: CheckRecord): Markup {
  if (details.length === 0) return nothing;
  const lines = details.map((line) => html`<li>${view.show(line, 500)}</li>`);
  return html`<details><summary>${plural(details.length, 'line')}</summary><ul>${lines}</ul></details>`;
}

function checksSection(view: View, { checks }: Pick<RunRecord, 'checks'>): Markup {
  if (checks.length === 0) return nothing;
  const sorted = checks.toSorted((a, b) => Number(a.passed) - Number(b.passed));
  const rows = sorted.map((check) => [
    view.show(check.name),
    checkBadge(check.passed),
    expectedWords(view, check),
    html`${actualWords(view, check)}${detailsOf(view, check)}`,
    formatDuration(check.durationMs),
  ]);
  return html`<section aria-labelledby="checks-heading"><h2 id="checks-heading">Checks</h2>${table({
    caption: 'Checks, failed ones first',
    columns: [
      { label: 'Check' },
      { label: 'Result' },
      { label: 'Expected', kind: 'wide' },
      { label: 'Actual', kind: 'wide' },
      { label: 'Took', kind: 'number' },
    ],
    rows,
  })}</section>`;
}

function recordSection(view: View, { run, hasDrill }: RunFacts): Markup {
  const { backup, sandbox, objectives } = run;
  return html`<section aria-labelledby="record-heading"><h2 id="record-heading">Record</h2><div class="columns">
<div><h3>Run</h3>${facts([
    ['Started', instant(run.startedAt)],
    ['Ended', run.endedAt && instant(run.endedAt)],
    ['Triggered by', view.show(run.triggeredBy)],
    ['Due', run.trigger.dueAt && instant(run.trigger.dueAt)],
    ['Attempt', run.trigger.attempt > 1 && String(run.trigger.attempt)],
    [
      'Drill file',
      html`<code class="break">${view.show(run.drillFile.split('/').slice(-2).join('/'))}</code>${!hasDrill && ' (removed)'}`,
    ],
    ['Definition', html`<code>${run.definitionHash.slice(0, 12)}</code>`],
    ['Firedrill', run.firedrillVersion],
    [
      'Accepted',
      run.accepted &&
        html`by ${view.show(run.accepted.by)}, ${instant(run.accepted.at)}: ${view.show(describeReason(run.accepted), 1000)}`,
    ],
  ])}</div>
<div><h3>Plan</h3>${facts([
    ['RTO', formatDuration(objectives.rtoMs)],
    ['RPO', objectives.rpoMs === undefined ? 'none' : formatDuration(objectives.rpoMs)],
    ['Included in RTO', objectives.counts.map(nameStage).join(', ')],
    ['Deadline', formatDuration(objectives.deadlineMs)],
    ['Recovery time', run.recoveryTimeMs === undefined ? 'not measured' : formatDuration(run.recoveryTimeMs)],
    ['Backup age', run.dataLossMs === undefined ? 'unknown' : formatDuration(run.dataLossMs)],
  ])}</div>
<div><h3>Backup</h3>${
    backup
      ? facts([
          ['Key', html`<code class="break">${view.show(backup.key, 500)}</code>`],
          ['Source', html`<code class="break">${view.show(backup.source, 500)}</code>`],
          ['Taken', instant(backup.takenAt)],
          ['Size', formatBytes(backup.sizeBytes)],
          ['Selected', backup.selection !== undefined && view.show(backup.selection)],
          ['Format', backup.format !== undefined && view.show(backup.format)],
          ['Server', backup.serverVersion !== undefined && view.show(backup.serverVersion)],
          ['Dumped by', backup.dumpedBy !== undefined && view.show(backup.dumpedBy)],
          ['Identity', run.identity && view.show(describeAccess(run.identity))],
          ['Protection', run.protection && view.show(describeProtection(run.protection), 1000)],
          ['Recovered', run.replay && view.show(describeReplay(run.replay), 1000)],
          ['Log archive', run.replay?.archive && view.show(describeArchive(run.replay.archive))],
          ['Read', run.reading && view.show(describeReadings(run.reading))],
          ['ETag', backup.etag !== undefined && html`<code class="break">${view.show(backup.etag)}</code>`],
        ])
      : html`<p class="sub">${run.status === 'running' ? 'Not recorded yet.' : 'None was selected.'}</p>`
  }</div>
<div><h3>Sandbox</h3>${
    sandbox
      ? facts([
          ['Runtime', sandbox.runtime],
          ['Container engine', sandbox.containerEngine !== undefined && view.show(sandbox.containerEngine)],
          ['Image', html`<code class="break">${view.show(sandbox.image)}</code>`],
          ['Image id', html`<code class="break">${view.show(sandbox.imageId)}</code>`],
          ['Server', view.show(sandbox.serverVersion ?? 'not started')],
          ['Isolation', view.show(sandbox.isolation, 400)],
          ['Data on disk', sandbox.dataBytes !== undefined && formatBytes(sandbox.dataBytes)],
          ['Cleanup', removalOf(run, sandbox)],
        ])
      : html`<p class="sub">${run.status === 'running' ? 'Not recorded yet.' : 'None was created.'}</p>`
  }</div>
</div></section>`;
}

function removalOf({ status }: RunRecord, { removed, kept }: NonNullable<RunRecord['sandbox']>): string {
  if (status === 'running') return 'not yet';
  if (removed) return 'confirmed';
  return kept ? 'kept on request' : 'not confirmed';
}
