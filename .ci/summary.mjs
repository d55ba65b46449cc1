// Prints the one line that a run ends with, from the JSON report of the test runner: summary.mjs REPORT STATUS
// STATUS is how the run itself went: its report does not tell of an error outside every test, nor of the checks.
// Runs on Node 20. Exits 1 when something failed, when the runner calls the run a failure, and when no test ran.
import { readFileSync } from 'node:fs';

const report = readReport(process.argv[2]);

// A file can fail with no test of its failing: it does not load, or a hook (the leak checks are hooks) fails. It counts as one.
const failedWhole = report.testResults.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
);
for (const file of failedWhole) console.log(`failed outside its tests: ${file.name} ${file.message}`.trim());

// Again here, because a log is read from its end.
for (const file of report.testResults) {
  for (const test of file.assertionResults) {
    if (test.status === 'failed') console.log(`failed: ${file.name} > ${test.fullName}\n  ${firstLines(test.failureMessages)}`);
  }
}

const passed = report.numPassedTests;
const failedInReport = report.numFailedTests + failedWhole.length;
const isFailedElsewhere = failedInReport === 0 && process.argv[3] !== '0';
if (isFailedElsewhere) console.log('failed outside every test, an unhandled error or a check: see above');
const failed = failedInReport + (isFailedElsewhere ? 1 : 0);
const skipped = report.numPendingTests + report.numTodoTests;
if (passed === 0) console.log('no test passed');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = report.success && failed === 0 && passed > 0 ? 0 : 1;

function firstLines(messages) {
  return messages.join('\n').split('\n').slice(0, 5).join('\n  ');
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    console.log(`the test runner left no report: ${error.message}`);
    return {
      success: false,
      numPassedTests: 0,
      numFailedTests: 0,
      numPendingTests: 0,
      numTodoTests: 0,
      testResults: [],
    };
  }
}
