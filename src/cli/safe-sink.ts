import { toTerminalText } from '../support/printable.ts';
import type { Hyperlinks, TextSink } from './io.ts';

/** Wraps a sink so that no output can control the terminal or reorder text: file names, drill names, keys and messages are untrusted. */
export function safeSink(sink: TextSink, links?: Hyperlinks): TextSink {
  return {
    write: (text) => sink.write(toTerminalText(text, links?.pattern)),
    get isTTY() {
      return sink.isTTY === true;
    },
    get columns() {
      return sink.columns;
    },
  };
}
