/**
 * The keys and credentials with which a run read its backup, which keys opened it, and the identity that the store saw. Unknown (null) for earlier runs.
 */
export const migration0008 = `
alter table run add column identity_name text check (identity_name in ('drill', 'recovery'));
alter table run add column identity_keys text;
alter table run add column identity_principal text;
create index run_as_identity on run (identity_name, drill, started_at);
`;
