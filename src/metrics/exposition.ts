import { Counter, Gauge, Registry } from 'prom-client';

type Labels = Readonly<Record<string, string>>;
type Sample<L extends Labels> = readonly [labels: L, value: number | undefined];

/** The metrics of one scrape. Unknown values are left out, because zero would be wrong. */
export class Exposition {
  readonly #registry = new Registry();

  gauge<L extends Labels>(name: string, help: string, samples: Iterable<Sample<L>>): void {
    const known = onlyKnown(samples);
    const [first] = known;
    if (!first) return;
    const gauge = new Gauge({ name, help, labelNames: Object.keys(first[0]), registers: [this.#registry] });
    for (const [labels, value] of known) gauge.set({ ...labels }, value);
  }

  counter<L extends Labels>(name: string, help: string, samples: Iterable<Sample<L>>): void {
    const known = onlyKnown(samples);
    const [first] = known;
    if (!first) return;
    const counter = new Counter({ name, help, labelNames: Object.keys(first[0]), registers: [this.#registry] });
    for (const [labels, value] of known) counter.inc({ ...labels }, value);
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

function onlyKnown<L extends Labels>(samples: Iterable<Sample<L>>): (readonly [L, number])[] {
  return [...samples].flatMap(([labels, value]) => (value === undefined ? [] : [[labels, value] as const]));
}
