/** An unfinished or finished copy of another store into this one: how far it has come (`last_key`: JSON), and when it was complete. At most one row. */
export const storeCopy = `
create table store_copy (
  id bigint primary key check (id = 1),
  source text collate "C" not null,
  started_at text collate "C" not null,
  last_table text collate "C",
  last_key text collate "C",
  ended_at text collate "C"
);
`;
