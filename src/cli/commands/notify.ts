import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { nearest } from '../../config/nearest.ts';
import { formatProblem, problemsError } from '../../config/problem.ts';
import type { Settings } from '../../config/settings.ts';
import type { Channel } from '../../notify/channel.ts';
import { createChannels, DEFAULT_DEADLINES } from '../../notify/channel-registry.ts';
import type { Notification } from '../../notify/notification.ts';
import { parseNotification } from '../../notify/notification-json.ts';
import type { DeliveryRecord } from '../../record/notification-store.ts';
import { asDrillError, DrillError, EXIT } from '../../support/errors.ts';
import { formatAge } from '../../support/quantities.ts';
import { formatTable, painter, printable } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';
import { showWork } from '../work-reporter.ts';

export interface NotifyOptions {
  readonly config: string | undefined;
  readonly json: boolean;
}

const LISTED = 100;

/**
 * `firedrill notify test`: sends a test to the named channels, or to all, and reports the results.
 * @returns 2 if a channel fails. Throws `usage` for an unknown channel, and `config-missing-variable` or similar for a missing setting.
 */
export async function notifyTestCommand(
  tools: Toolbox,
  names: readonly string[],
  options: NotifyOptions,
): Promise<number> {
  const { io } = tools;
  const settings = await tools.loadSettings(options.config);
  const channels = chooseChannels(settings, names, tools);
  const tests = channels.map(async (channel) => ({ channel, error: await tryChannel(channel, tools) }));
  let code: number = EXIT.passed;
  for (const [index, test] of tests.entries()) {
    const sending = `sending a test to ${channels[index]?.name ?? ''}`;
    const share = index === 0 ? undefined : index / tests.length;
    const { channel, error } = await showWork(tools, sending, () => test, share);
    if (error !== undefined) code = EXIT.errored;
    const shown = `${channel.name} (${channel.type}): ${error === undefined ? 'arrived' : `not arrived: ${error}`}`;
    const { name, type } = channel;
    const line = options.json ? JSON.stringify({ type: 'test', channel: name, channelType: type, error }) : shown;
    io.stdout.write(`${line}\n`);
  }
  return io.interrupt.aborted ? EXIT.interrupted : code;
}

/** `firedrill notify list`: the channels, queued notifications, and notifications that were given up, with the reason. */
export async function notifyListCommand(tools: Toolbox, options: NotifyOptions): Promise<number> {
  const { io } = tools;
  const settings = await tools.loadSettings(options.config);
  await using store = await tools.openStore(settings);
  const pending = await store.findDeliveries({ status: 'pending', limit: LISTED });
  const givenUp = await store.findDeliveries({ status: 'given-up', limit: LISTED });
  const deliveries = [...pending, ...givenUp];
  const write = options.json ? writeJson : writeTables;
  write(settings, deliveries, tools);
  for (const problem of settings.notify.missing) io.stderr.write(`${printable(formatProblem(problem))}\n`);
  return EXIT.passed;
}

/** @throws DrillError `usage` for an unknown channel, and the error for missing settings of known ones. */
function chooseChannels(settings: Settings, names: readonly string[], tools: Toolbox): readonly Channel[] {
  const { notify, file } = settings;
  const isChosen = (name: string) => names.length === 0 || names.includes(name);
  const keys = names.map((name) => `notify.channels.${name}.`);
  const missing = notify.missing.filter(({ key }) => keys.length === 0 || keys.some((start) => key.startsWith(start)));
  if (missing.length > 0) throw problemsError(missing);
  const known = notify.channels.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    const all = known.length > 0 ? `The settings have ${known.join(', ')}.` : 'The settings have none.';
    throw new DrillError('usage', `there is no channel ${JSON.stringify(unknown)}`, {
      hint: near === undefined ? all : `Did you mean "${near}"? ${all}`,
    });
  }
  if (known.length === 0) {
    throw new DrillError('usage', 'there is no channel to test', {
      hint: 'Add one under notify.channels in firedrill.yaml; docs/reference.md lists what each type takes.',
    });
  }
  const directory = file === undefined ? tools.io.cwd : dirname(file);
  const { clock, redact } = tools;
  const chosen = notify.channels.filter(({ name }) => isChosen(name));
  return createChannels(chosen, { ...DEFAULT_DEADLINES, clock, redact, directory });
}

