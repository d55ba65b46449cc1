/** @returns the processor time that `work` takes, in ms; unlike elapsed time, it does not grow with the load of the machine. */
export function cpuMsOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
