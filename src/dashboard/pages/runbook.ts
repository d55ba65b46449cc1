import type { Drill } from '../../config/drill-file.ts';
import type { RunRecord } from '../../record/run-record.ts';
import type { ErrorCode } from '../../support/errors.ts';
import { html, type Markup } from '../../support/html.ts';
import type { RunbookReader } from '../deps.ts';
import { layout, type View } from '../layout.ts';
import { findSection } from '../markdown.ts';
import { isAddress, pageOf, renderRunbook } from '../runbooks.ts';

export interface ShownRunbook {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
  /** Whether it is expanded initially. */
  readonly isOpen: boolean;
}

/** The runbooks for a run's result: the page of each reason or code, and the drill owner's own. None for a run that passed. */
export async function findRunbooks(
  reader: RunbookReader,
  run: Pick<RunRecord, 'reasons' | 'error' | 'status' | 'verdict'>,
  drill: Drill | undefined,
): Promise<readonly ShownRunbook[]> {
  if (run.status === 'running' || run.verdict === 'passed') return [];
  const codes: ErrorCode[] = [...new Set(run.error ? [run.error.code] : [])];
  const wanted = new Map(codes.map((code) => [pageOf(code).page, pageOf(code).heading]));
  for (const { reason } of run.reasons) if (!wanted.has(reason)) wanted.set(reason, reason);
  const shown: ShownRunbook[] = [];
  if (drill?.runbook !== undefined) {
    const text = await reader.ofDrill(drill);
    const title = `Recovery runbook: ${drill.name}`;
    if (text !== undefined)
      shown.push({ id: 'own', title, body: renderRunbook(text, undefined), isOpen: shown.length === 0 });
    else if (isAddress(drill.runbook)) shown.push({ id: 'own', title, body: addressOf(drill.runbook), isOpen: true });
  }
  for (const [page, heading] of wanted) {
    const text = await reader.page(page);
    if (text === undefined) continue;
    const body = html`${renderRunbook(findSection(text, heading) ?? text, page)}<p><a href="/runbooks/${page}">The whole page</a></p>`;
    shown.push({ id: page, title: `Runbook: ${heading}`, body, isOpen: shown.length === 0 });
  }
  return shown;
}

function addressOf(url: string): Markup {
  return html`<p><a href="${url}" rel="noreferrer noopener">${url}</a></p>`;
}

export function runbookSection({ id, title, body, isOpen }: ShownRunbook): Markup {
  return html`<section class="runbook" aria-labelledby="runbook-${id}-heading"><h2 id="runbook-${id}-heading">${title}</h2><details id="runbook-${id}"${isOpen && html` open`}><summary>Read</summary>${body}</details></section>`;
}

/** A page that ships with Firedrill. */
export function runbookPage(view: View, page: string, text: string): Markup {
  const title = /^# (.+)$/m.exec(text)?.[1] ?? page;
  const body = html`<p class="crumbs"><a href="/">Overview</a> › Runbooks</p><div class="head"><h1>${title}</h1></div>${renderRunbook(text.replace(/^# .+$/m, ''), page, 0)}`;
  return layout(view, { title: `Runbook: ${title}`, body });
}
