import type { z } from 'zod';
import { SOURCE_EXAMPLES } from '../../backup/registry.ts';
import { drillSchema } from '../../config/drill-schema.ts';
import { listWords } from '../../config/fields.ts';
import { ENGINE_TYPES } from '../../engines/registry.ts';
import { CHANNEL_TYPES } from '../../notify/channel-registry.ts';
import { DrillError } from '../../support/errors.ts';

/** The answers, given by flags or by the user. */
export type AnswerName =
  | 'source'
  | 'match'
  | 'engine'
  | 'key'
  | 'name'
  | 'rto'
  | 'rpo'
  | 'schedule'
  | 'channel'
  | 'database'
  | 'table';

/** The flags of `firedrill init`, as given. */
export type InitFlags = Readonly<Partial<Record<AnswerName, string | undefined>>>;

/** An answer that omits the key. */
export const NONE = '-';

const { backup, engine, objectives, schedule } = drillSchema.shape;

/** The question, and the requirements for its answer. */
export const QUESTIONS: Readonly<Record<AnswerName, { readonly ask: string; readonly schema?: z.ZodType }>> = {
  source: { ask: `Where are the backups? ${SOURCE_EXAMPLES}`, schema: backup.shape.source },
  match: {
    ask: 'Which files are backups of this database? A pattern such as orders-*.dump',
    schema: backup.shape.match,
  },
  engine: { ask: `Engine: ${listWords(ENGINE_TYPES, 'or')}`, schema: engine.shape.type },
  key: { ask: 'Key that decrypts them: a file such as ./backup.key, or a variable such as BACKUP_KEY' },
  name: { ask: 'Name of the drill', schema: drillSchema.shape.name },
  rto: { ask: 'Recovery must take at most (RTO)', schema: objectives.shape.rto },
  rpo: { ask: 'The newest backup must be younger than (RPO; - for no limit)', schema: objectives.shape.rpo },
  schedule: {
    ask: 'When should `firedrill serve` run it? A cron expression in UTC, new-backup, or - for never',
    schema: schedule,
  },
  channel: { ask: `Where do alerts go? ${listWords(CHANNEL_TYPES, 'or')}; - for nowhere` },
  database: { ask: 'Database to check (empty: the one named in the backup)', schema: engine.shape.database },
  table: { ask: 'A table that must not be empty (empty: none)', schema: engine.shape.database },
};

const NAMES = Object.keys(QUESTIONS) as readonly AnswerName[];
const MAY_BE_NONE: ReadonlySet<AnswerName> = new Set(['rpo', 'schedule', 'channel']);
const MAY_BE_EMPTY: ReadonlySet<AnswerName> = new Set(['database', 'table']);

/** @returns the problem with an answer. */
export function explainAnswer(name: AnswerName, answer: string): string | undefined {
  if (answer === NONE && MAY_BE_NONE.has(name)) return undefined;
  if (answer === '' && MAY_BE_EMPTY.has(name)) return undefined;
  if (name === 'channel' && !CHANNEL_TYPES.some((type) => type === answer))
    return `must be ${listWords(CHANNEL_TYPES, 'or')}`;
  const value = name === 'schedule' ? scheduleOf(answer) : answer;
  return QUESTIONS[name].schema?.safeParse(value).error?.issues[0]?.message;
}

/** `schedule:` of a drill file. */
export function scheduleOf(answer: string): unknown {
  if (answer === NONE) return undefined;
  return answer === 'new-backup' ? { on: 'new-backup' } : answer;
}

/** Answers that a script must give, because there is nothing to propose. */
const REQUIRED: readonly AnswerName[] = ['source', 'rto'];

/** @throws DrillError `usage` for the first flag whose value is invalid, and for missing ones without a terminal. */
export function checkFlags(flags: InitFlags, { canAsk }: { readonly canAsk: boolean }): void {
  for (const name of NAMES) {
    const value = flags[name];
    const problem = value === undefined ? undefined : explainAnswer(name, value);
    if (problem !== undefined)
      throw new DrillError('usage', `--${name}: ${problem}`, {
        hint: 'Correct the flag; `firedrill init --help` shows an example.',
      });
  }
  const missing = REQUIRED.filter((name) => flags[name] === undefined).map((name) => `--${name}`);
  if (canAsk || missing.length === 0) return;
  throw new DrillError('usage', `there is no terminal to ask questions on; missing: ${missing.join(', ')}`, {
    hint: 'Give them as flags; `firedrill init --help` shows an example.',
  });
}
