/**
 * For schedulers and runners: when the store received the last heartbeat, by the store's clock, and the container engines as JSON. null: recorded by an
 * earlier version; `seen_at` is also null if the store belongs to one machine.
 */
export const migration0033 = `
alter table daemon add column seen_at text;
alter table daemon add column engines text;
alter table runner add column seen_at text;
alter table runner add column engines text;
`;
