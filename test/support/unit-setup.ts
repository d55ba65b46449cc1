import { afterAll, afterEach } from 'vitest';
import { forbidProcessesAndSockets, takeAttempts } from './unit-boundary.ts';

forbidProcessesAndSockets();

afterEach(failOnAttempts);
afterAll(failOnAttempts);

function failOnAttempts(): void {
  const [first] = takeAttempts();
  if (first !== undefined) throw new Error(first);
}
