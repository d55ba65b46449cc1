/** The address of the container engine that a sandbox was on; null: it was not recorded, or there was none. */
export const migration0031 = `
alter table run add column container_engine text;
`;
