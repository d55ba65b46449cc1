/** How often the process of a run extends its lease, in ms; null: recorded by an earlier version. */
export const leaseBeats = `
alter table run add column lease_beat_ms bigint;
`;
