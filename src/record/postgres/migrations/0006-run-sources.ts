/** The sources that a run reads from, as a JSON list, for per-source limits; null: recorded by an earlier version. */
export const runSources = `
alter table run add column reads_from text collate "C";
`;
