import type { LiveRun } from '../../daemon/control.ts';
import type { RunRecord } from '../../record/run-record.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { parseOwner } from '../../support/owner.ts';
import { ahead, instant, pathOfRun } from '../format.ts';
import { actionForm, type View } from '../layout.ts';

/** How long a sandbox is kept; for users with permission, how to connect (on the host of the process that ran the drill) and how to remove it. */
export function keptSandboxSection(
  view: View,
  { id, leaseOwner }: Pick<RunRecord, 'id' | 'leaseOwner'>,
  kept: NonNullable<LiveRun['kept']>,
): Markup {
  const isOver = kept.until <= view.now;
  return html`<section aria-labelledby="kept-heading" class="note"><h2 id="kept-heading">The sandbox is up until ${instant(kept.until)}</h2>
<p>${isOver ? 'It is being removed.' : html`It is removed ${ahead(kept.until, view.now)}.`}${view.identity?.role !== 'operator' && ' Operators can see here how to connect.'}</p>
${view.identity?.role === 'operator' && !isOver && howToConnect(view, id, parseOwner(leaseOwner)?.host ?? 'the machine that ran the drill', kept)}</section>`;
}

function howToConnect(view: View, runId: string, host: string, kept: NonNullable<LiveRun['kept']>): Markup {
  return html`<p>Run on ${view.show(host, 100)} (click a command to select it):</p>
<dl class="commands">${command(view, 'Connect to its server', kept.clientCommand)}${command(view, 'Open a shell in it', kept.shellCommand)}</dl>
${actionForm(view, `${pathOfRun(runId)}/stop`, html`<button type="submit" class="danger" id="stop">Remove the sandbox</button>`)}`;
}

/** Empty without a command, since a server that is not running cannot be connected to. */
function command(view: View, label: string, text: string): Markup {
  return text === '' ? nothing : html`<dt>${label}</dt><dd><pre><code>${view.show(text, 2000)}</code></pre></dd>`;
}
