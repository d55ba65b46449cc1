import type { DrillControl, LiveRun, WaitingRun } from '../../daemon/control.ts';
import { describeChance, describeFinish, formatTarget } from '../../run/prediction/prediction-words.ts';
import { describeStall, describeTransfer } from '../../run/progress-words.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { formatAge, formatBytes, formatClock, formatDuration } from '../../support/quantities.ts';
import { upperFirst } from '../../support/upper-first.ts';
import { nameStage, STAGES } from '../../support/vocabulary.ts';
import { finishBar } from '../charts.ts';
import { ago, pathOfDrill, pathOfRun, plural } from '../format.ts';
import type { View } from '../layout.ts';

/** Runs in progress and queued runs. */
export function runningSection(view: View, { running, waiting }: Pick<DrillControl, 'running' | 'waiting'>): Markup {
  if (running.length + waiting.length === 0) return nothing;
  return html`<section aria-labelledby="now-heading"><h2 id="now-heading">In progress</h2>
<ul class="cards">${running.map((run) => runningCard(view, run))}${waiting.map((run) => waitingCard(view, run))}</ul></section>`;
}

/** A short text for screen readers: it changes with stages and likelihood, not with bytes. */
export function announceRunning({ running }: Pick<DrillControl, 'running'>): string {
  return running.map((run) => `${run.drill}: ${announceRun(run)}`).join('; ');
}

/** `restore, stage 5 of 7, on track`. */
export function announceRun(run: LiveRun): string {
  const chance = run.prediction && !run.kept ? describeChance(run.prediction) : undefined;
  return [stageWords(run), chance].filter(Boolean).join(', ');
}

function runningCard(view: View, run: LiveRun): Markup {
  return html`<li class="card busy"><p class="line"><a href="${pathOfDrill(run.drill)}"><strong>${view.show(run.drill)}</strong></a> <a class="id" href="${pathOfRun(run.runId)}">${run.runId}</a> <span class="sub">started ${ago(run.startedAt, view.now)}, ${view.show(run.triggeredBy, 80)}</span></p>
${run.kept ? keptUntil(run.kept) : html`${finishLine(run)}${stageLine(view, run)}${checksLine(run)}`}</li>`;
}

function waitingCard(view: View, run: WaitingRun): Markup {
  return html`<li class="card"><p class="line"><a href="${pathOfDrill(run.drill)}"><strong>${view.show(run.drill)}</strong></a> ${run.waitsFor === undefined ? 'queued' : `waits ${view.show(run.waitsFor)}`} <span class="sub">since ${ago(run.since, view.now)}, ${view.show(run.triggeredBy, 80)}</span></p></li>`;
}

/** The run's own page while it is in progress: whether it will meet its RTO, which backup, its current stage, and the latest events. */
export function liveRunSection(view: View, run: LiveRun): Markup {
  return html`<section class="panel going" aria-labelledby="going-heading"><h2 id="going-heading" class="hidden">Progress</h2>
${finishLine(run)}
${backupLine(view, run)}
<ol class="ticks">${STAGES.map((stage) => tick(stage, run))}</ol>
${stageLine(view, run)}${checksLine(run)}
${lastLines(view, run)}</section>`;
}

/** `4:10 of 15:00, likely 9:30 (8:50–10:40)`, the likelihood of meeting the RTO, and a bar. */
function finishLine({ prediction, rtoMs, drill }: LiveRun): Markup {
  const shown = prediction ?? { elapsedMs: 0, rtoMs, finish: undefined, why: '' };
  const { elapsedMs, finish, why } = shown;
  const chance = describeChance(shown);
  const tone = chance === 'on track' ? 'good' : chance === 'at risk' ? 'warn' : 'bad';
  return html`<p class="finish"><strong>${formatClock(elapsedMs)}</strong> of ${formatTarget(rtoMs)}${finish && html`, ${describeFinish(finish)}`} ${chance !== undefined && html`<span class="badge ${tone}">${chance}</span>`}</p>
${finishBar(shown, `${drill}: recovery time against its RTO`)}${why !== '' && html`<p class="sub">${upperFirst(why)}.</p>`}`;
}

