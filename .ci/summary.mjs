// Prints the one line that a run ends with, from the JSON reports of the test runner: summary.mjs STATUS REPORT...
// STATUS is how the run itself went: its reports do not tell of an error outside every test, nor of the checks.
// Runs on Node 20. Exits 1 when something failed, when the runner calls the run a failure, and when no test ran.
import { readFileSync } from 'node:fs';

const [status, ...paths] = process.argv.slice(2);
const reports = paths.map(readReport);
const files = reports.flatMap((report) => report.testResults);

// A file can fail with no test of its failing: it does not load, or a hook (the leak checks are hooks) fails. It counts as one.
const failedWhole = files.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
);
for (const file of failedWhole) console.log(`failed outside its tests: ${file.name} ${file.message}`.trim());

// Again here, because a log is read from its end.
for (const file of files) {
  for (const test of file.assertionResults) {
    if (test.status === 'failed') console.log(`failed: ${file.name} > ${test.fullName}\n  ${firstLines(test.failureMessages)}`);
  }
}

const passed = total('numPassedTests');
const failedInReport = total('numFailedTests') + failedWhole.length;
const isFailedElsewhere = failedInReport === 0 && status !== '0';
if (isFailedElsewhere) console.log('failed outside every test, an unhandled error or a check: see above');
const failed = failedInReport + (isFailedElsewhere ? 1 : 0);
const skipped = total('numPendingTests') + total('numTodoTests');
const isEmpty = reports.some((report) => report.numPassedTests === 0);
if (isEmpty) console.log('no test passed');
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = reports.every((report) => report.success) && failed === 0 && !isEmpty ? 0 : 1;

function total(count) {
  return reports.reduce((sum, report) => sum + report[count], 0);
}

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
