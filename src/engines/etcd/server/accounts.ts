import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { DrillError } from '../../../support/errors.ts';
import { type Asked, needsLogin } from './ask-server.ts';
import { etcdError } from './etcd-error.ts';
import { type Account, runEtcdctl } from './etcd-programs.ts';

const CHECK_USER = 'firedrill_check';
const CHECK_ROLE = 'firedrill_read';

/**
 * Finds a user with all permissions. Undefined: everybody has them until {@link createCheckAccount}.
 * @param variable our environment variable that contains the password of `root`.
 * @throws DrillError `config-missing-variable`, `key-missing`, `key-wrong`.
 */
export async function findAdmin(
  asked: Pick<Asked, 'sandbox' | 'signal'>,
  key: string,
  variable: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<Account | undefined> {
  if (!(await needsLogin(asked))) return undefined;
  if (variable === undefined) {
    throw new DrillError(
      'key-missing',
      `${key} comes from a cluster with authentication turned on, and can only be read with the password of root`,
      {
        hint: 'Set `engine.rootPassword.env` to the name of the environment variable that has the password.',
      },
    );
  }
  const password = env[variable];
  if (password === undefined || password === '') {
    throw new DrillError('config-missing-variable', `\`engine.rootPassword\` names ${variable}, which is not set`, {
      hint: `Set ${variable} in the environment of Firedrill.`,
    });
  }
  const account = { user: 'root', password };
  const { exitCode, stderr } = await runEtcdctl(asked.sandbox, ['user', 'get', 'root'], { ...asked, account });
  if (exitCode === 0) return account;
  if (/authentication failed|invalid (?:user|auth)/i.test(stderr)) {
    throw new DrillError('key-wrong', `the password in ${variable} is not that of root in ${key}`, {
      hint: 'Set it to the password that root had when the snapshot was taken.',
    });
  }
  throw etcdError(asked.sandbox, 'root could not log in', { exitCode, said: stderr, otherwise: 'server-failed' });
}

/** Adds a user that can read every key and do nothing else, and turns authentication on. Changes neither keys nor the revision. */
export async function createCheckAccount(asked: Asked): Promise<{ readonly admin: Account; readonly check: Account }> {
  const admin = asked.account ?? { user: 'root', password: randomPassword() };
  const check = { user: CHECK_USER, password: randomPassword() };
  if (!asked.account) {
    await setPassword(asked, admin);
    await change(asked, ['role', 'add', 'root'], /already exists/);
    await change(asked, ['user', 'grant-role', 'root', 'root'], /already/);
  }
  await setPassword(asked, check);
  await change(asked, ['role', 'add', CHECK_ROLE], /already exists/);
  await change(asked, ['role', 'grant-permission', CHECK_ROLE, 'read', '', '--prefix']);
  await change(asked, ['user', 'grant-role', CHECK_USER, CHECK_ROLE], /already/);
  if (!asked.account) await change(asked, ['auth', 'enable']);
  return { admin, check };
}

/** Through standard input, because others can read argv. */
async function setPassword(asked: Asked, { user, password }: Account): Promise<void> {
  const set = (command: string, allowed?: RegExp) =>
    change(asked, ['user', command, user, '--interactive=false'], allowed, `${password}\n`);
  if (!(await set('add', /already exists/))) await set('passwd');
}

/** @returns whether it was done; false if the server reports that it already was. */
async function change(
  { sandbox, account, signal }: Asked,
  argv: readonly string[],
  allowed?: RegExp,
  input = '',
): Promise<boolean> {
  const { exitCode, stderr } = await runEtcdctl(sandbox, argv, { account, signal, stdin: Readable.from([input]) });
  if (exitCode === 0) return true;
  if (allowed?.test(stderr)) return false;
  throw etcdError(sandbox, 'the user for checks could not be added', {
    exitCode,
    said: stderr,
    otherwise: 'server-failed',
  });
}

function randomPassword(): string {
  return randomBytes(24).toString('hex');
}
