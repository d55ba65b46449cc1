import { InvalidArgumentError, Option } from 'commander';
import { describeDefaultRuntime, RUNTIME_NAMES } from '../../sandbox/registry.ts';
import { parseDurationMs, parseTargetShare } from '../../support/quantities.ts';
import { IDENTITIES, LABEL_NAME, SHOWN_STATES, type ShownState } from '../../support/vocabulary.ts';

/** Options that several commands share, and the parsers of their values; an invalid value is a usage error. */

export function runtimeOption(): Option {
  return new Option('--runtime <name>', `where servers run (default: ${describeDefaultRuntime()})`).choices([
    ...RUNTIME_NAMES,
  ]);
}

export function identityOption(): Option {
  return new Option(
    '--as <identity>',
    'whose keys and credentials to read the backup with; recovery: those in `backup.identity` (default: as the drill says)',
  ).choices([...IDENTITIES]);
}

export function duration(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === undefined) throw new InvalidArgumentError('Write a duration such as 90s, 30m or 2h.');
  return ms;
}

export function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('Write a whole number, 1 or more.');
  return value;
}

export function tier(text: string): number {
  if (!/^\d$/.test(text)) throw new InvalidArgumentError('Write a tier from 0 to 9.');
  return Number(text);
}

/** `service=payments`, added to those given earlier. */
export function label(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, key = '', value = ''] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (!LABEL_NAME.test(key)) throw new InvalidArgumentError('Write a label of drill files such as service=payments.');
  if (Object.hasOwn(before, key)) throw new InvalidArgumentError(`${key} is given twice; a drill has one value of it.`);
  return { ...before, [key]: value };
}

/** States of runs, separated by commas. */
export function runStates(text: string): readonly ShownState[] {
  const states = text.split(',').map((word) => SHOWN_STATES.find((state) => state === word.trim()));
  const known = states.filter((state) => state !== undefined);
  if (known.length < states.length)
    throw new InvalidArgumentError(`Write one or more of ${SHOWN_STATES.join(', ')}, separated by commas.`);
  return known;
}

export function targetShare(text: string): number {
  const share = parseTargetShare(text);
  if (share === undefined) throw new InvalidArgumentError('Write a share from 50% to 100%, such as 99% or 99.5%.');
  return share;
}

export function days(text: string): number {
  const value = count(text);
  if (value > 366) throw new InvalidArgumentError('Write at most 366 days.');
  return value;
}
