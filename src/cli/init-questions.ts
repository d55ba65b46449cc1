import { createInterface } from 'node:readline/promises';
import type { z } from 'zod';
import { SOURCE_EXAMPLES } from '../backup/registry.ts';
import { drillSchema } from '../config/drill-schema.ts';
import { listWords } from '../config/fields.ts';
import { ENGINE_TYPES, type EngineType } from '../engines/registry.ts';
import { DrillError } from '../support/errors.ts';
import type { Io } from './io.ts';

/** The flags of `firedrill init`, as given. */
export interface InitOptions {
  readonly config?: string | undefined;
  readonly name?: string | undefined;
  readonly engine?: string | undefined;
  readonly source?: string | undefined;
  readonly match?: string | undefined;
  readonly rto?: string | undefined;
  readonly rpo?: string | undefined;
  readonly database?: string | undefined;
  readonly table?: string | undefined;
}

/** Empty text where an optional answer was left out. */
export interface InitAnswers {
  readonly name: string;
  readonly engine: EngineType;
  readonly source: string;
  readonly match: string;
  readonly rto: string;
  readonly rpo: string;
  readonly database: string;
  readonly table: string;
}

interface Question {
  readonly flag: keyof InitAnswers;
  readonly ask: string;
  /** Used for an empty answer; undefined: an answer is required. */
  readonly fallback: string | undefined;
  /** True: an objective or a location that a script has to give, even if the question has a fallback. */
  readonly needsFlag: boolean;
  readonly schema: z.ZodType;
}

const { backup, engine, objectives } = drillSchema.shape;

const QUESTIONS: readonly Question[] = [
  { flag: 'name', ask: 'Name of the drill', fallback: undefined, needsFlag: true, schema: drillSchema.shape.name },
  {
    flag: 'engine',
    ask: `Engine: ${listWords(ENGINE_TYPES, 'or')}`,
    fallback: ENGINE_TYPES[0],
    needsFlag: false,
    schema: engine.shape.type,
  },
  {
    flag: 'source',
    ask: `Backup location: ${SOURCE_EXAMPLES}`,
    fallback: undefined,
    needsFlag: true,
    schema: backup.shape.source,
  },
  {
    flag: 'match',
    ask: 'Files that are backups of this database, such as orders-*.dump',
    fallback: undefined,
    needsFlag: true,
    schema: backup.shape.match,
  },
  { flag: 'rto', ask: 'Maximum recovery time (RTO)', fallback: '15m', needsFlag: true, schema: objectives.shape.rto },
  {
    flag: 'rpo',
    ask: 'Maximum age of the newest backup (RPO; - for none)',
    fallback: '26h',
    needsFlag: false,
    schema: objectives.shape.rpo,
  },
  {
    flag: 'database',
    ask: 'Database to check (empty: the one named in the backup)',
    fallback: '',
    needsFlag: false,
    schema: engine.shape.database,
  },
  {
    flag: 'table',
    ask: 'A table that must not be empty (empty: none)',
    fallback: '',
    needsFlag: false,
    schema: engine.shape.database,
  },
];

/**
 * Collects the answers from flags and, on a terminal, from questions.
 * Throws `usage` for an invalid flag, for missing ones without a terminal, and when the user cancels the questions.
 */
export async function askMissing(io: Io, options: InitOptions): Promise<InitAnswers> {
  const given: Partial<Record<keyof InitAnswers, string>> = {};
  for (const question of QUESTIONS) {
    const value = options[question.flag];
    if (value === undefined) continue;
    const problem = explain(question, value);
    if (problem)
      throw new DrillError('usage', `--${question.flag}: ${problem}`, {
        hint: 'Correct the flag; `firedrill init --help` shows an example.',
      });
    given[question.flag] = value;
  }
  const open = QUESTIONS.filter(({ flag }) => given[flag] === undefined);
  const answers = io.stdin.isTTY === true ? await ask(io, open) : takeFallbacks(open);
  return { ...emptyAnswers, ...answers, ...given } as InitAnswers;
}

const emptyAnswers: Record<keyof InitAnswers, string> = {
  name: '',
  engine: '',
  source: '',
  match: '',
  rto: '',
  rpo: '',
  database: '',
  table: '',
};

function takeFallbacks(open: readonly Question[]): Partial<Record<keyof InitAnswers, string>> {
  const missing = open.filter(({ needsFlag }) => needsFlag).map(({ flag }) => `--${flag}`);
  if (missing.length > 0) {
    throw new DrillError('usage', `there is no terminal to ask questions on; missing: ${missing.join(', ')}`, {
      hint: 'Give them as flags; `firedrill init --help` shows an example.',
    });
  }
  // Questions that were not asked are left out of the file, except the engine.
  return Object.fromEntries(open.map(({ flag, fallback }) => [flag, flag === 'engine' ? fallback : '']));
}

async function ask(io: Io, questions: readonly Question[]): Promise<Partial<Record<keyof InitAnswers, string>>> {
  const reader = createInterface({ input: io.stdin, signal: io.interrupt });
  const lines = reader[Symbol.asyncIterator]();
  const answers: Partial<Record<keyof InitAnswers, string>> = {};
  try {
    for (const question of questions) answers[question.flag] = await askOne(io, question, lines);
    return answers;
  } finally {
    reader.close();
  }
}

async function askOne(io: Io, question: Question, lines: AsyncIterator<string>): Promise<string> {
  for (;;) {
    io.stdout.write(`${question.ask}${question.fallback ? ` [${question.fallback}]` : ''}: `);
    const { value, done } = await lines.next();
    io.interrupt.throwIfAborted();
    if (done)
      throw new DrillError('usage', 'init was canceled; nothing was written', {
        hint: 'Start again, or give the answers as flags.',
      });
    const answer = value.trim() || question.fallback;
    const isNone = question.flag === 'rpo' && answer === '-';
    const problem =
      answer === undefined ? 'required; there is no default' : isNone ? undefined : explain(question, answer);
    if (!problem) return isNone ? '' : (answer ?? '');
    io.stdout.write(`  ${problem}\n`);
  }
}

function explain(question: Question, value: string): string | undefined {
  if (value === '' && question.fallback === '') return undefined;
  return question.schema.safeParse(value).error?.issues[0]?.message;
}
