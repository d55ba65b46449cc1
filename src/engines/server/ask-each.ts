/** How many objects were queried, and which of them did not answer. */
export interface Answers<U> {
  readonly asked: number;
  /** Number of smaller ones that were skipped because there are too many. */
  readonly notAsked: number;
  /** Sorted by name. */
  readonly unanswered: readonly U[];
}

export interface AskOptions<T, S, U> {
  /** Maximum number that is queried. */
  readonly limit: number;
  /** Number passed to a session at once. */
  readonly batchSize: number;
  readonly sessions: number;
  /** Opens a session, and closes it after use. */
  withSession(use: (session: S) => Promise<void>): Promise<void>;
  /** @returns those that do not answer. Throws what ends the drill. */
  ask(session: S, batch: readonly T[]): Promise<readonly U[]>;
}

/**
 * Queries everything that contains rows, on several sessions: a running server does not prove recovery, and its catalog lists tables whose files are gone.
 * @param all the most important first; they are queried in this order.
 */
export async function askEach<T, S, U extends { readonly name: string }>(
  all: readonly T[],
  { limit, batchSize, sessions, withSession, ask }: AskOptions<T, S, U>,
): Promise<Answers<U>> {
  const queue = all.slice(0, limit);
  const asked = queue.length;
  const unanswered: U[] = [];
  const worker = async (session: S): Promise<void> => {
    for (let batch = queue.splice(0, batchSize); batch.length > 0; batch = queue.splice(0, batchSize))
      unanswered.push(...(await ask(session, batch)));
  };
  const workers = Math.min(Math.max(1, Math.floor(sessions)), Math.ceil(asked / batchSize));
  await Promise.all(Array.from({ length: workers }, () => withSession(worker)));
  return { asked, notAsked: all.length - asked, unanswered: unanswered.toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}
