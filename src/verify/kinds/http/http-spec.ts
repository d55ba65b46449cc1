import type { CheckBase } from '../../check-kind.ts';
import type { ExpectedAnswer } from './judge-answer.ts';

/** An application that is started on the restored data answers. */
export interface HttpCheck extends CheckBase<'http'>, ExpectedAnswer {
  /** With its query. */
  readonly path: string;
  readonly image: string;
  /** undefined: as the image says. */
  readonly command: readonly string[] | undefined;
  /** With placeholders for the login. */
  readonly env: Readonly<Record<string, string>>;
  readonly port: number;
  readonly access: 'read' | 'write';
  readonly memoryBytes: number;
  readonly cpus: number;
  readonly pids: number;
  readonly database: string | undefined;
}
