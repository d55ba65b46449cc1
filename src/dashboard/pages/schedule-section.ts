import type { Schedule } from '../../config/drill-file.ts';
import { lookAhead } from '../../schedule/look-ahead.ts';
import { hasCron, makeTimetable } from '../../schedule/timetable.ts';
import type { DrillStanding } from '../../status/read-standings.ts';
import { html, type Markup } from '../../support/html.ts';
import { formatDuration } from '../../support/quantities.ts';
import { ahead } from '../format.ts';
import type { View } from '../layout.ts';
import { facts } from '../table.ts';

const SHOWN = 5;
const DAYS_MS = 400 * 86_400_000;

/** When a drill runs: its schedule and the next times, including blocked ones and why. */
export function scheduleSection(view: View, { drill, racedBy }: DrillStanding): Markup {
  const { schedule } = drill;
  const body = schedule
    ? scheduleBody(view, drill.name, schedule)
    : html`<p>${racedBy === undefined ? 'Runs by hand only: it has no schedule.' : `Runs after each run of ${view.show(racedBy)}, which races against it.`}</p>`;
  return html`<section aria-labelledby="schedule-heading"><h2 id="schedule-heading">Schedule</h2><div class="panel">${body}</div></section>`;
}

function scheduleBody(view: View, name: string, schedule: Schedule): Markup {
  const { cron, timezone, onNewBackup, missed, jitterMs, overdueAfterMs } = schedule;
  const next = hasCron(schedule)
    ? lookAhead(makeTimetable(name, schedule), view.now, new Date(view.now.getTime() + DAYS_MS), SHOWN).coming
    : [];
  const times = next.map(
    ({ due, when, zone, note }) =>
      html`<li><span${due.blocked && html` class="blocked"`}>${when} ${zone}</span> <span class="sub">${ahead(due.at, view.now)}${note !== '' && `; ${view.show(note, 300)}`}</span></li>`,
  );
  return html`${facts([
    ['Cron', cron !== undefined && html`<code>${cron}</code> ${timezone}`],
    ['New backups', onNewBackup && `after each one; the source is checked every ${formatDuration(onNewBackup.pollMs)}`],
    ['Missed runs', cron !== undefined && (missed === 'run-once' ? 'one run catches up' : 'skipped')],
    ['Jitter', jitterMs > 0 && `up to ${formatDuration(jitterMs)}`],
    ['Overdue after', formatDuration(overdueAfterMs)],
  ])}${times.length > 0 && html`<h3>Next runs</h3><ul class="times">${times}</ul>`}`;
}
