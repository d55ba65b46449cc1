/** What a drill's checks caught of damage that was done to the restored copy. */
export const migration0012 = `
alter table run add column proof text;
create index run_proof on run (drill, id) where proof is not null;
`;
