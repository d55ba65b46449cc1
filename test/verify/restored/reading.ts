/** For checks that name no file. */
export const READING = {
  textOf: () => undefined,
  report: (path: readonly string[], message: string) => {
    throw new Error(`${path.join('.')} ${message}`);
  },
};
