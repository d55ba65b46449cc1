import type { RunRecord } from '../../record/run-record.ts';
import { html, type Markup, nothing } from '../../support/html.ts';
import { formatCount } from '../../support/quantities.ts';
import { nameStage } from '../../support/vocabulary.ts';
import { withCode } from '../format.ts';
import type { View } from '../layout.ts';

/**
 * Why a run ended as it did, each reason with its next step.
 * @param lead the text above it: if it already contains the only reason in full, that is not repeated.
 */
export function whySection(view: View, run: RunRecord, lead: string): Markup {
  const { error, warnings } = run;
  const own = error && run.reasons.every(({ sentence }) => sentence !== error.message) ? error : undefined;
  const whys = [
    ...run.reasons.map(({ reason, sentence, hint }) => ({ title: reason, sentence: view.show(sentence, 2000), hint })),
    ...(own ? [whyOfError(view, own)] : []),
  ];
  const isSaid = whys.length === 1 && whys.every(({ sentence }) => lead.endsWith(sentence));
  const items = whys.map(({ title, sentence, hint }) => whyItem(view, title, isSaid ? undefined : sentence, hint));
  const evidence = [...(error?.details ?? []), ...run.restoreErrors];
  if (items.length + evidence.length + warnings.length === 0) return nothing;
  return html`<section aria-labelledby="why-heading" class="why"><h2 id="why-heading">${items.length > 0 ? 'Why' : 'Warnings'}</h2>
${items}
${evidence.length > 0 && html`<details id="evidence"><summary>${evidenceTitle(run)}</summary><pre tabindex="0"><code>${evidence.map((line) => view.show(line, 1000)).join('\n')}</code></pre></details>`}
${warnings.length > 0 && html`<ul class="warnings">${warnings.map((warning) => html`<li>${view.show(warning, 500)}</li>`)}</ul>`}
</section>`;
}

function whyOfError(view: View, { code, stage, message, hint }: NonNullable<RunRecord['error']>) {
  return { title: `${code}${stage ? ` in ${nameStage(stage)}` : ''}`, sentence: view.show(message, 2000), hint };
}

function whyItem(view: View, title: string, sentence: string | undefined, hint: string | undefined): Markup {
  return html`<div class="reason"><h3>${title}</h3>${sentence !== undefined && html`<p>${sentence}</p>`}${hint !== undefined && html`<p class="next"><strong>Next:</strong> ${withCode(view.show(hint, 1000))}</p>`}</div>`;
}

function evidenceTitle({ restoreErrorCount, restoreErrors }: RunRecord): string {
  if (restoreErrorCount === 0) return 'Evidence';
  const shown = restoreErrors.length < restoreErrorCount ? `, the first ${restoreErrors.length}` : '';
  return `Evidence: ${formatCount(restoreErrorCount)} restore errors${shown}`;
}
