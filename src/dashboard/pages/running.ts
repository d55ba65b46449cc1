import type { DrillControl, LiveRun, WaitingRun } from '../../daemon/control.ts';
import { describeStall, describeTransfer } from '../../run/progress-words.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { formatDuration } from '../../support/quantities.ts';
import { nameStage, STAGES } from '../../support/vocabulary.ts';
import { progressBar } from '../charts.ts';
import { ago, pathOfDrill, pathOfRun, plural } from '../format.ts';
import type { View } from '../layout.ts';

/** Runs in progress and queued runs. */
export function runningSection(view: View, { running, waiting }: Pick<DrillControl, 'running' | 'waiting'>): Markup {
  if (running.length + waiting.length === 0) return nothing;
  return html`<section aria-labelledby="now-heading"><h2 id="now-heading">In progress</h2>
<ul class="cards">${running.map((run) => runningCard(view, run))}${waiting.map((run) => waitingCard(view, run))}</ul></section>`;
}

/** A short text for screen readers: it changes with stages, not with bytes. */
export function announceRunning({ running }: Pick<DrillControl, 'running'>): string {
  return running.map((run) => `${run.drill}: ${stageWords(run)}`).join('; ');
}

function runningCard(view: View, run: LiveRun): Markup {
  return html`<li class="card busy"><p class="line"><a href="${pathOfDrill(run.drill)}"><strong>${view.show(run.drill)}</strong></a> <a class="id" href="${pathOfRun(run.runId)}">${run.runId}</a> <span class="sub">started ${ago(run.startedAt, view.now)}, ${view.show(run.triggeredBy, 80)}</span></p>
${liveProgress(view, run)}</li>`;
}

function waitingCard(view: View, run: WaitingRun): Markup {
  return html`<li class="card"><p class="line"><a href="${pathOfDrill(run.drill)}"><strong>${view.show(run.drill)}</strong></a> ${run.waitsFor === undefined ? 'queued' : `waits ${view.show(run.waitsFor)}`} <span class="sub">since ${ago(run.since, view.now)}, ${view.show(run.triggeredBy, 80)}</span></p></li>`;
}

/** `restore: 12.3 GB of 48.1 GB at 210 MB/s, 2 min 50 s left`, with a bar when the total is known. */
export function liveProgress(view: View, run: LiveRun): Markup {
  if (run.kept)
    return html`<p>Its sandbox is kept until <time datetime="${run.kept.until.toISOString()}">${run.kept.until.toISOString().slice(11, 16)} UTC</time>.</p>`;
  const { progress } = run;
  const bar =
    progress?.ratio !== undefined &&
    progressBar(progress.ratio, `${run.drill}: ${run.stage ? nameStage(run.stage.name) : 'run'}`);
  return html`<p class="line"><strong>${stageWords(run)}</strong> <span class="sub">${progress ? progressWords(view, progress) : ''}</span></p>${bar}${
    run.checks.length > 0 &&
    html`<p class="sub">${plural(run.checks.length, 'check')} done, ${run.checks.filter((check) => !check.passed).length} failed</p>`
  }`;
}

function stageWords({ stage, stages, kept }: LiveRun): string {
  if (kept) return 'sandbox kept';
  const last = stages.at(-1);
  if (!stage) return last ? `after ${nameStage(last.name)}` : 'starting';
  return `${nameStage(stage.name)}, stage ${STAGES.indexOf(stage.name) + 1} of ${STAGES.length}`;
}

function progressWords(view: View, progress: NonNullable<LiveRun['progress']>): string {
  const { doing, etaMs, isStalled } = progress;
  const left = etaMs === undefined ? '' : `about ${formatDuration(Math.max(1000, etaMs))} left`;
  const time = isStalled ? `${describeStall(progress)}, time left unknown` : left;
  return [view.show(doing, 120), describeTransfer(progress), time].filter(Boolean).join(' · ');
}
