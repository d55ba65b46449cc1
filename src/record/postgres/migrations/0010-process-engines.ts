/**
 * For schedulers and runners: when the store received the last heartbeat, by the store's clock, and the container engines as JSON. null: recorded by an
 * earlier version.
 */
export const processEngines = `
alter table daemon add column seen_at text;
alter table daemon add column engines text;
alter table runner add column seen_at text;
alter table runner add column engines text;
`.replaceAll(/\btext\b/g, 'text collate "C"');
