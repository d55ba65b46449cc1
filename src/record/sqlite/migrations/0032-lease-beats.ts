/** How often a run's process extends its lease, in ms; null: recorded by an earlier version. */
export const migration0032 = `
alter table run add column lease_beat_ms integer;
`;
