/**
 * Of schedulers and runners: when the store received the last heartbeat, by its own clock, and the container engines as JSON. null: recorded by an
 * earlier version, and `seen_at` where one machine has the store.
 */
export const migration0033 = `
alter table daemon add column seen_at text;
alter table daemon add column engines text;
alter table runner add column seen_at text;
alter table runner add column engines text;
`;
