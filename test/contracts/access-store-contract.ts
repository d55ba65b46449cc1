import { describe, expect, test } from 'vitest';
import type { NewToken } from '../../src/record/access-store.ts';
import type { Store } from '../../src/record/store.ts';
import { NOON } from '../support/run-records.ts';

const LATER = new Date(NOON.getTime() + 60_000);
const MUCH_LATER = new Date(NOON.getTime() + 3_600_000);

function token(changes: Partial<NewToken> = {}): NewToken {
  return { id: 't1', name: 'alice', role: 'operator', createdAt: NOON, hash: 'aa', ...changes };
}

/** What every store must do to let users in. */
export function describeAccessContract(name: string, open: () => Promise<Store>): void {
  const withStore = (work: (store: Store) => Promise<void>) => async () => {
    await using store = await open();
    await work(store);
  };

  describe(`${name} stores access data`, () => {
    test(
      'finds a token by its hash, and never exposes the hash',
      withStore(async (store) => {
        expect(await store.hasTokens()).toBe(false);
        expect(await store.addToken(token())).toBe(true);
        const { hash: _, ...added } = token();
        const record = { ...added, lastUsedAt: undefined, revokedAt: undefined };
        expect(await store.findToken('aa')).toStrictEqual(record);
        expect(await store.findToken('ab')).toBeUndefined();
        expect(await store.getTokens()).toStrictEqual([record]);
        expect(await store.hasTokens()).toBe(true);
      }),
    );

    test(
      'allows one active token per name; revoking it keeps it listed and frees the name',
      withStore(async (store) => {
        await store.addToken(token());
        expect(await store.addToken(token({ id: 't2', hash: 'bb' }))).toBe(false);
        expect(await store.revokeToken('bob', LATER)).toBe(false);
        expect(await store.revokeToken('alice', LATER)).toBe(true);
        expect(await store.revokeToken('alice', LATER)).toBe(false);
        expect(await store.findToken('aa')).toBeUndefined();
        expect(await store.addToken(token({ id: 't2', hash: 'bb', createdAt: LATER }))).toBe(true);
        const listed = (await store.getTokens()).map(({ id, revokedAt }) => [id, revokedAt]);
        expect(listed).toStrictEqual([
          ['t1', LATER],
          ['t2', undefined],
        ]);
      }),
    );

    test(
      'finds a session by its token until the session ends',
      withStore(async (store) => {
        await store.addToken(token());
        const session = { hash: 's1', tokenId: 't1', createdAt: NOON, expiresAt: MUCH_LATER };
        expect(await store.addSession({ ...session, tokenId: 't9' })).toBe(false);
        expect(await store.addSession(session)).toBe(true);
        const { hash: _, ...added } = token();
        expect(await store.findSession('s1')).toStrictEqual({
          hash: 's1',
          createdAt: NOON,
          lastSeenAt: NOON,
          expiresAt: MUCH_LATER,
          token: { ...added, lastUsedAt: undefined, revokedAt: undefined },
        });
        await store.noteUse('t1', 's1', LATER);
        expect(await store.findSession('s1')).toMatchObject({ lastSeenAt: LATER, token: { lastUsedAt: LATER } });
        await store.endSession('s1');
        expect(await store.findSession('s1')).toBeUndefined();
      }),
    );

    test(
      'ends the sessions of a revoked token, which cannot be used again',
      withStore(async (store) => {
        await store.addToken(token());
        const session = { hash: 's1', tokenId: 't1', createdAt: NOON, expiresAt: MUCH_LATER };
        await store.addSession(session);
        await store.revokeToken('alice', LATER);
        expect(await store.findSession('s1')).toBeUndefined();
        expect(await store.addSession({ ...session, hash: 's2' })).toBe(false);
        await store.noteUse('t1', 's1', MUCH_LATER);
        expect((await store.getTokens())[0]?.lastUsedAt).toBeUndefined();
      }),
    );

    test(
      'removes expired sessions at the next sign-in',
      withStore(async (store) => {
        await store.addToken(token());
        await store.addSession({ hash: 's1', tokenId: 't1', createdAt: NOON, expiresAt: LATER });
        await store.addSession({ hash: 's2', tokenId: 't1', createdAt: LATER, expiresAt: MUCH_LATER });
        expect(await store.findSession('s1')).toBeUndefined();
        expect(await store.findSession('s2')).toBeDefined();
      }),
    );
  });
}
