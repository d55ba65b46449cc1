import { dirname } from 'node:path/posix';
import { toPrintable } from '../../../support/printable.ts';
import type { NotVerifiable, PageChecksums } from '../../data-files.ts';
import type { MysqlServer } from './mysql-server.ts';
import { restart } from './seal.ts';

const MAX_NAMED = 50;

/**
 * Verifies the checksum of every InnoDB page with innochecksum (both manuals), which accepts only files that no server has open. Tables of other storage
 * engines have no pages; `CHECK TABLE` reads those.
 */
export async function verifyChecksums(
  server: MysqlServer,
  { signal, run }: { readonly signal: AbortSignal; readonly run: AbortSignal },
): Promise<PageChecksums | NotVerifiable> {
  const { sandbox, tools } = server;
  const dirs = [dirname(tools.server), ...sandbox.binDirs];
  const found = await sandbox.exec(['sh', '-c', FIND, 'find', ...dirs], { signal });
  const program = found.stdout.trim();
  if (program === '') {
    return {
      reason: `${sandbox.provenance.name} has no innochecksum`,
      hint: `Name an image with all programs of the ${server.flavor.title} server in \`engine.image\`.`,
    };
  }
  const pageBytes = await server.administer(signal, async (session) =>
    Number((await session.ask('SELECT @@innodb_page_size'))[0]?.[0]),
  );
  const report = new InnochecksumReport(sandbox.paths.data, pageBytes);
  let failure: unknown;
  const whileStopped = async (): Promise<void> => {
    try {
      const argv = ['sh', '-c', CHECK, 'check', sandbox.paths.data, program];
      await sandbox.exec(argv, { signal, env: { LC_ALL: 'C' }, onStderrLine: (line) => report.readLine(line) });
    } catch (error) {
      failure = error; // the server is started again first
    }
  };
  await restart(server, false, run, [], whileStopped);
  await server.administer(run, async (session) => {
    await session.execute('SET GLOBAL read_only = ON');
  });
  if (failure !== undefined) throw failure;
  return report.found;
}

const FIND = `
IFS=:
for dir in "$@" $PATH; do
  if [ -x "$dir/innochecksum" ]; then printf '%s' "$dir/innochecksum"; exit; fi
done
`;

/** Prints a line for each file, with its size, then the program's output for it: all damaged pages, not only the first. */
const CHECK = `
find "$1" -type f \\( -name '*.ibd' -o -name 'ibdata*' -o -name 'undo*' \\) | while read -r file; do
  size=$(wc -c < "$file")
  printf 'FILE %s %s\\n' "$size" "$file" >&2
  "$2" --allow-mismatches=1000000 "$file" > /dev/null
  code=$?
  [ $code -eq 0 ] || printf 'FAILED %s\\n' "$code" >&2
done
`;

const BAD_PAGE = /^Fail: page::(\d+) invalid/;

/** Parses the output of innochecksum. Source: both products' extra/innochecksum.cc. */
export class InnochecksumReport {
  readonly #data: string;
  readonly #pageBytes: number;
  readonly #bad: string[] = [];
  #badCount = 0;
  #pages = 0;
  #file = '';
  #inFile = 0;
  #said = '';

  /** @param data the directory, which is omitted from names. */
  constructor(data: string, pageBytes: number) {
    this.#data = `${data}/`;
    this.#pageBytes = pageBytes;
  }

  get found(): PageChecksums {
    return { pages: this.#pages, bad: this.#bad, badCount: this.#badCount };
  }

  readLine(line: string): void {
    const [, size, file] = /^FILE (\d+) (.*)$/.exec(line) ?? [];
    if (file !== undefined) {
      this.#file = file.startsWith(this.#data) ? file.slice(this.#data.length) : file;
      this.#pages += Math.ceil(Number(size) / this.#pageBytes);
      this.#inFile = 0;
      this.#said = '';
      return;
    }
    const page = BAD_PAGE.exec(line)?.[1];
    if (page !== undefined && this.#isDoublewrite(Number(page))) this.#inFile += 1;
    else if (page !== undefined) this.#add(`page ${page} of ${this.#file}`);
    else if (/^FAILED \d+$/.test(line)) {
      if (this.#inFile === 0) this.#add(`a page of ${this.#file}${this.#said === '' ? '' : ` (${this.#said})`}`);
    } else if (line.trim() !== '') this.#said = line.trim();
  }

  /**
   * The doublewrite buffer, the second and third extent of the system tablespace, contains copies of pages of other files, which innochecksum does not always
   * skip. Source: both products' storage/innobase, buf0dblwr.h and fsp0types.h.
   */
  #isDoublewrite(page: number): boolean {
    const extent = Math.max(64, 2 ** 20 / this.#pageBytes);
    return this.#file === 'ibdata1' && page >= extent && page < 3 * extent;
  }

  #add(page: string): void {
    this.#inFile += 1;
    this.#badCount += 1;
    if (this.#bad.length < MAX_NAMED) this.#bad.push(toPrintable(page, 300));
  }
}
