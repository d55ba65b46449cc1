/** Which damage to the restored copy a drill's checks caught. */
export const migration0012 = `
alter table run add column proof text;
create index run_proof on run (drill, id) where proof is not null;
`;
