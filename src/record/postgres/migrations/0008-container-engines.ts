/** The address of a sandbox's container engine; null: not recorded, or none. */
export const containerEngines = `
alter table run add column container_engine text collate "C";
`;
