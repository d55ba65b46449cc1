import { expect, it } from 'vitest';
import type { Lane } from '../../../src/engines/sql-dump/lanes.ts';
import { LoadErrors } from '../../../src/engines/sql-dump/load-errors.ts';
import type { Statement } from '../../../src/engines/sql-dump/statement.ts';
import { MAX_TRIES, StatementRunner } from '../../../src/engines/sql-dump/statement-runner.ts';
import type { LoadFinding } from '../../../src/engines/whose-fault.ts';
import { DrillError } from '../../../src/support/errors.ts';

/** Statements sent in a session, in order. */
type Session = string[];

/** Runs statements whose text determines how they fail. */
class ScriptedRunner extends StatementRunner<Session> {
  async runBatch(lane: Lane<Session>, statements: readonly Statement[]): Promise<void> {
    for (const statement of statements) await this.attempt(lane, statement);
  }

  protected async apply(session: Session, settings: readonly Buffer[]): Promise<void> {
    session.push(...settings.map(String));
  }

  protected async run(session: Session, { bytes }: Statement): Promise<void> {
    session.push(String(bytes));
    if (String(bytes) === 'deadlock twice' && session.length > 2) return;
    if (/^(?:refused|deadlock|lost|lacks)/.test(String(bytes))) throw new Error(String(bytes));
  }

  protected isWorthAnotherTry(error: unknown): boolean {
    return String(error).includes('deadlock');
  }

  protected async fatalError(error: unknown): Promise<DrillError | undefined> {
    return String(error).includes('lost') ? new DrillError('server-failed', 'the session was lost') : undefined;
  }

  protected findingOf(error: unknown, { line }: Statement): LoadFinding {
    const kind = String(error).includes('lacks') ? 'extension-missing' : 'refused';
    return { kind, text: `line ${line}: ${kind}` };
  }
}

function begin(): { errors: LoadErrors; runner: ScriptedRunner } {
  const errors = new LoadErrors([]);
  return { errors, runner: new ScriptedRunner({ signal: new AbortController().signal, errors }) };
}

const lane = (): Lane<Session> => ({ client: [], settingsApplied: 0 });
const statement = (text: string, line = 1): Statement => ({ bytes: Buffer.from(text), line });

it('applies missed settings once before a session runs something', async () => {
  const { runner } = begin();
  const [first, second] = [lane(), lane()];
  for (const setting of ['SET a', 'SET b']) {
    await runner.attempt(first, statement(setting));
    runner.addSetting(Buffer.from(setting), first);
  }
  await runner.attempt(second, statement('x'));
  await runner.attempt(second, statement('y'));
  expect(first.client).toEqual(['SET a', 'SET b']);
  expect(second.client).toEqual(['SET a', 'SET b', 'x', 'y']);
});

it('brings every session up to date before it drops settings', async () => {
  const { runner } = begin();
  const [first, second, late] = [lane(), lane(), lane()];
  runner.addSetting(Buffer.from('SET a'), first);
  await runner.forget([first, second]);
  expect(runner.settingCount).toBe(0);
  runner.addSetting(Buffer.from('SET b'), first);
  await runner.attempt(second, statement('x'));
  await runner.attempt(late, statement('y'));
  expect(first.client).toEqual([]);
  expect(second.client).toEqual(['SET a', 'SET b', 'x']);
  expect(late.client).toEqual(['SET b', 'y']);
});

it('records a refused statement and continues', async () => {
  const { runner, errors } = begin();
  const session = lane();
  expect(await runner.attempt(session, statement('refused', 7))).toBe(false);
  expect(await runner.attempt(session, statement('next', 8))).toBe(true);
  expect(errors.outcome('d')).toMatchObject({ errorCount: 1, errors: ['line 7: refused'] });
  expect(runner.fatal).toBeUndefined();
});

it.each([
  ['a lost session', 'lost', 'server-failed'],
  ['something that the image lacks', 'lacks', 'extension-missing'],
])('ends the load with %s, and runs nothing after it', async (_title, text, code) => {
  const { runner } = begin();
  const session = lane();
  await runner.attempt(session, statement(text));
  expect(runner.fatal?.code).toBe(code);
  expect(await runner.attempt(session, statement('next'))).toBe(false);
  expect(await runner.attemptBeside(session, statement('beside'))).toBe('done');
  expect(session.client).toEqual([text]);
});

it.each([
  ['runs a statement again after a deadlock', 'deadlock twice', 3, 0],
  ['records a deadlock that does not end', 'deadlock always', MAX_TRIES, 1],
])('%s', async (_title, text, sent, errorCount) => {
  const { runner, errors } = begin();
  const session = lane();
  await runner.attempt(session, statement(text));
  expect(session.client).toEqual(Array.from({ length: sent }, () => text));
  expect(errors.reported).toBe(errorCount);
});

it('leaves a statement that failed only because of parallel ones to the caller', async () => {
  const { runner, errors } = begin();
  expect(await runner.attemptBeside(lane(), statement('deadlock'))).toBe('again');
  expect(await runner.attemptBeside(lane(), statement('refused'))).toBe('done');
  expect(errors.reported).toBe(1);
});
