import type { ErrorCode } from '../../support/errors.ts';
import type { StageName } from '../../support/vocabulary.ts';
import type { FactContext, FactEnvironment } from '../report-store.ts';
import type { FactQuery } from './fact-queries.ts';

export type Cell = string | number | null | undefined;
export type Row = readonly Cell[];

/** Runs one of the queries within the caller's transaction. */
export type FactRows = (query: FactQuery, values: Readonly<Record<string, number>>) => Promise<readonly Row[]>;

/** The ids of a fact's row; 0: none. */
export interface FactIds {
  readonly drill: number;
  readonly context: number;
  readonly environment: number;
  readonly error: number;
}

/** The names behind the ids in a fact's row. Ids start at 1 without gaps and are only ever added, so known ones never change. */
export class FactNames {
  readonly #drillIds = new Map<string, number>();
  readonly #drills = new Map<number, string>();
  readonly #contexts = new Map<number, FactContext>();
  readonly #environments = new Map<number, FactEnvironment>();
  readonly #errors = new Map<number, ErrorCode>();

  async idOfDrill(rows: FactRows, name: string): Promise<number | undefined> {
    if (!this.#drillIds.has(name)) await this.learn(rows);
    return this.#drillIds.get(name);
  }

  /** Whether the names for all these ids are known; if not, {@link learn} reads them. */
  knows({ drill, context, environment, error }: FactIds): boolean {
    return (
      drill <= this.#drills.size &&
      context <= this.#contexts.size &&
      environment <= this.#environments.size &&
      error <= this.#errors.size
    );
  }

  drill(id: number): string {
    return this.#drills.get(id) ?? '';
  }

  context(id: number): FactContext {
    return this.#contexts.get(id) ?? NO_CONTEXT;
  }

  environment(id: number): FactEnvironment | undefined {
    return this.#environments.get(id);
  }

  errorCode(id: number): ErrorCode | undefined {
    return this.#errors.get(id);
  }

  async learn(rows: FactRows): Promise<void> {
    for (const [id, name] of await rows('drillsAfter', { id: this.#drills.size })) {
      this.#drills.set(Number(id), String(name));
      this.#drillIds.set(String(name), Number(id));
    }
    for (const [id, tier, owner, rtoMs, rpoMs, counts] of await rows('contextsAfter', { id: this.#contexts.size })) {
      this.#contexts.set(Number(id), {
        tier: maybe(tier),
        owner: owner === null ? undefined : String(owner),
        rtoMs: Number(rtoMs),
        rpoMs: maybe(rpoMs),
        counts: JSON.parse(String(counts)) as StageName[],
      });
    }
    for (const [id, ...texts] of await rows('environmentsAfter', { id: this.#environments.size })) {
      const [runtime = '', image = '', imageId = '', host = '', serverVersion = ''] = texts.map(String);
      this.#environments.set(Number(id), { runtime: runtime as string, image, imageId, host, serverVersion });
    }
    for (const [id, code] of await rows('errorsAfter', { id: this.#errors.size })) {
      this.#errors.set(Number(id), String(code) as ErrorCode);
    }
  }
}

const NO_CONTEXT: FactContext = { tier: undefined, owner: undefined, rtoMs: 0, rpoMs: undefined, counts: [] };

export function maybe(cell: Cell): number | undefined {
  return cell === null || cell === undefined ? undefined : Number(cell);
}
