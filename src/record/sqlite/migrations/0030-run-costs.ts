const ACTUAL = "json_extract(reading, '$.actual.cost.amount')";
const CURRENCY = "json_extract(reading, '$.actual.cost.currency')";

/** The cost of each run, for monthly budgets, including runs recorded earlier; the expected cost while a run is in progress. */
export const migration0030 = `
alter table run add column cost real;
alter table run add column cost_currency text;

drop trigger run_ended_update;
update run set
  cost = ${ACTUAL} + case when json_extract(reading, '$.proof.cost.currency') = ${CURRENCY} then json_extract(reading, '$.proof.cost.amount') else 0 end,
  cost_currency = ${CURRENCY}
where reading is not null and ${ACTUAL} is not null;
create trigger run_ended_update before update on run when old.status <> 'running'
begin select raise(abort, 'a run that has ended is never rewritten'); end;

create index run_cost on run (cost_currency, started_at, cost) where cost is not null;
create index run_cost_of_drill on run (drill, started_at, cost, cost_currency) where cost is not null;
`;
