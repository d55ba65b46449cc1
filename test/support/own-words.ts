/** @returns stderr without the lines of the sweep: what another test left dead on purpose is swept by the next run on the same engine. */
export function ownWords(stderr: string): string {
  return stderr.replace(/^left behind by run .*\n/gm, '');
}
