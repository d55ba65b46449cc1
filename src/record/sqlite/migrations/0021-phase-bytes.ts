/** Bytes that a step processed; null: not counted, or recorded by an earlier version. */
export const migration0021 = `
alter table phase add column bytes integer;
`;
