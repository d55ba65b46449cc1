/** The address of the container engine that a sandbox was on; null: it was not recorded, or there was none. */
export const containerEngines = `
alter table run add column container_engine text collate "C";
`;
