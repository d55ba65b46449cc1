import { z } from 'zod';
import { parseDurationMs, parseRatio, parseSizeBytes } from '../support/quantities.ts';

/**
 * The kinds of value in configuration files. Messages for a wrong type read `must be …`; the reporter adds the key before and the actual value
 * after. Messages of a custom check are used unchanged.
 */

/** A mapping with exactly these keys allowed. */
export function mapping<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, { error: 'must be a mapping of keys' });
}

/** Text that names something: one line, not blank, and without `${NAME}`, which would not be replaced here. */
export function name(what: string) {
  return z.string({ error: `must be ${what}` }).superRefine((text, context) => {
    if (text.trim() === '') context.addIssue({ code: 'custom', message: `is empty; must be ${what}` });
    else if (/[\r\n]/.test(text)) context.addIssue({ code: 'custom', message: 'must be one line' });
    else if (VARIABLE.test(text)) {
      const message =
        '"${…}" is not replaced here; variables work in backup.source and its keys, engine.image and heartbeat only';
      context.addIssue({ code: 'custom', message });
    }
  });
}

/** Like {@link name}, but `${NAME}` is replaced when the drill is read. */
export function expandable(what: string) {
  return z.string({ error: `must be ${what}` }).refine((text) => text.trim() !== '' && !/[\r\n]/.test(text), {
    error: `is empty or several lines; must be ${what}`,
  });
}

const VARIABLE = /\$\{\w+(:-[^}]*)?\}/;

/** Free text, one or more lines. */
export function prose(what: string) {
  return z
    .string({ error: `must be ${what}` })
    .refine((text) => text.trim() !== '', { error: `is empty; must be ${what}` });
}

const DURATION_PATTERN = '^(\\d+(\\.\\d+)?(ms|s|m|h|d|w))+$';

/** `90s`, `15m`, `1h30m`, `26h`, `7d`. */
export function duration() {
  return z
    .string({ error: 'must be a duration such as 90s, 15m, 26h or 7d' })
    .superRefine((text, context) => {
      const message = parseDurationMs(text) === undefined ? explainDuration(text) : undefined;
      if (message) context.addIssue({ code: 'custom', message });
    })
    .meta({ pattern: DURATION_PATTERN });
}

/** Common words for units; the pattern of each gives the correct unit. */
const UNIT_WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(ms|msecs?|milliseconds?)$/, 'ms'],
  [/^(s|secs?|seconds?)$/, 's'],
  [/^(m|mins?|minutes?)$/, 'm'],
  [/^(h|hrs?|hours?)$/, 'h'],
  [/^(d|days?)$/, 'd'],
  [/^(w|wks?|weeks?)$/, 'w'],
];

function explainDuration(text: string): string {
  const shown = JSON.stringify(text);
  const parts = [...text.toLowerCase().matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)];
  const guess = parts.map(
    ([, amount = '', word = '']) => amount + (UNIT_WORDS.find(([re]) => re.test(word))?.[1] ?? '?'),
  );
  if (text.trim().startsWith('-')) return `${shown} is negative; a duration is longer than zero, such as 15m`;
  if (/^[\d.]+$/.test(text)) return `${shown} has no unit; write ${text}s, ${text}m or ${text}h`;
  if (guess.length > 0 && parts.every(([, amount]) => Number(amount) === 0))
    return `${shown} is zero; a duration is longer than zero, such as 15m`;
  const written = guess.join('');
  if (written !== text && parseDurationMs(written) !== undefined && !/^p/i.test(text))
    return `${shown} is not a duration; write ${written}`;
  if (new RegExp(DURATION_PATTERN).test(text)) return `${shown} is longer than ten years`;
  return `${shown} is not a duration; write one such as 90s, 15m, 26h or 7d`;
}

const MIN_MEMORY_BYTES = 128 * 2 ** 20;

