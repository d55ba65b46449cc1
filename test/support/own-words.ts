/** @returns stderr without the sweep's words: what another test left dead on purpose is swept by whichever run comes next, on the same engine. */
export function ownWords(stderr: string): string {
  return stderr.replace(/^left behind by run .*\n/gm, '');
}
