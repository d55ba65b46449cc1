import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { DrillError } from '../../../support/errors.ts';
import { toPrintable } from '../../../support/printable.ts';
import type { CommandAccess, CommandOptions } from '../../command-access.ts';
import { CollectedAnswer } from '../../server/collected-answer.ts';
import { findInServerDirs } from '../../server/program-path.ts';
import type { Product } from '../product.ts';

/** An account of the restored server. */
export interface Account {
  readonly user: string;
  readonly password: string;
}

export interface ClientParts {
  readonly sandbox: Sandbox;
  readonly product: Product;
  readonly socket: string;
}

/** The product's own client, logged in, in the sandbox: answers are parsed there, where nothing can be reached. */
export function openClient({ sandbox, product, socket }: ClientParts, { user, password }: Account): CommandAccess {
  return {
    async run(command, { database, maxBytes, signal }: CommandOptions) {
      requireName(command[0]);
      if (database !== undefined) requireNumber(database);
      const output = new CollectedAnswer(maxBytes);
      const argv = findInServerDirs(sandbox, [
        ...[product.client, '-s', socket, '--user', user, '--no-auth-warning', '-e'],
        ...(database === undefined ? [] : ['-n', database]),
        ...command,
      ]);
      const given = AbortSignal.any([signal, sandbox.gone]);
      const env = { REDISCLI_AUTH: password, LC_ALL: 'C' };
      const { exitCode, stderr } = await sandbox.exec(argv, { stdout: output, env, signal: given });
      const answer = output.answer();
      if (exitCode === 0) return answer;
      throw explain(command, `${answer.text}\n${stderr}`.trim());
    },
  };
}

/** The client takes anything that starts with a dash as an option of its own. */
function requireName(name: string | undefined): void {
  if (name !== undefined && /^[A-Za-z][\w.|-]*$/.test(name)) return;
  throw new DrillError('check-malformed', `${JSON.stringify(name ?? '')} is not the name of a command`, {
    hint: 'Write the command first, then each of its arguments: `[HGET, session:1, user]`.',
  });
}

function requireNumber(database: string): void {
  if (/^\d{1,5}$/.test(database)) return;
  throw new DrillError('check-malformed', `${JSON.stringify(database)} is not a database`, {
    hint: 'Databases have numbers: `database: "0"` is the first.',
  });
}

function explain(command: readonly string[], answer: string): DrillError {
  const name = toPrintable(command[0] ?? '', 60);
  const said = toPrintable(answer.split('\n')[0] ?? '', 200);
  if (/^NOPERM/.test(answer)) {
    return new DrillError('check-malformed', `${name} is not a read-only command: ${said}`, {
      hint: 'Checks may use the commands of the `@read` category, PING, INFO and DBSIZE.',
    });
  }
  if (/^WRONGTYPE/.test(answer)) return new DrillError('wrong-data', `${name}: ${said}`);
  if (/^(?:ERR|NOSCRIPT|CROSSSLOT)/.test(answer)) return new DrillError('check-malformed', `${name}: ${said}`);
  return new DrillError('server-failed', `${name} was not answered: ${said || 'the client ended without a message'}`, {
    hint: 'Read the last lines of its log; `firedrill doctor` looks at the engine and the disk.',
  });
}
