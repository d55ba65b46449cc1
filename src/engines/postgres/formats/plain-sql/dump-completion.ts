import { formatCount } from '../../../../support/quantities.ts';

export type DumpKind = 'database' | 'cluster';

interface OpenDump {
  readonly of: DumpKind;
  readonly line: number;
}

const TOOL = { database: 'pg_dump', cluster: 'pg_dumpall' } as const;

/**
 * Tracks the dumps in a file: each header of pg_dump and pg_dumpall needs its own last line, and each `\restrict` its `\unrestrict`. A cluster's dump contains
 * those of its databases. Methods return how the file is cut short, as text that follows `ends` or `is cut short: `; undefined if nothing is wrong.
 */
export class DumpCompletion {
  private readonly open: OpenDump[] = [];
  private restricted: { readonly key: string; readonly line: number } | undefined;
  private headers = 0;

  /** A header of pg_dump or pg_dumpall was seen. */
  get hasHeader(): boolean {
    return this.headers > 0;
  }

  /** Every dump that started has ended: what follows does not belong to any. */
  get isAfterEnd(): boolean {
    return this.hasHeader && this.open.length === 0;
  }

  /** Within pg_dumpall's output, where every statement names its own database. */
  get isInCluster(): boolean {
    return this.open[0]?.of === 'cluster';
  }

  header(of: DumpKind, line: number): string | undefined {
    const last = this.open.at(-1);
    const cut = last && (of === 'cluster' || last.of === 'database') ? last : undefined;
    this.headers += 1;
    this.restricted = undefined;
    this.open.push({ of, line });
    return cut && `${describe(cut)} has no last line before the dump that begins at line ${formatCount(line)}`;
  }

  trailer(of: DumpKind): string | undefined {
    const last = this.open.at(-1);
    if (last?.of === of) this.open.pop();
    else if (of === 'cluster' && last) return `${describe(last)} has no last line before the end of the cluster’s dump`;
    return undefined;
  }

  restrict(key: string, line: number): void {
    this.restricted = { key, line };
  }

  unrestrict(key: string): string | undefined {
    const { restricted } = this;
    this.restricted = undefined;
    if (restricted === undefined || restricted.key === key) return undefined;
    return `the \\unrestrict after line ${formatCount(restricted.line)} has another key than its \\restrict`;
  }

  finish(): string | undefined {
    const last = this.open.at(-1);
    if (last) return `without the line that ${TOOL[last.of]} ends with`;
    return this.restricted && `without the \\unrestrict for line ${formatCount(this.restricted.line)}`;
  }
}

function describe({ of, line }: OpenDump): string {
  return `the ${of === 'cluster' ? 'cluster’s ' : ''}dump that begins at line ${formatCount(line)}`;
}
