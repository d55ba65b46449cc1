import type { CheckSession, Server } from '../engines/engine.ts';
import type { Probe } from './check-kind.ts';

/** The sessions of all checks: one per database, opened when it is first needed, and closed together. */
export interface CheckSessions extends Probe, AsyncDisposable {}

/** @param defaultDatabase used by checks that do not name a database. */
export function openCheckSessions(server: Server, defaultDatabase: string, signal: AbortSignal): CheckSessions {
  const sessions = new Map<string, Promise<CheckSession>>();
  return {
    session: (database = defaultDatabase) => {
      const session = sessions.get(database) ?? server.openCheckSession(database, signal);
      sessions.set(database, session);
      return session;
    },
    program: (argv, { database = defaultDatabase, ...options }) => server.runProgram(argv, { ...options, database }),
    [Symbol.asyncDispose]: async () => {
      for (const session of await Promise.allSettled(sessions.values())) {
        // If a session failed to open, the check that needed it has already failed with that error.
        if (session.status === 'fulfilled') await session.value[Symbol.asyncDispose]();
      }
    },
  };
}
