import { text } from 'node:stream/consumers';
import type { Sandbox, SandboxFile } from '../../../src/sandbox/sandbox.ts';

interface Refusal {
  /** Statements to refuse. */
  readonly refuses: RegExp;
  /** Error to print for them. */
  readonly with: string;
}

const SETTINGS = ['max_partitions_per_insert_block', 'allow_suspicious_fixed_string_types', 'optimize_on_insert'];

/** A sandbox whose `clickhouse-local` finds one table with one column in every file, and stores nothing. */
export class FakeClickHouse {
  readonly asked: { readonly sql: string; readonly argv: readonly string[] }[] = [];
  readonly sandbox: Sandbox;

  constructor(refusal?: Refusal) {
    this.sandbox = {
      paths: { data: '/data', run: '/run', scratch: '/scratch' },
      binDirs: [],
      provenance: { name: 'fake', id: 'fake' },
      connect: () => ({ kind: 'path', path: '/run/none' }),
      writeFiles: async (_dir: string, files: AsyncIterable<SandboxFile>) => {
        for await (const { content } of files) await text(content);
      },
      exec: async (argv: readonly string[], { stdin, stdout }: Parameters<Sandbox['exec']>[1]) => {
        if (!stdin) return { exitCode: 0, stdout: 'ClickHouse client version 26.7.2.1', stderr: '' };
        const sql = await text(stdin);
        this.asked.push({ sql, argv });
        if (refusal?.refuses.test(sql)) return { exitCode: 1, stdout: '', stderr: refusal.with };
        await new Promise<void>((done) => stdout?.end(answer(sql), done));
        return { exitCode: 0, stdout: '', stderr: '' };
      },
    } as unknown as Sandbox;
  }

  /** What a format receives to provision and run. */
  runOptions(): object {
    const phases = {
      enter: () => undefined,
      beside: <T>(_name: string, work: Promise<T>) => work,
      count: () => undefined,
    };
    const ignore = () => undefined;
    return { phases, onBooted: ignore, onProgress: ignore, onLoaded: ignore, signal: new AbortController().signal };
  }
}

function answer(sql: string): string {
  if (sql.startsWith('SELECT version()')) return ['26.7.2.1', ...SETTINGS, ''].join('\n');
  if (sql.startsWith('DESCRIBE')) return 'name\ttype\nString\tString\nid\tUInt64\n';
  if (sql.includes('INSERT INTO')) return '0\n5\n5\nMergeTree\n';
  if (sql.includes('system.columns'))
    return 'database\ttable\tname\ttype\tdefault_kind\nString\tString\tString\tString\tString\n';
  return '';
}
