import type { StandingState } from '../../../support/vocabulary.ts';
import type { Notification } from '../../notification.ts';
import { describeSince, describeState, formatInstant } from '../../notification-text.ts';

/** @param notification already printable. */
export function toEmailText(notification: Notification): string {
  const since = describeSince(notification);
  const blocks = [
    since === undefined ? notification.headline : `${notification.headline}\n${since}`,
    notification.facts.map(({ label, text }) => `${label}: ${text}`).join('\n'),
    notification.rows.map(({ state, drill, text }) => `${describeState(state)} ${drill}: ${text}`).join('\n'),
    notification.nextStep === undefined ? '' : `Next step: ${notification.nextStep}`,
    notification.links.map(({ label, url }) => `${label}: ${url}`).join('\n'),
    `-- \nFiredrill, ${formatInstant(notification.at)}`,
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

/** Readable on light and dark backgrounds: text keeps the reader's own color, and everything else is a mid-tone. */
const TONES = { bad: '#d64545', warn: '#c98a1b', good: '#3a9d5d', plain: '#7a8699' } as const;
const CELL = 'padding:4px 16px 4px 0;vertical-align:top;text-align:left';

/** Escapes everything in the notification. Styles are inline because mail readers drop the rest. @param notification already printable. */
export function toEmailHtml(notification: Notification): string {
  const since = describeSince(notification);
  const facts = notification.facts.map(({ label, text }) => [`<b>${escapeHtml(label)}</b>`, escapeHtml(text)]);
  const rows = notification.rows.map(({ state, drill, text }) => [
    `<b style="color:${toneOf(state)}">${escapeHtml(describeState(state))}</b>`,
    escapeHtml(drill),
    escapeHtml(text),
  ]);
  const tone = notification.kind === 'resolved' ? TONES.good : toneOf(notification.state);
  const body = [
    `<h1 style="font-size:18px;line-height:1.4;margin:0 0 8px;padding-left:12px;border-left:4px solid ${tone}">${escapeHtml(notification.headline)}</h1>`,
    since === undefined ? '' : `<p style="margin:0 0 12px;color:${TONES.plain}">${escapeHtml(since)}</p>`,
    table(facts),
    table(rows),
    notification.nextStep === undefined
      ? ''
      : `<p style="margin:12px 0"><b>Next step:</b> ${escapeHtml(notification.nextStep)}</p>`,
    notification.links.length === 0 ? '' : `<p style="margin:12px 0">${notification.links.map(link).join(' · ')}</p>`,
    `<p style="margin:16px 0 0;font-size:12px;color:${TONES.plain}">Firedrill, ${formatInstant(notification.at)}</p>`,
  ];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark"></head>
<body style="font-family:system-ui,sans-serif;font-size:14px;line-height:1.5;margin:0;padding:16px">
${body.filter((part) => part !== '').join('\n')}
</body></html>
`;
}

function toneOf(state: StandingState | undefined): string {
  if (state === undefined) return TONES.plain;
  if (state === 'passed') return TONES.good;
  return state === 'interrupted' || state === 'running' ? TONES.warn : TONES.bad;
}

function table(rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = rows.map((cells) => `<tr>${cells.map((cell) => `<td style="${CELL}">${cell}</td>`).join('')}</tr>`);
  return `<table style="border-collapse:collapse;margin:0 0 12px">\n${lines.join('\n')}\n</table>`;
}

function link({ label, url }: Notification['links'][number]): string {
  return `<a href="${escapeHtml(url)}">${escapeHtml(label)}</a>`;
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
