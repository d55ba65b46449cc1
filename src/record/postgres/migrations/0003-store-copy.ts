/** An unfinished or finished copy of another store into this one: its progress (`last_key`: JSON), and when it completed. At most one row. */
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
