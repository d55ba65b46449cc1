import { userInfo } from 'node:os';

/** The name of the user who runs this command, for the record. */
export function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`; // a uid without a name, as in many containers
  }
}
