import type { RunRecord } from '../../record/run-record.ts';
import { type Child, html, type Markup } from '../../support/html.ts';
import { formatBytes, formatDuration } from '../../support/quantities.ts';
import { recoveryBar } from '../charts.ts';
import { instant } from '../format.ts';
import type { View } from '../layout.ts';

/** Key figures of an ended run: recovery against RTO, age against RPO, size, checks, how it was started. */
export function runTiles(view: View, run: RunRecord): Markup {
  const { recoveryTimeMs, dataLossMs, objectives, backup, checks, startedAt, triggeredBy } = run;
  const failed = checks.filter(({ passed }) => !passed).length;
  const tiles: Markup[] = [
    tile(
      'Recovery time',
      recoveryTimeMs === undefined ? '–' : formatDuration(recoveryTimeMs),
      html`${recoveryTimeMs === undefined ? 'not measured, ' : ''}RTO ${formatDuration(objectives.rtoMs)}${recoveryTimeMs !== undefined && recoveryBar(recoveryTimeMs, objectives.rtoMs)}`,
    ),
    tile(
      'Backup age',
      dataLossMs === undefined ? '–' : formatDuration(dataLossMs),
      objectives.rpoMs === undefined ? 'no RPO' : `RPO ${formatDuration(objectives.rpoMs)}`,
    ),
    tile(
      'Backup size',
      backup ? formatBytes(backup.sizeBytes) : '–',
      backup?.format === undefined ? '' : view.show(backup.format, 60),
    ),
    tile(
      'Checks',
      checks.length === 0 ? '–' : `${checks.length - failed} of ${checks.length}`,
      checks.length === 0 ? 'none ran' : failed === 0 ? 'all passed' : `${failed} failed`,
    ),
    tile('Started', instant(startedAt), view.show(triggeredBy, 80)),
  ];
  return html`<dl class="tiles run-tiles">${tiles}</dl>`;
}

function tile(label: string, value: Child, sub: Child): Markup {
  return html`<div><dt>${label}</dt><dd><span class="value">${value}</span>${sub !== '' && html`<span class="sub">${sub}</span>`}</dd></div>`;
}
