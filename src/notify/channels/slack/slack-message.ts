import type { IncomingWebhookSendArguments } from '@slack/webhook';
import type { Notification } from '../../notification.ts';
import { describeSince, describeState, printableNotification } from '../../notification-text.ts';

/** Limits of Block Kit: https://docs.slack.dev/reference/block-kit/blocks. Slack refuses blocks of more than about 13,000 characters in total. */
const MAX_HEADER = 150;
const MAX_SECTION = 3000;
const MAX_FIELDS = 10;
const MAX_FIELD = 700;
const MAX_ROWS_TEXT = 5500;

type Block = NonNullable<IncomingWebhookSendArguments['blocks']>[number];

/** A notification in Block Kit, with plain text for notifications and for clients without block support. */
export function toSlackMessage(notification: Notification): IncomingWebhookSendArguments {
  const { headline, drill, facts, nextStep, links, rows, ...rest } = printableNotification(notification);
  const context = [
    describeSince(rest),
    drill?.owner === undefined ? undefined : `owner ${drill.owner}`,
    drill?.tier === undefined ? undefined : `tier ${drill.tier}`,
  ].filter((text) => text !== undefined);
  const blocks: Block[] = [
    { type: 'header', text: { type: 'plain_text', text: cutTo(headline, MAX_HEADER), emoji: false } },
    ...(escapeMarkup(headline).length > MAX_HEADER ? [section(cutTo(headline, MAX_SECTION))] : []),
    ...(context.length > 0 ? [contextBlock(cutTo(context.join(' · '), MAX_SECTION))] : []),
    ...(facts.length > 0 ? [factsSection(facts)] : []),
    ...rowSections(rows),
    ...(nextStep === undefined ? [] : [section(`*Next step:* ${cutTo(nextStep, MAX_SECTION - 20)}`)]),
    ...(links.length > 0 ? [section(fitLines(links.map(formatLink), ' · ', MAX_SECTION))] : []),
  ];
  return { text: cutTo(headline, MAX_SECTION), blocks, unfurl_links: false, unfurl_media: false };
}

/** `verbatim` prevents Slack from linking names of people and channels, and addresses. */
function section(text: string): Block {
  return { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } };
}

function contextBlock(text: string): Block {
  return { type: 'context', elements: [{ type: 'mrkdwn', text, verbatim: true }] };
}

function factsSection(facts: Notification['facts']): Block {
  const fields = facts.slice(0, MAX_FIELDS).map(({ label, text }) => ({
    type: 'mrkdwn' as const,
    text: `*${cutTo(label, 100)}*\n${cutTo(text, MAX_FIELD)}`,
    verbatim: true,
  }));
  return { type: 'section', fields };
}

/** Worst first; rows that do not fit are counted. */
function rowSections(rows: Notification['rows']): Block[] {
  const lines = rows.map(
    ({ state, drill, text }) => `*${describeState(state)}* ${cutTo(drill, 200)}: ${cutTo(text, 300)}`,
  );
  const blocks: Block[] = [];
  const current: string[] = [];
  let room = MAX_ROWS_TEXT;
  let shown = 0;
  for (const line of lines) {
    room -= line.length + 1;
    if (room < 0) break;
    if (current.join('\n').length + line.length + 1 > MAX_SECTION) blocks.push(section(current.splice(0).join('\n')));
    current.push(line);
    shown += 1;
  }
  if (current.length > 0) blocks.push(section(current.join('\n')));
  return shown < lines.length ? [...blocks, contextBlock(`… and ${lines.length - shown} more drills`)] : blocks;
}

/** `|` and `>` would end the address inside the link. */
function formatLink({ label, url }: Notification['links'][number]): string {
  const address = escapeMarkup(url.replaceAll('|', '%7C').replaceAll('<', '%3C').replaceAll('>', '%3E'));
  return `<${address}|${cutTo(label.replaceAll('|', '/'), 200)}>`;
}

/** Joins as many whole lines as fit, because a truncated link does not work. */
function fitLines(lines: readonly string[], separator: string, max: number): string {
  return lines.reduce((text, line) => {
    const longer = text === '' ? line : `${text}${separator}${line}`;
    return longer.length > max ? text : longer;
  }, '');
}

/** Escapes the text and cuts the result to at most `max` characters. */
function cutTo(text: string, max: number): string {
  const whole = escapeMarkup(text);
  if (whole.length <= max) return whole;
  let cut = '';
  for (const character of text) {
    const next = cut + escapeMarkup(character);
    if (next.length > max - 1) break;
    cut = next;
  }
  return `${cut}…`;
}

/** https://docs.slack.dev/messaging/formatting-message-text: only these three are escaped. */
function escapeMarkup(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
