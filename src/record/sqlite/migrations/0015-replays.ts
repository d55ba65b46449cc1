/** How far the log of a physical backup was replayed, and what came next. */
export const migration0015 = `
alter table run add column replay text;
`;
