/** How much a step worked through; null: not counted, or of an earlier version. */
export const migration0021 = `
alter table phase add column bytes integer;
`;
