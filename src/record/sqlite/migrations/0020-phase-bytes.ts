/** How much a step worked through; null: not counted, or of an earlier version. */
export const migration0020 = `
alter table phase add column bytes integer;
`;
