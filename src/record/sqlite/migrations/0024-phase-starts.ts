/** When a phase began; null: of an earlier version. */
export const migration0024 = `
alter table phase add column started_at text;
`;
