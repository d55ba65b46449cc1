import type { Sandbox } from '../sandbox/sandbox.ts';
import type { BootOptions } from './engine.ts';

/**
 * Result of preparing a query on a server without data:
 * - `valid`: it could be run;
 * - `malformed`: no data would change that;
 * - `needs-data`: its syntax is correct, but it names something that only the data could provide: a table, a
 *   function.
 */
export type SyntaxFinding =
  | { readonly kind: 'valid' }
  | { readonly kind: 'malformed' | 'needs-data'; readonly message: string };

/** A server without data on which queries are prepared; none is run. */
export interface SyntaxServer extends AsyncDisposable {
  /** As the server reports it: `17.11`. */
  readonly version: string;
  prepare(sql: string): Promise<SyntaxFinding>;
}

/** Boots an empty server in a sandbox. Disposing of it ends its session; the sandbox ends the server. */
export type OpenSyntaxServer = (sandbox: Sandbox, options: BootOptions) => Promise<SyntaxServer>;
