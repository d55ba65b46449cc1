import type { CheckSpec } from '../config/drill-file.ts';
import type { CheckSession, Server } from '../engines/engine.ts';

/** The sessions that checks run in: one for each database that a check names, opened when it is first needed, all closed together. */
export interface CheckSessions extends AsyncDisposable {
  forCheck(check: CheckSpec): Promise<CheckSession>;
}

/** @param database the one that checks use unless they name another. */
export function openCheckSessions(server: Server, database: string, signal: AbortSignal): CheckSessions {
  const sessions = new Map<string, Promise<CheckSession>>();
  return {
    forCheck: (check) => {
      const name = check.database ?? database;
      const session = sessions.get(name) ?? server.openCheckSession(name, signal);
      sessions.set(name, session);
      return session;
    },
    [Symbol.asyncDispose]: async () => {
      for (const session of await Promise.allSettled(sessions.values())) {
        // One that never opened has been told to the check that wanted it.
        if (session.status === 'fulfilled') await session.value[Symbol.asyncDispose]();
      }
    },
  };
}
