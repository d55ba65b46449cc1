import type { Sandbox } from '../sandbox/sandbox.ts';
import type { BootOptions } from './engine.ts';

/**
 * What a server without data says of a query:
 * - `valid`: it could be carried out;
 * - `malformed`: no data would change that;
 * - `needs-data`: it is written correctly, and names what only the data could have: a table, a function.
 */
export type SyntaxFinding =
  | { readonly kind: 'valid' }
  | { readonly kind: 'malformed' | 'needs-data'; readonly message: string };

/** A server without data, to prepare queries on; none is run. */
export interface SyntaxServer extends AsyncDisposable {
  /** As the server reports it: `17.11`. */
  readonly version: string;
  prepare(sql: string): Promise<SyntaxFinding>;
}

/** Boots an empty server in a sandbox. Disposing of it ends its session; the sandbox ends the server. */
export type OpenSyntaxServer = (sandbox: Sandbox, options: BootOptions) => Promise<SyntaxServer>;
