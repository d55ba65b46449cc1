/** For checks that name no files. */
export const READING = {
  textOf: () => undefined,
  report: (path: readonly string[], message: string) => {
    throw new Error(`${path.join('.')} ${message}`);
  },
};
