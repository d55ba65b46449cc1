import { toTerminalText } from '../support/printable.ts';
import type { Hyperlinks, TextSink } from './io.ts';
import { wrapFor } from './wrap.ts';

export interface SinkOptions {
  /** The links that it may contain. */
  readonly links?: Hyperlinks | undefined;
  /** Whether it holds only sentences for people, which a terminal gets wrapped at words. */
  readonly isProse?: boolean;
}

/** Wraps a sink so that no output can control the terminal or reorder text: file names, drill names, keys and messages are untrusted. */
export function safeSink(sink: TextSink, { links, isProse = false }: SinkOptions = {}): TextSink {
  return {
    write: (text) => {
      const safe = toTerminalText(text, links?.pattern);
      return sink.write(isProse ? wrapFor(sink, safe) : safe);
    },
    get isTTY() {
      return sink.isTTY === true;
    },
    get columns() {
      return sink.columns;
    },
  };
}
