/** The next step when a sandbox's disk is full. */
export const FREE_UP_SPACE =
  'Free up space on the disk that holds the sandbox’s data, or set `sandbox.storage: volume` if it is tmpfs now.';
