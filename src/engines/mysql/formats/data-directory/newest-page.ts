import { Transform } from 'node:stream';
import { extract } from 'tar-stream';
import { isEncryptedAria } from './aria-header.ts';
import { HEADER_BYTES, type PageEncryption, readPageEncryption, readPageSize } from './innodb-header.ts';

/** The most recently changed page of a copy. */
export interface NewestPage {
  readonly file: string;
  readonly page: number;
  /** Log sequence number of its last change. */
  readonly lsn: bigint;
}

const ARIA = /\.MAI$/;
const PAGES = /(?:^|\/)(?:[^/]+\.ibd|ibdata\d+|undo_?\d{3})$/;
/** Offset of the number in each page. Source: storage/innobase/include/fil0types.h, FIL_PAGE_LSN. */
const LSN_AT = 16;
/** Length of a page's header. Source: the same, FIL_PAGE_DATA. */
const PAGE_HEAD_BYTES = 38;

/** Inspects every page of InnoDB's files as they stream past, and remembers the newest. The first page of each file states its page size. */
export class PageWatch {
  newest: NewestPage | undefined;
  /** The first file with pages that MariaDB encrypted, or whose header marks its table as encrypted. */
  encrypted: string | undefined;
  private readonly serverSize: number | undefined;

  /** @param serverSize the server's page size in bytes, if known in advance. */
  constructor(serverSize: number | undefined) {
    this.serverSize = serverSize;
  }

  /** @returns a function that takes the chunks of a file, in order; undefined for a file without pages. */
  watch(file: string): ((chunk: Buffer) => void) | undefined {
    if (ARIA.test(file)) return this.watchAria(file);
    if (!PAGES.test(file)) return undefined;
    let head = Buffer.alloc(0);
    let look: ((chunk: Buffer) => void) | undefined;
    return (chunk) => {
      if (look) return look(chunk);
      head = Buffer.concat([head, chunk]);
      if (head.length < HEADER_BYTES) return;
      const pageSize = readPageSize(head, this.serverSize);
      const isEncrypted = readPageEncryption(head);
      look = pageSize === undefined ? () => undefined : this.watchPages(file, pageSize, isEncrypted);
      look(head);
      head = Buffer.alloc(0);
    };
  }

  private watchAria(file: string): (chunk: Buffer) => void {
    let head: Buffer | undefined = Buffer.alloc(0);
    return (chunk) => {
      if (!head) return;
      head = Buffer.concat([head, chunk]);
      const isEncrypted = isEncryptedAria(head);
      if (isEncrypted === undefined) return;
      if (isEncrypted) this.encrypted ??= file;
      head = undefined;
    };
  }

  private watchPages(file: string, pageSize: number, isEncrypted: PageEncryption): (chunk: Buffer) => void {
    const head = Buffer.alloc(PAGE_HEAD_BYTES);
    let position = 0;
    let page = 0;
    return (chunk) => {
      const end = position + chunk.length;
      for (;;) {
        const from = page * pageSize;
        if (from >= end) break;
        const start = Math.max(from, position);
        const stop = Math.min(from + PAGE_HEAD_BYTES, end);
        chunk.copy(head, start - from, start - position, stop - position);
        if (stop < from + PAGE_HEAD_BYTES) break;
        const lsn = head.readBigUInt64BE(LSN_AT);
        if (lsn > (this.newest?.lsn ?? 0n)) this.newest = { file, page, lsn };
        if (isEncrypted(head, page)) this.encrypted ??= file;
        page += 1;
      }
      position = end;
    };
  }

  /** Passes a tar through, inspecting its entries. A tar that cannot be read is passed through as well: unpacking it reports the error. */
  tarWatch(): Transform {
    const entries = extract();
    let isReadable = true;
    const reading = (async () => {
      for await (const entry of entries) {
        const look = this.watch(entry.header.name);
        if (look) for await (const chunk of entry) look(chunk as Buffer);
        else entry.resume();
      }
    })().catch(() => {
      isReadable = false;
    });
    return new Transform({
      transform(chunk: Buffer, _encoding, done) {
        if (!isReadable || entries.destroyed || entries.write(chunk)) return done(null, chunk);
        const goOn = (): void => {
          entries.off('drain', goOn).off('close', goOn);
          done(null, chunk);
        };
        entries.on('drain', goOn).on('close', goOn);
      },
      flush(done) {
        entries.end(undefined);
        void reading.then(() => done());
      },
      destroy(error, done) {
        entries.destroy();
        done(error);
      },
    });
  }
}
