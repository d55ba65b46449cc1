import type { Statement } from './statement.ts';

const BATCH_BYTES = 256 * 1024;
const BATCH_STATEMENTS = 500;

/** Consecutive statements that may run as one transaction. */
export interface Batch<Kind extends string> {
  readonly kind: Kind;
  /** The table that they fill; empty if there is none. */
  readonly table: string;
  readonly statements: Statement[];
  sizeBytes: number;
}

/** Collects statements of one kind and table, and sends them when another kind follows or the batch is full. */
export class StatementBatches<Kind extends string> {
  private readonly send: (batch: Batch<Kind>) => Promise<void> | undefined;
  private batch: Batch<Kind> | undefined;

  /** @param send returns a promise to wait for before the next statement, or undefined to continue at once. */
  constructor(send: (batch: Batch<Kind>) => Promise<void> | undefined) {
    this.send = send;
  }

  add(kind: Kind, table: string, statement: Statement): Promise<void> | undefined {
    if (this.batch && (this.batch.kind !== kind || this.batch.table !== table)) {
      const wait = this.flush();
      if (wait) return wait.then(() => this.add(kind, table, statement));
    }
    this.batch ??= { kind, table, statements: [], sizeBytes: 0 };
    this.batch.statements.push(statement);
    this.batch.sizeBytes += statement.bytes.length;
    const isFull = this.batch.sizeBytes >= BATCH_BYTES || this.batch.statements.length >= BATCH_STATEMENTS;
    return isFull ? this.flush() : undefined;
  }

  flush(): Promise<void> | undefined {
    const { batch } = this;
    this.batch = undefined;
    return batch && this.send(batch);
  }
}
