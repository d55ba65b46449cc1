/**
 * With whose keys and credentials a run read its backup, which keys opened it, and who the store saw. Of runs of before none of it is known:
 * they stay null.
 */
export const migration0008 = `
alter table run add column identity_name text check (identity_name in ('drill', 'recovery'));
alter table run add column identity_keys text;
alter table run add column identity_principal text;
create index run_as_identity on run (identity_name, drill, started_at);
`;
