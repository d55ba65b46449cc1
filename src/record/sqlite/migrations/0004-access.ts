/** Dashboard access. Only hashes are stored, so reading the file is not enough to sign in. */
export const migration0004 = `
create table access_token (
  id text primary key,
  name text not null,
  role text not null check (role in ('viewer', 'operator')),
  hash text not null unique,
  created_at text not null,
  last_used_at text,
  revoked_at text
) strict, without rowid;

create unique index access_token_in_force on access_token (name) where revoked_at is null;

create table access_session (
  hash text primary key,
  token_id text not null references access_token (id),
  created_at text not null,
  last_seen_at text not null,
  expires_at text not null
) strict, without rowid;

create index access_session_by_token on access_session (token_id);

create trigger access_token_revoked before update on access_token when old.revoked_at is not null
begin select raise(abort, 'a token that was revoked is never in force again'); end;
`;
