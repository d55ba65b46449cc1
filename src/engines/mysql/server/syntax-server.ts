import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { BootOptions } from '../../engine.ts';
import type { SyntaxFinding, SyntaxServer } from '../../syntax.ts';
import type { Flavor } from '../flavor.ts';
import { bootServer } from './boot.ts';
import type { Session } from './connect.ts';
import { quoteText } from './quoting.ts';
import { isLoss, numberOf } from './server-errors.ts';

const DATABASE = 'firedrill_empty';

export async function openSyntaxServer(flavor: Flavor, sandbox: Sandbox, options: BootOptions): Promise<SyntaxServer> {
  const server = await bootServer(sandbox, flavor, options);
  await server.administer(options.signal, async (session) => {
    await session.execute(`CREATE DATABASE ${DATABASE}`);
  });
  const session = await server.openSession(DATABASE, options.signal);
  for (const statement of flavor.checkSession(server.version)) await session.execute(statement);
  return {
    version: server.version,
    prepare: (sql) => prepare(session, sql),
    [Symbol.asyncDispose]: () => session.close(),
  };
}

/** Missing databases, tables, routines: the restored data may have them. */
const OF_DATA: readonly number[] = [1049, 1051, 1109, 1146, 1305, 1630];
/** ER_UNSUPPORTED_PS: CHECK TABLE and the like are valid, but cannot be prepared in every version. */
const NOT_PREPARABLE = 1295;

/** The whole text is parsed before any name is looked up. */
async function prepare(session: Session, sql: string): Promise<SyntaxFinding> {
  try {
    await session.execute(`PREPARE firedrill FROM ${quoteText(sql)}`);
    await session.execute('DEALLOCATE PREPARE firedrill');
    return { kind: 'valid' };
  } catch (error) {
    const number = numberOf(error);
    if (number === 0 || isLoss(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    if (number === NOT_PREPARABLE) return { kind: 'needs-data', message };
    return { kind: OF_DATA.includes(number) ? 'needs-data' : 'malformed', message };
  }
}
