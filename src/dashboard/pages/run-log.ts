import type { RunRecord } from '../../record/run-record.ts';
import type { LogLine } from '../../record/store.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { formatCount } from '../../support/quantities.ts';
import { pathOfRun, plural } from '../format.ts';
import type { View } from '../layout.ts';

const SHOWN_LINES = 500;

/** The last lines of a run's log, each with an anchor; with the script, also a filter field. Expanded if the run did not pass. */
export function logSection(view: View, run: RunRecord, log: readonly LogLine[]): Markup {
  if (log.length === 0) return nothing;
  const skipped = Math.max(0, log.length - SHOWN_LINES);
  const lines = log.slice(skipped).map(({ at, level, message }, index) => {
    const number = skipped + index + 1;
    return html`<li id="L${number}" class="${level}"><a href="#L${number}" aria-label="Line ${number}">${number}</a><span class="at">${at.toISOString().slice(11, 19)}</span><span class="level">${level}</span><span class="message">${view.show(message, 2000)}</span></li>`;
  });
  const problems = log.filter(({ level }) => level === 'warn' || level === 'error').length;
  const isOpen = run.status !== 'running' && run.verdict !== 'passed';
  return html`<section aria-labelledby="log-heading"><div class="section-head"><h2 id="log-heading">Log</h2><div class="actions"><input type="search" id="log-filter" placeholder="Filter lines" aria-label="Filter the lines of the log" hidden> <a class="button" href="${pathOfRun(run.id)}/log.txt">Download</a></div></div>
<details id="log"${isOpen && html` open`}><summary>${plural(log.length, 'line')}${problems > 0 && `, ${plural(problems, 'warning or error', 'warnings and errors')}`}${skipped > 0 && `; the last ${formatCount(SHOWN_LINES)} are shown`}</summary>
<ol class="log" tabindex="0" aria-label="Lines of the log">${lines}</ol></details></section>`;
}

/** The whole log as text, one entry per line: `2026-11-21T03:15:02.123Z info  restore: …`. @param show cleans a text from elsewhere. */
export function formatLog(log: readonly LogLine[], show: View['show']): string {
  return log
    .map(({ at, level, message }) => `${at.toISOString()} ${level.padEnd(5)} ${show(message, 10_000)}\n`)
    .join('');
}
