/** The address of a sandbox's container engine; null: not recorded, or none. */
export const migration0031 = `
alter table run add column container_engine text;
`;
