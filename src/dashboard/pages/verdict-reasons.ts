import type { RunRecord } from '../../record/run-record.ts';
import { type Child, html, type Markup, nothing } from '../../support/html.ts';
import { formatCount } from '../../support/quantities.ts';
import { nameStage } from '../../support/vocabulary.ts';
import { withCode } from '../format.ts';
import type { View } from '../layout.ts';
import { describeFault } from '../run-fault.ts';
import type { ShownRunbook } from './runbook.ts';

/**
 * What failed and why, whose fault it is, and what to do next; for a run that passed, its warnings.
 * @param lead the text above it: if it already contains the only reason in full, that is not repeated.
 * @param runbooks shown further down on the page.
 */
export function whySection(
  view: View,
  run: RunRecord,
  lead: string,
  runbooks: readonly Pick<ShownRunbook, 'id' | 'title'>[],
): Markup {
  const { error, warnings } = run;
  const own = error && run.reasons.every(({ sentence }) => sentence !== error.message) ? error : undefined;
  const whys = [
    ...run.reasons.map(({ reason, sentence, hint }) => ({ title: reason, sentence: view.show(sentence, 2000), hint })),
    ...(own ? [whyOfError(view, own)] : []),
  ];
  const isSaid = whys.length === 1 && whys.every(({ sentence }) => lead.endsWith(sentence));
  const evidence = [...(error?.details ?? []), ...run.restoreErrors];
  if (whys.length + evidence.length + warnings.length === 0) return nothing;
  const fault = whys.length > 0 ? describeFault(run) : undefined;
  const isOne = whys.length === 1;
  const links = runbooks.map(
    ({ id, title }, index) =>
      html`${index > 0 && ', '}<a href="#runbook-${id}-heading">${view.show(title.replace(/^Runbook: /, ''))}</a>`,
  );
  const cause = html`<dl class="cause">${whys.map(({ title, sentence, hint }) => html`${pair('What failed', html`<code>${title}</code>${!isSaid && html` ${sentence}`}`)}${!isOne && next(view, hint)}`)}${fault !== undefined && pair('Likely cause', fault)}${isOne && next(view, whys[0]?.hint)}${links.length > 0 && pair('Runbook', links)}</dl>`;
  const details =
    evidence.length > 0 &&
    html`<details id="evidence"><summary>${evidenceTitle(run)}</summary><pre tabindex="0"><code>${evidence.map((line) => view.show(line, 1000)).join('\n')}</code></pre></details>`;
  const warned =
    warnings.length > 0 &&
    html`${whys.length > 0 && html`<h3>Warnings</h3>`}<ul class="warnings">${warnings.map((warning) => html`<li>${view.show(warning, 500)}</li>`)}</ul>`;
  return html`<section aria-labelledby="why-heading" class="why ${whys.length > 0 ? toneOfFault(run) : 'warn'}"><h2 id="why-heading">${whys.length > 0 ? 'Why' : 'Warnings'}</h2>
${whys.length > 0 && cause}${details}${warned}</section>`;
}

function toneOfFault({ status }: Pick<RunRecord, 'status'>): 'bad' | 'warn' {
  return status === 'interrupted' ? 'warn' : 'bad';
}

function whyOfError(view: View, { code, stage, message, hint }: NonNullable<RunRecord['error']>) {
  return { title: `${code}${stage ? ` in ${nameStage(stage)}` : ''}`, sentence: view.show(message, 2000), hint };
}

function next(view: View, hint: string | undefined): Markup {
  return hint === undefined ? nothing : pair('Next', withCode(view.show(hint, 1000)));
}

function pair(label: string, value: Child): Markup {
  return html`<div><dt>${label}</dt><dd>${value}</dd></div>`;
}

function evidenceTitle({ restoreErrorCount, restoreErrors }: RunRecord): string {
  if (restoreErrorCount === 0) return 'Evidence';
  const shown = restoreErrors.length < restoreErrorCount ? `, the first ${restoreErrors.length}` : '';
  return `Evidence: ${formatCount(restoreErrorCount)} restore errors${shown}`;
}
