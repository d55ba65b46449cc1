import type { CheckSession, Server } from '../engines/engine.ts';
import type { Probe } from './check-kind.ts';

/** The sessions that checks run in: one for each database that a check names, opened when it is first needed, all closed together. */
export interface CheckSessions extends Probe, AsyncDisposable {}

/** @param defaultDatabase the one that checks use unless they name another. */
export function openCheckSessions(server: Server, defaultDatabase: string, signal: AbortSignal): CheckSessions {
  const sessions = new Map<string, Promise<CheckSession>>();
  return {
    session: (database = defaultDatabase) => {
      const session = sessions.get(database) ?? server.openCheckSession(database, signal);
      sessions.set(database, session);
      return session;
    },
    [Symbol.asyncDispose]: async () => {
      for (const session of await Promise.allSettled(sessions.values())) {
        // The check that wanted a session which never opened has failed with its error.
        if (session.status === 'fulfilled') await session.value[Symbol.asyncDispose]();
      }
    },
  };
}
