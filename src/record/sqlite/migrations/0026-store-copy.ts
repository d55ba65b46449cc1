/** An unfinished or finished copy of another store into this one: its progress (`last_key`: JSON), and when it completed. At most one row. */
export const migration0026 = `
create table store_copy (
  id integer primary key check (id = 1),
  source text not null,
  started_at text not null,
  last_table text,
  last_key text,
  ended_at text
) strict;
`;
