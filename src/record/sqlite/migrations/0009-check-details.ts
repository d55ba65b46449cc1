/** Details of a check's result, and the numbers that later runs are compared with. */
export const migration0009 = `
alter table check_result add column details text;
alter table check_result add column measured text;
`;
