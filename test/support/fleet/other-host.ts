/** Loaded before the program (`node --import`), which then takes itself to be on another machine, whose clock may differ. */
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

const { TEST_HOST: host, TEST_CLOCK_OFFSET_MS: offset } = process.env;
if (host !== undefined) {
  os.hostname = () => host;
  syncBuiltinESMExports();
}
if (offset !== undefined) globalThis.Date = shiftClock(Number(offset));

function shiftClock(offsetMs: number): DateConstructor {
  const { now } = Date;
  return new Proxy(Date, {
    construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now() + offsetMs] : args, self),
    get: (target, key) => (key === 'now' ? () => now() + offsetMs : Reflect.get(target, key)),
  });
}
