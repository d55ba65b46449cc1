import type { Session } from './connect.ts';

/** @param sql returns one number. @returns undefined for NULL or a missing table, which was reported when it could not be created. */
export async function askCount(session: Pick<Session, 'ask'>, sql: string): Promise<number | undefined> {
  try {
    const [row] = await session.ask(sql);
    return row?.[0] === null || row?.[0] === undefined ? undefined : Number(row[0]);
  } catch (error) {
    if (typeof (error as { errno?: unknown }).errno === 'number') return undefined;
    throw error;
  }
}
