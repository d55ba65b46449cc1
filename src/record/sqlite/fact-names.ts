import type { ErrorCode } from '../../support/errors.ts';
import type { StageName } from '../../support/vocabulary.ts';
import type { FactContext, FactEnvironment } from '../report-store.ts';
import type { FactQuery } from './fact-queries.ts';

export type Cell = string | number | null | undefined;
export type Row = readonly Cell[];

/** The names behind the ids in a fact's row. Ids start at 1 and are only ever added, so known ones never change. */
export class FactNames {
  readonly #read: (query: FactQuery, values: { readonly id: number }) => readonly Row[];
  readonly #drillIds = new Map<string, number>();
  readonly #drills = new Map<number, string>();
  readonly #contexts = new Map<number, FactContext>();
  readonly #environments = new Map<number, FactEnvironment>();
  readonly #errors = new Map<number, ErrorCode>();

  constructor(read: (query: FactQuery, values: { readonly id: number }) => readonly Row[]) {
    this.#read = read;
  }

  idOfDrill(name: string): number | undefined {
    if (!this.#drillIds.has(name)) this.#learn();
    return this.#drillIds.get(name);
  }

  drill(id: number): string {
    return this.#find(this.#drills, id) ?? '';
  }

  context(id: number): FactContext {
    return this.#find(this.#contexts, id) ?? NO_CONTEXT;
  }

  environment(id: number): FactEnvironment | undefined {
    return this.#find(this.#environments, id);
  }

  errorCode(id: number): ErrorCode | undefined {
    return this.#find(this.#errors, id);
  }

  /** @param id 0: none. */
  #find<T>(names: ReadonlyMap<number, T>, id: number): T | undefined {
    if (id === 0) return undefined;
    if (!names.has(id)) this.#learn();
    return names.get(id);
  }

  #learn(): void {
    for (const [id, name] of this.#read('drillsAfter', { id: this.#drills.size })) {
      this.#drills.set(Number(id), String(name));
      this.#drillIds.set(String(name), Number(id));
    }
    for (const [id, tier, owner, rtoMs, rpoMs, counts] of this.#read('contextsAfter', { id: this.#contexts.size })) {
      this.#contexts.set(Number(id), {
        tier: maybe(tier),
        owner: owner === null ? undefined : String(owner),
        rtoMs: Number(rtoMs),
        rpoMs: maybe(rpoMs),
        counts: JSON.parse(String(counts)) as StageName[],
      });
    }
    for (const [id, ...texts] of this.#read('environmentsAfter', { id: this.#environments.size })) {
      const [runtime = '', image = '', imageId = '', host = '', serverVersion = ''] = texts.map(String);
      this.#environments.set(Number(id), { runtime: runtime as string, image, imageId, host, serverVersion });
    }
    for (const [id, code] of this.#read('errorsAfter', { id: this.#errors.size })) {
      this.#errors.set(Number(id), String(code) as ErrorCode);
    }
  }
}

const NO_CONTEXT: FactContext = { tier: undefined, owner: undefined, rtoMs: 0, rpoMs: undefined, counts: [] };

export function maybe(cell: Cell): number | undefined {
  return cell === null || cell === undefined ? undefined : Number(cell);
}
