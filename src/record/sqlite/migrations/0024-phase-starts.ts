/** When a phase started; null: recorded by an earlier version. */
export const migration0024 = `
alter table phase add column started_at text;
`;
