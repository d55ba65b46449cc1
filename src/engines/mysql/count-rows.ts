import type { Session } from './connect.ts';

/** @param sql gives one number. @returns undefined when it gives null or there is no such table, which was reported where it was not made. */
export async function askCount(session: Pick<Session, 'ask'>, sql: string): Promise<number | undefined> {
  try {
    const [row] = await session.ask(sql);
    return row?.[0] === null || row?.[0] === undefined ? undefined : Number(row[0]);
  } catch (error) {
    if (typeof (error as { errno?: unknown }).errno === 'number') return undefined;
    throw error;
  }
}
