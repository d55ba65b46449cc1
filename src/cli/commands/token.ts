import { randomUUID } from 'node:crypto';
import { hashSecret, makeToken } from '../../support/access-token.ts';
import { DrillError, EXIT } from '../../support/errors.ts';
import { formatAge } from '../../support/quantities.ts';
import type { Role } from '../../support/vocabulary.ts';
import { formatTable, painter } from '../style.ts';
import type { Toolbox } from '../toolbox.ts';

/** The name of a person or a program, shown in records and pages. */
const NAME = /^[A-Za-z0-9][\w.@+-]{0,62}$/;

/**
 * `firedrill token add NAME`: prints a new token, which is not stored in plaintext and never shown again.
 * @throws `usage` if the name is taken or invalid.
 */
export async function tokenAddCommand(
  tools: Toolbox,
  name: string,
  { config, role }: { readonly config: string | undefined; readonly role: Role },
): Promise<number> {
  if (!NAME.test(name))
    throw new DrillError('usage', `${JSON.stringify(name)} is not a valid token name`, {
      hint: 'Write 1 to 63 letters, digits, dots, dashes, underscores, @ and +.',
    });
  const settings = await tools.loadSettings(config);
  await using store = await tools.openStore(settings);
  const token = makeToken();
  const hash = hashSecret(token);
  if (!(await store.addToken({ id: randomUUID(), name, role, createdAt: tools.clock.now(), hash })))
    throw new DrillError('usage', `a token named ${name} already exists`, {
      hint: 'Revoke it first with `firedrill token revoke`, or choose another name.',
    });
  tools.io.stdout.write(`${token}\n`);
  tools.io.stderr.write(`${name} is ${role}; the token is not shown again\n`);
  return EXIT.passed;
}

/** `firedrill token list`: the owners of tokens, never the tokens themselves. */
export async function tokenListCommand(
  tools: Toolbox,
  { config, json }: { readonly config: string | undefined; readonly json: boolean },
): Promise<number> {
  const { io } = tools;
  const settings = await tools.loadSettings(config);
  await using store = await tools.openStore(settings);
  const tokens = await store.getTokens();
  if (json) {
    for (const token of tokens) io.stdout.write(`${JSON.stringify({ type: 'token', ...token })}\n`);
    return EXIT.passed;
  }
  if (tokens.length === 0) {
    io.stderr.write('no tokens yet; add one with: firedrill token add NAME --role operator\n');
    return EXIT.passed;
  }
  const now = tools.clock.now().getTime();
  const age = (at: Date | undefined, never: string) =>
    at ? `${formatAge(Math.max(0, now - at.getTime()))} ago` : never;
  const rows = tokens.map(({ name, role, createdAt, lastUsedAt, revokedAt }) => [
    name,
    role,
    age(createdAt, ''),
    age(lastUsedAt, 'never'),
    revokedAt ? `revoked ${age(revokedAt, '')}` : 'active',
  ]);
  const paint = painter(io, io.stdout);
  const table = formatTable([['NAME', 'ROLE', 'MADE', 'LAST USED', 'STATE'], ...rows], (index, _column, text) =>
    index === 0 ? paint('dim', text) : text,
  );
  io.stdout.write(`${table}\n`);
  return EXIT.passed;
}

/** `firedrill token revoke NAME`. @throws `usage` if no active token has that name. */
export async function tokenRevokeCommand(
  tools: Toolbox,
  name: string,
  { config }: { readonly config: string | undefined },
): Promise<number> {
  const settings = await tools.loadSettings(config);
  await using store = await tools.openStore(settings);
  if (!(await store.revokeToken(name, tools.clock.now())))
    throw new DrillError('usage', `no active token is named ${JSON.stringify(name)}`, {
      hint: '`firedrill token list` shows the active ones.',
    });
  tools.io.stderr.write(`${name} is revoked; its sessions have ended\n`);
  return EXIT.passed;
}
