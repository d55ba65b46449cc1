import type { Transaction } from 'kysely';
import type { NewSession, NewToken, SessionRecord, TokenRecord } from '../access-store.ts';
import type { AccessTokenTable } from './people-tables.ts';
import { readInstant } from './run-rows.ts';
import type { Schema } from './schema.ts';

type Trx = Transaction<Schema>;

export async function addToken(trx: Trx, { id, name, role, hash, createdAt }: NewToken): Promise<boolean> {
  const [known] = await inForce(trx).where('name', '=', name).execute();
  if (known) return false;
  const created_at = createdAt.toISOString();
  const row = { id, name, role, hash, created_at, last_used_at: null, revoked_at: null };
  await trx.insertInto('access_token').values(row).execute();
  return true;
}

export async function readTokens(trx: Trx): Promise<readonly TokenRecord[]> {
  const rows = await trx.selectFrom('access_token').selectAll().orderBy('created_at').orderBy('id').execute();
  return rows.map(toToken);
}

export async function hasTokens(trx: Trx): Promise<boolean> {
  const rows = await trx.selectFrom('access_token').select('id').limit(1).execute();
  return rows.length > 0;
}

export async function revokeToken(trx: Trx, name: string, at: Date): Promise<boolean> {
  const [token] = await inForce(trx).where('name', '=', name).execute();
  if (!token) return false;
  await trx.deleteFrom('access_session').where('token_id', '=', token.id).execute();
  await trx.updateTable('access_token').set({ revoked_at: at.toISOString() }).where('id', '=', token.id).execute();
  return true;
}

export async function findToken(trx: Trx, hash: string): Promise<TokenRecord | undefined> {
  const [row] = await inForce(trx).where('hash', '=', hash).execute();
  return row && toToken(row);
}

export async function addSession(trx: Trx, { hash, tokenId, createdAt, expiresAt }: NewSession): Promise<boolean> {
  const [token] = await inForce(trx).where('id', '=', tokenId).execute();
  if (!token) return false;
  const created_at = createdAt.toISOString();
  await trx.deleteFrom('access_session').where('expires_at', '<=', created_at).execute();
  const row = { hash, token_id: tokenId, created_at, last_seen_at: created_at, expires_at: expiresAt.toISOString() };
  await trx.insertInto('access_session').values(row).execute();
  return true;
}

export async function findSession(trx: Trx, hash: string): Promise<SessionRecord | undefined> {
  const [row] = await trx.selectFrom('access_session').selectAll().where('hash', '=', hash).execute();
  if (!row) return undefined;
  const [token] = await inForce(trx).where('id', '=', row.token_id).execute();
  if (!token) return undefined;
  return {
    hash,
    createdAt: new Date(row.created_at),
    lastSeenAt: new Date(row.last_seen_at),
    expiresAt: new Date(row.expires_at),
    token: toToken(token),
  };
}

export async function noteUse(trx: Trx, tokenId: string, sessionHash: string | undefined, at: Date): Promise<void> {
  const iso = at.toISOString();
  await trx
    .updateTable('access_token')
    .set({ last_used_at: iso })
    .where('id', '=', tokenId)
    .where('revoked_at', 'is', null)
    .execute();
  if (sessionHash === undefined) return;
  await trx.updateTable('access_session').set({ last_seen_at: iso }).where('hash', '=', sessionHash).execute();
}

export async function endSession(trx: Trx, hash: string): Promise<void> {
  await trx.deleteFrom('access_session').where('hash', '=', hash).execute();
}

function inForce(trx: Trx) {
  return trx.selectFrom('access_token').selectAll().where('revoked_at', 'is', null);
}

function toToken(row: AccessTokenTable): TokenRecord {
  return {
    id: row.id,
    name: row.name,
    role: row.role,
    createdAt: new Date(row.created_at),
    lastUsedAt: readInstant(row.last_used_at),
    revokedAt: readInstant(row.revoked_at),
  };
}
