import type { LiveRun } from '../../daemon/control.ts';
import type { PhaseRecord, RunRecord, StageRecord } from '../../record/run-record.ts';
import { type Child, html, type Markup, nothing } from '../../support/html.ts';
import { formatDuration } from '../../support/quantities.ts';
import { nameStage } from '../../support/vocabulary.ts';
import { badge, outcomeBadge } from '../badges.ts';
import { axisBar, waterfallBar } from '../charts.ts';
import type { View } from '../layout.ts';
import { table } from '../table.ts';

/** The run from left to right: each stage and phase in its colour, with the time at which the RTO was exceeded. */
export function stagesSection(view: View, run: RunRecord, live: LiveRun | undefined): Markup {
  const ended = live && live.stages.length > run.stages.length ? live.stages : run.stages;
  const going = live?.stage && {
    name: live.stage.name,
    startedAt: live.stage.startedAt,
    durationMs: Math.max(0, view.now.getTime() - live.stage.startedAt.getTime()),
  };
  if (ended.length === 0 && !going) return nothing;
  const startMs = run.startedAt.getTime();
  const all = going ? [...ended, { ...going, outcome: 'ok' as const, phases: [] }] : ended;
  const endMs = Math.max(...all.map((stage) => stage.startedAt.getTime() + stage.durationMs));
  const scale = { startMs, totalMs: Math.max(1, endMs - startMs), targetMs: rtoPassedAt(run, all, startMs) };
  const rows = all.flatMap((stage, index): Child[][] => {
    const isGoing = going !== undefined && index === all.length - 1;
    const skipped = stage.outcome === 'skipped';
    const counts = run.objectives.counts.includes(stage.name);
    return [
      [
        html`<span class="key ${stage.name}"></span>${nameStage(stage.name)}`,
        isGoing ? badge('running', 'busy') : outcomeBadge(stage.outcome),
        skipped ? '–' : isGoing ? sinceTime(stage.startedAt) : formatDuration(stage.durationMs),
        skipped ? '' : waterfallBar(stage.name, spanOf(stage), scale),
        counts ? 'yes' : 'no',
      ],
      ...stage.phases.map((phase, at): Child[] => [
        html`<span class="phase"><span class="key ${phase.name}"></span>${phase.name}</span>`,
        '',
        formatDuration(phase.durationMs),
        waterfallBar(phase.name, spanOfPhase(stage, phase, at), scale),
        '',
      ]),
    ];
  });
  const passed =
    scale.targetMs !== undefined &&
    html`<p class="sub"><span class="key rto"></span>The line marks the RTO of ${formatDuration(run.objectives.rtoMs)}.</p>`;
  const axis = [html`<span class="hidden">Time</span>`, '', '', axisBar(scale.totalMs), ''];
  return html`<section aria-labelledby="stages-heading"><h2 id="stages-heading">Stages</h2><div class="waterfall">${table(
    {
      caption: 'Stages and phases, in order',
      columns: [
        { label: 'Stage' },
        { label: 'Outcome' },
        { label: 'Took', kind: 'number' },
        { label: 'When', kind: 'wide' },
        { label: 'Included in RTO' },
      ],
      rows: [...rows, axis],
    },
  )}</div>${passed}</section>`;
}

/** When the RTO was exceeded, in milliseconds since the run started; undefined: it was not. Stages that are not counted do not use it up. */
function rtoPassedAt(
  { objectives }: Pick<RunRecord, 'objectives'>,
  stages: readonly Pick<StageRecord, 'name' | 'startedAt' | 'durationMs'>[],
  startMs: number,
): number | undefined {
  let leftMs = objectives.rtoMs;
  for (const { name, startedAt, durationMs } of stages) {
    if (!objectives.counts.includes(name)) continue;
    if (durationMs > leftMs) return startedAt.getTime() - startMs + leftMs;
    leftMs -= durationMs;
  }
  return undefined;
}

function spanOf({ startedAt, durationMs }: Pick<StageRecord, 'startedAt' | 'durationMs'>) {
  return { fromMs: startedAt.getTime(), durationMs };
}

/** Earlier versions recorded how long phases took, but not when: those are drawn one after another if they fit into the stage, else all from its start. */
function spanOfPhase(stage: StageRecord, { startedAt, durationMs }: PhaseRecord, index: number) {
  if (startedAt) return { fromMs: startedAt.getTime(), durationMs };
  const sumMs = stage.phases.reduce((sum, phase) => sum + phase.durationMs, 0);
  const beforeMs = stage.phases.slice(0, index).reduce((sum, phase) => sum + phase.durationMs, 0);
  return { fromMs: stage.startedAt.getTime() + (sumMs <= stage.durationMs ? beforeMs : 0), durationMs };
}

/** Shows the start instead of the duration, because it stays correct without events: a stuck stage sends none. */
function sinceTime(at: Date): Markup {
  return html`since <time datetime="${at.toISOString()}">${at.toISOString().slice(11, 19)}</time>`;
}
