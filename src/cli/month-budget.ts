import type { Drill } from '../config/drill-file.ts';
import type { Settings } from '../config/settings.ts';
import { budgetFor, describeBudget, exceeds } from '../record/month-budget.ts';
import type { ScheduleStore } from '../record/schedule-store.ts';
import { DrillError } from '../support/errors.ts';
import { toShell } from '../support/shell.ts';
import { printable } from './style.ts';
import type { Toolbox } from './toolbox.ts';

/**
 * Reports that a manual run would exceed the month's budget.
 * @throws DrillError `budget-exceeded` unless that is allowed.
 */
export async function checkMonthBudget(
  { io, clock }: Pick<Toolbox, 'io' | 'clock'>,
  { limits }: Pick<Settings, 'limits'>,
  store: Pick<ScheduleStore, 'getSpending'>,
  { drill, isAllowed }: { readonly drill: Pick<Drill, 'name' | 'place'>; readonly isAllowed: boolean },
): Promise<void> {
  const budget = budgetFor(limits.costPerMonth, clock.now());
  const spending = budget && (await store.getSpending(budget, drill.name));
  if (!budget || !spending || !exceeds(budget, spending)) return;
  const sentence = `over the ${describeBudget(budget, spending)}`;
  if (isAllowed) {
    io.stderr.write(`${printable(drill.name)}: ${sentence}\n`);
    return;
  }
  const command = toShell(['firedrill', 'run', drill.place.file, '--over-budget']);
  throw new DrillError('budget-exceeded', sentence, {
    hint: `Run it anyway: \`${command}\`, or raise \`limits.costPerMonth\` in the settings.`,
  });
}
