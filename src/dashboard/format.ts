import type { RunRecord } from '../record/run-record.ts';
import { html, type Markup } from '../support/html.ts';
import { formatInstant } from '../support/instants.ts';
import { formatAge } from '../support/quantities.ts';

/** `9 h ago`, with the instant as a tooltip. */
export function ago(at: Date, now: Date): Markup {
  const ageMs = Math.max(0, now.getTime() - at.getTime());
  return timeOf(at, ageMs < 60_000 ? 'just now' : `${formatAge(ageMs)} ago`);
}

/** `in 9 h`; an instant in the past is due. */
export function ahead(at: Date, now: Date): Markup {
  const leftMs = at.getTime() - now.getTime();
  return timeOf(at, leftMs <= 0 ? 'due' : `in ${formatAge(Math.max(60_000, leftMs))}`);
}

/** `21 Nov 2026, 03:15 UTC`, with the exact instant as a tooltip. */
export function instant(at: Date): Markup {
  return timeOf(at, formatInstant(at), at.toISOString());
}

function timeOf(at: Date, words: string, title = formatInstant(at)): Markup {
  return html`<time datetime="${at.toISOString()}" title="${title}">${words}</time>`;
}

/** The short form of an id: it sorts by time, and its end distinguishes two of the same second. */
export function runLink(run: Pick<RunRecord, 'id'>): Markup {
  return html`<a class="id" href="${pathOfRun(run.id)}">${run.id}</a>`;
}

export function pathOfRun(id: string): string {
  return `/runs/${encodeURIComponent(id)}`;
}

export function pathOfDrill(name: string): string {
  return `/drills/${encodeURIComponent(name)}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** Our own hints have commands in backticks. @param text without control characters. */
export function withCode(text: string): Markup {
  return html`${text.split(/`([^`]+)`/).map((part, index) => (index % 2 === 0 ? part : html`<code>${part}</code>`))}`;
}
