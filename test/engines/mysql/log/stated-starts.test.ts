import { describe, expect, it } from 'vitest';
import { StatedStarts } from '../../../../src/engines/mysql/log/stated-starts.ts';

const at = (position: number) => `-- CHANGE MASTER TO MASTER_LOG_FILE='bin.000001', MASTER_LOG_POS=${position};`;
const noted = (...texts: readonly string[]): StatedStarts => {
  const starts = new StatedStarts();
  for (const text of texts) starts.note(text);
  return starts;
};

describe('the positions that a dump states', () => {
  it('are one, however often and in however many ways it is stated', () => {
    const gtids = "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-9';";
    expect(() => noted(at(4), gtids, '-- Table structure', at(4), gtids).requireOne()).not.toThrow();
    expect(() => noted().requireOne()).not.toThrow();
  });

  it.each([
    [[at(4), '-- Dump completed', at(900)], /2 different positions in the log: bin\.000001:4, bin\.000001:900$/],
    [["SET GLOBAL gtid_slave_pos='0-1-7'", "SET GLOBAL gtid_slave_pos='0-1-9'"], /: 0-1-7, 0-1-9$/],
  ])('are several when the file holds several dumps: %j', (texts, message) => {
    expect(() => noted(...texts).requireOne()).toThrow(
      expect.objectContaining({ code: 'log-start-unknown', message: expect.stringMatching(message) }),
    );
  });
});
