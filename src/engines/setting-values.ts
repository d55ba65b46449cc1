import type { AllowedSetting } from './sql-descriptor.ts';

/** Values shared by settings of several engines. */
export const SWITCH: AllowedSetting = { values: /^(?:on|off)$/, expected: 'on or off' };
export const WORD: AllowedSetting = { values: /^\w[\w.-]*$/, expected: 'a single word' };
export const NUMBER: AllowedSetting = { values: /^\d{1,9}$/, expected: 'a whole number' };
