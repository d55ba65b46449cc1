/** The drill whose `race` had this one run behind it; null: none, or recorded by an earlier version. */
export const migration0023 = `
alter table run add column race_of text;
`;