/** `512m`, `2g`: powers of 1024, as in container limits; and at least enough for a server to start. */
export function memorySize() {
  return z
    .string({ error: 'must be a size with a unit such as 512m or 2g' })
    .superRefine((text, context) => {
      const bytes = /[a-z]/i.test(text) ? parseSizeBytes(text) : undefined;
      const shown = JSON.stringify(text);
      if (bytes === undefined)
        context.addIssue({ code: 'custom', message: `${shown} is not a size; write one such as 512m or 2g` });
      else if (bytes < MIN_MEMORY_BYTES)
        context.addIssue({ code: 'custom', message: `${shown} is too little for a server; at least 128m` });
    })
    .meta({ pattern: '^\\d+(\\.\\d+)?\\s*[bkmgtBKMGT](i?[bB])?$' });
}

export function cpuLimit() {
  const error = 'must be a number from 0.1 to 1024';
  return z.number({ error }).min(0.1, { error }).max(1024, { error });
}

/** A whole number within bounds. */
export function wholeNumber(low: number, high: number) {
  const error = `must be a whole number from ${low} to ${high}`;
  return z.int({ error }).min(low, { error }).max(high, { error });
}

/** `10%`: above 0 %, at most 100 %; see `parseRatio`. */
export function percent() {
  const error = 'must be a percentage such as 10%';
  return z
    .string({ error })
    .refine((text) => text.trim().endsWith('%') && parseRatio(text) !== undefined, { error })
    .meta({ pattern: '^\\d+(\\.\\d+)?\\s*%$' });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `must be ${listWords(words, 'or')}` });
}

export function listWords(words: readonly string[], last: 'or' | 'and'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`;
}

export function flag() {
  return z.boolean({ error: 'must be true or false' });
}

/** A JavaScript regular expression; {@link useless} may reject it for a further reason. */
export function pattern(useless: (expression: RegExp) => string | undefined) {
  return z.string({ error: 'must be a regular expression in text' }).superRefine((text, context) => {
    const message = explainPattern(text, useless);
    if (message) context.addIssue({ code: 'custom', message });
  });
}

function explainPattern(text: string, useless: (expression: RegExp) => string | undefined): string | undefined {
  try {
    return useless(new RegExp(text));
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : String(error);
    return `is not a regular expression: ${reason}`;
  }
}

/** Dissimilar texts: an expression that matches all of them matches everything. */
const UNLIKE_TEXTS = [
  '',
  '0',
  '-1.5',
  'x',
  'ERROR: relation "a" does not exist',
  '\n',
  ' ',
  '☃',
  '2026-01-31 00:00:00+00',
];

export function matchesEverything(expression: RegExp): boolean {
  return UNLIKE_TEXTS.every((text) => expression.test(text));
}

/** Whether the text is an HTTP or HTTPS URL. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\/\S+$/.test(text) && URL.canParse(text);
}

/** A secret is referenced, never written out: `${NAME}` or `{ file: … }`. The error for a wrong one contains no value. */
export function secret() {
  const error = 'must say where the secret is stored: "${NAME}" for a variable or { file: PATH }';
  return z.union(
    [
      z.string({ error }).regex(/^\$\{[A-Za-z_]\w*\}$/, {
        error: `is a secret in plain text; it ${error}. Rotate it: it has been exposed`,
      }),
      mapping({
        file: prose('the path of a file').describe(
          'Read when needed, without the trailing newline. Relative to this file; `${NAME}` is replaced.',
        ),
      }),
    ],
    { error },
  );
}

/** A check with these keys in addition to those that every check has. */
export function checkMapping<Shape extends z.ZodRawShape>(shape: Shape, { timeout = '5m' } = {}) {
  return mapping({
    name: name('a sentence that says what is true').describe(
      'What must be true of good data, as a sentence for reports.',
    ),
    ...shape,
    timeout: duration()
      .default(timeout)
      .describe(
        'How long the check may take. One that takes longer is `check-malformed`: a slow copy and a slow query look the same.',
      ),
  });
}
