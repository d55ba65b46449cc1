import type { LogLine } from '../record/store.ts';
import { checkTexts } from '../support/check-instants.ts';
import type { Clock } from '../support/clock.ts';
import { asDrillError } from '../support/errors.ts';
import type { EmitRunEvent, RunFact } from './contract.ts';
import type { RunLog } from './run-log.ts';
import { NEW_RUN, type RunState, reduce } from './run-state.ts';

export interface RunFactsDeps {
  readonly runId: string;
  readonly drill: string;
  readonly clock: Clock;
  readonly log: RunLog;
  readonly redact: (text: string) => string;
  /** All other listeners of the run. */
  readonly listener: EmitRunEvent;
}

/** Takes in the facts of one run: maintains the state derived from them, writes them to the run's log, and passes them on. */
export class RunFacts {
  #state = NEW_RUN;
  readonly #deps: RunFactsDeps;

  constructor(deps: RunFactsDeps) {
    this.#deps = deps;
  }

  get state(): RunState {
    return this.#state;
  }

  /** Never throws: a listener that fails must not abort a run that has a sandbox up and an open record. */
  readonly emit = (fact: RunFact): void => {
    const { runId, drill, clock, log, redact, listener } = this.#deps;
    const told = fact.type === 'warning' ? { ...fact, message: redact(fact.message) } : fact;
    const event = { ...told, runId, drill, at: clock.now() };
    this.#state = reduce(this.#state, event);
    for (const { level, message } of logLinesOf(told)) log.add(level, message);
    try {
      listener(event);
    } catch (error) {
      log.add('error', `could not report ${event.type}: ${asDrillError(error).message}`);
    }
  };
}

/** What a fact adds to the run's own log. */
function logLinesOf(fact: RunFact): readonly Omit<LogLine, 'at'>[] {
  switch (fact.type) {
    case 'sandbox-started': {
      const { id, runtime, containerEngine, isolation } = fact.sandbox;
      const where = containerEngine === undefined ? runtime : `${runtime} at ${containerEngine}`;
      return [{ level: 'info', message: `sandbox ${id} (${where}): ${isolation}` }];
    }
    case 'access-chosen':
      return [{ level: 'info', message: fact.how }];
    case 'checksums-matched':
      return fact.matched.map((message) => ({ level: 'info', message }));
    case 'restore-error':
      return [{ level: 'error', message: fact.message }];
    case 'warning':
      return [{ level: 'warn', message: fact.message }];
    case 'check': {
      const { name, passed } = fact.check;
      const { expected, actual } = checkTexts(fact.check);
      return [{ level: passed ? 'info' : 'error', message: `check ${name}: expected ${expected}, got ${actual}` }];
    }
    default:
      return [];
  }
}
