import type { CheckBase } from '../../check-kind.ts';
import type { ExpectedAnswer } from './judge-answer.ts';

/** Verifies that an application started on the restored data answers. */
export interface HttpCheck extends CheckBase<'http'>, ExpectedAnswer {
  /** Includes the query string. */
  readonly path: string;
  readonly image: string;
  /** Undefined: the image's default. */
  readonly command: readonly string[] | undefined;
  /** Values may contain placeholders for the login. */
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly access: 'read' | 'write';
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  readonly database: string | undefined;
}