function backupLine(view: View, { backup }: LiveRun): Markup {
  if (!backup) return html`<p>Choosing the backup…</p>`;
  const age = formatAge(Math.max(0, view.now.getTime() - backup.takenAt.getTime()));
  const selected = backup.selection === undefined ? '' : `, ${view.show(backup.selection)}`;
  return html`<p>Backup <code class="break">${view.show(backup.key, 300)}</code> <span class="sub">${formatBytes(backup.sizeBytes)}, ${age} old${selected}</span></p>`;
}

/** A stage with its state as a mark, a word for screen readers, and its time. */
function tick(stage: (typeof STAGES)[number], { stages, stage: current }: LiveRun): Markup {
  const ended = stages.find(({ name }) => name === stage);
  if (ended?.outcome === 'skipped') return nothing;
  if (ended) {
    const [mark, word] = ended.outcome === 'ok' ? ['✓', 'done'] : ['✕', ended.outcome];
    return html`<li class="${ended.outcome === 'ok' ? 'done' : 'bad'}"><span aria-hidden="true">${mark}</span> ${nameStage(stage)} <span class="hidden">${word}</span> <span class="sub">${formatDuration(ended.durationMs)}</span></li>`;
  }
  const isCurrent = current?.name === stage;
  if (stage === 'image-pull' && !isCurrent) return nothing;
  return html`<li${isCurrent ? html` class="now" aria-current="step"` : html` class="next"`}><span aria-hidden="true">${isCurrent ? '●' : '○'}</span> ${nameStage(stage)}</li>`;
}

/** `loading customer · 42 % · 12.3 GB of 48.1 GB at 210 MB/s`. */
function stageLine(view: View, run: LiveRun): Markup {
  const { progress } = run;
  const doing = progress ? progressWords(view, progress) : '';
  return html`<p class="line"><strong>${stageWords(run)}</strong> <span class="sub">${doing}</span></p>`;
}

function checksLine({ checks, moreChecks = 0 }: LiveRun): Markup {
  if (checks.length === 0) return nothing;
  const failed = checks.filter((check) => !check.passed).length;
  return html`<p class="sub">${plural(checks.length + moreChecks, 'check')} done, ${failed} failed</p>`;
}

function lastLines(view: View, { lastLines: lines }: LiveRun): Markup {
  if (lines.length === 0) return nothing;
  const shown = lines.map(({ at, level, text }) => {
    const mark = level === 'info' ? '' : level === 'warn' ? 'warning: ' : 'error: ';
    return `${at.toISOString().slice(11, 19)} ${mark}${view.show(text, 300)}`;
  });
  return html`<pre class="last" tabindex="0" role="group" aria-label="Last lines of the log"><code>${shown.join('\n')}</code></pre>`;
}

function keptUntil({ until }: NonNullable<LiveRun['kept']>): Markup {
  return html`<p>Its sandbox is kept until <time datetime="${until.toISOString()}">${until.toISOString().slice(11, 16)} UTC</time>.</p>`;
}

function stageWords({ stage, stages, kept }: LiveRun): string {
  if (kept) return 'sandbox kept';
  const last = stages.at(-1);
  if (!stage) return last ? `after ${nameStage(last.name)}` : 'starting';
  return `${nameStage(stage.name)}, stage ${STAGES.indexOf(stage.name) + 1} of ${STAGES.length}`;
}

function progressWords(view: View, progress: NonNullable<LiveRun['progress']>): string {
  const { doing, ratio, isStalled } = progress;
  const share = ratio === undefined ? '' : `${Math.floor(ratio * 100)} %`;
  const words = [view.show(doing, 120), share, describeTransfer(progress), isStalled && describeStall(progress)];
  return words.filter(Boolean).join(' · ');
}
