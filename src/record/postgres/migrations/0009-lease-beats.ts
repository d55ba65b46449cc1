/** How often a run's process extends its lease, in ms; null: recorded by an earlier version. */
export const leaseBeats = `
alter table run add column lease_beat_ms bigint;
`;