/** @returns why delivery failed; undefined: it succeeded. */
async function tryChannel(channel: Channel, { io, clock, redact }: Toolbox): Promise<string | undefined> {
  try {
    await channel.send(makeTest(channel.name, clock.now()), io.interrupt);
    return undefined;
  } catch (thrown) {
    return printable(redact(asDrillError(thrown).message));
  }
}

function makeTest(channel: string, now: Date): Notification {
  return {
    id: randomUUID(),
    kind: 'test',
    at: now.toISOString(),
    drill: undefined,
    state: undefined,
    headline: `TEST: Firedrill can reach you through ${channel}`,
    since: undefined,
    facts: [],
    nextStep: 'Nothing is wrong: `firedrill notify test` was run.',
    links: [],
    rows: [],
  };
}

function writeJson({ notify }: Settings, deliveries: readonly DeliveryRecord[], { io }: Toolbox): void {
  for (const { name, type } of notify.channels)
    io.stdout.write(`${JSON.stringify({ type: 'channel', channel: name, channelType: type })}\n`);
  for (const { notification, key: _, ...delivery } of deliveries)
    io.stdout.write(
      `${JSON.stringify({ type: 'delivery', ...delivery, headline: parseNotification(notification)?.headline })}\n`,
    );
}

function writeTables({ notify }: Settings, deliveries: readonly DeliveryRecord[], { io, clock }: Toolbox): void {
  const paint = painter(io, io.stdout);
  const countOf = (name: string, status: DeliveryRecord['status']) =>
    String(deliveries.filter((one) => one.channel === name && one.status === status).length);
  const channels = notify.channels.map(({ name, type }) => [
    name,
    type,
    countOf(name, 'pending'),
    countOf(name, 'given-up'),
  ]);
  const lines = deliveries.map((delivery) => describeDelivery(delivery, clock.now()));
  const tables = [
    [['CHANNEL', 'TYPE', 'PENDING', 'GIVEN UP'], ...channels],
    ...(lines.length > 0 ? [[['MESSAGE', 'CHANNEL', 'AGE', 'TRIES', 'NEXT', 'WHAT'], ...lines]] : []),
  ];
  const text = tables.map((rows) =>
    formatTable(
      rows,
      (row, column, cell) => {
        if (row === 0) return paint('dim', cell);
        return column === 0 && cell === 'GIVEN UP' ? paint('red', cell) : cell;
      },
      io.stdout.columns,
    ),
  );
  if (channels.length === 0)
    io.stdout.write('no channels, so no notifications are sent; add one under notify.channels in firedrill.yaml\n');
  const shown = channels.length === 0 ? text.slice(1) : text;
  if (shown.length > 0) io.stdout.write(`${shown.join('\n\n')}\n`);
}

/** The channel's answer and the content of the message are untrusted. */
function describeDelivery(delivery: DeliveryRecord, now: Date): readonly string[] {
  const { status, channel, createdAt, attempts, nextAttemptAt, error, notification } = delivery;
  const waitMs = nextAttemptAt.getTime() - now.getTime();
  const next = waitMs > 0 ? `in ${formatAge(waitMs)}` : 'now';
  const headline = parseNotification(notification)?.headline ?? delivery.subject;
  return [
    status === 'pending' ? 'pending' : 'GIVEN UP',
    oneLine(channel),
    formatAge(Math.max(0, now.getTime() - createdAt.getTime())),
    String(attempts),
    status === 'pending' ? next : '',
    oneLine(error === undefined ? headline : `${headline} (${error})`),
  ];
}

function oneLine(text: string): string {
  return printable(text).replaceAll('\n', '\\n');
}
