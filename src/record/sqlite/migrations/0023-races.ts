/** The drill whose `race` ran this one after it; null: none, or recorded by an earlier version. */
export const migration0023 = `
alter table run add column race_of text;
`;
