import { toTerminalText } from '../support/printable.ts';
import type { TextSink } from './io.ts';

/** The same sink, through which nothing steers a terminal or reorders its text: file names, drill names, keys and messages come from elsewhere. */
export function safeSink(sink: TextSink): TextSink {
  return {
    write: (text) => sink.write(toTerminalText(text)),
    get isTTY() {
      return sink.isTTY === true;
    },
    get columns() {
      return sink.columns;
    },
  };
}
