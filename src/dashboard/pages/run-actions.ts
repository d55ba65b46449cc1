import { html, type Markup, nothing } from '../../support/html.ts';
import { pathOfDrill, pathOfRun } from '../format.ts';
import { actionForm, layout, type View } from '../layout.ts';

/** A button that copies a text; absent without the script. @param what for screen readers: `run id`. */
export function copyButton(text: string, what: string): Markup {
  return html`<button type="button" class="quiet copy" data-copy="${text}" aria-label="Copy ${what}" hidden>Copy</button>`;
}

/** Queues the drill of a run once more. */
export function runAgain(view: View, drill: string): Markup {
  if (view.identity?.role !== 'operator') return nothing;
  return actionForm(view, `${pathOfDrill(drill)}/run`, html`<button type="submit" id="again">Run again</button>`);
}

/** Links to the confirmation for canceling: a separate page, so that it works without a script. */
export function cancelLink(runId: string): Markup {
  return html`<a class="button danger" id="cancel" href="${pathOfRun(runId)}/cancel">Cancel run…</a>`;
}

/** Asks whether to cancel a run in progress. */
export function cancelPage(view: View, run: { readonly id: string; readonly drill: string }, where: string): Markup {
  const path = pathOfRun(run.id);
  return layout(view, {
    title: `Cancel ${run.drill} ${run.id}`,
    body: html`<p class="crumbs"><a href="/">Overview</a> › <a href="${pathOfDrill(run.drill)}">${view.show(run.drill)}</a> › <a href="${path}">${run.id}</a></p>
<div class="head"><h1>Cancel this run?</h1></div>
<p class="lead">${view.show(run.drill)} is in progress: ${where}. Its sandbox is removed, and the run ends without a verdict.</p>
<div class="controls">${actionForm(view, `${path}/stop`, html`<button type="submit" class="danger" id="stop">Cancel run</button>`)} <a class="button" href="${path}">Keep running</a></div>`,
  });
}
