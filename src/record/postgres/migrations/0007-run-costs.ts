const ACTUAL = "(reading::jsonb #>> '{actual,cost,amount}')";
const CURRENCY = "(reading::jsonb #>> '{actual,cost,currency}')";
const PROOF = "(reading::jsonb #>> '{proof,cost,amount}')";

/** The cost of each run, for monthly budgets, including runs recorded earlier; the expected cost while a run is in progress. */
export const runCosts = `
alter table run add column cost double precision;
alter table run add column cost_currency text collate "C";

alter table run disable trigger run_update;
update run set
  cost = ${ACTUAL}::double precision
    + case when (reading::jsonb #>> '{proof,cost,currency}') = ${CURRENCY} then ${PROOF}::double precision else 0 end,
  cost_currency = ${CURRENCY}
where reading is not null and ${ACTUAL} is not null;
alter table run enable trigger run_update;

create index run_cost on run (cost_currency, started_at, cost) where cost is not null;
create index run_cost_of_drill on run (drill, started_at, cost, cost_currency) where cost is not null;
`;
