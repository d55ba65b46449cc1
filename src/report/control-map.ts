import type { Control } from './report.ts';

/**
 * Maps each requirement to the parts of a report that answer it. A restore drill is only one piece of the evidence that each requires: people, sites and
 * communication are tested elsewhere. Checked against public texts in November 2026. A rule proposed in January 2025 (90 FR 898) would reword and
 * renumber the HIPAA requirement.
 */
export const CONTROL_MAP: readonly Control[] = [
  {
    id: 'soc2-a1.3',
    framework: 'SOC 2 (AICPA Trust Services Criteria, Availability)',
    clause: 'A1.3',
    title: undefined,
    asks: 'The procedures of the recovery plan are tested against the objectives that recovery is to meet; among the points of focus: that backup data is whole and right.',
    evidence: [
      { section: 'attainment', shows: 'how many tests met their objectives, per month and tier' },
      {
        section: 'audit',
        shows:
          'each test: what was restored, by whom or what it was started, what was measured, and the checks of its data',
      },
      { section: 'coverage', shows: 'what was not tested' },
    ],
    source:
      'https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022',
  },
  {
    id: 'soc2-cc7.5',
    framework: 'SOC 2 (AICPA Trust Services Criteria, Common Criteria)',
    clause: 'CC7.5',
    title: undefined,
    asks: 'Activities to recover from security incidents are worked out and put in place; among the points of focus: systems are restored, causes found, recovery improved, and its plan tested periodically.',
    evidence: [
      { section: 'incidents', shows: 'each failed test, since when, and the test that proved it repaired' },
      { section: 'trends', shows: 'whether recovery gets slower, and why' },
    ],
    source:
      'https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022',
  },
  {
    id: 'iso27001-a5.30',
    framework: 'ISO/IEC 27001:2022, Annex A',
    clause: 'A.5.30',
    title: 'ICT readiness for business continuity',
    asks: 'The readiness of ICT is planned, put in place, kept up and tested, by the objectives of business continuity and what follows from them for ICT.',
    evidence: [
      { section: 'attainment', shows: 'recovery time and data loss against RTO and RPO' },
      { section: 'forecast', shows: 'when a recovery time will no longer meet its RTO' },
    ],
    source: 'https://www.iso.org/standard/27001',
  },
  {
    id: 'iso27001-a8.13',
    framework: 'ISO/IEC 27001:2022, Annex A',
    clause: 'A.8.13',
    title: 'Information backup',
    asks: 'Backup copies of information, software and systems are kept and regularly tested, as the agreed policy on backups says.',
    evidence: [
      {
        section: 'audit',
        shows: 'each backup that was restored: key, checksum, size and age, and the checks of its data',
      },
      { section: 'coverage', shows: 'databases whose backups were not restored, and for how long' },
    ],
    source: 'https://www.iso.org/standard/27001',
  },
  {
    id: 'dora-11',
    framework: 'DORA, Regulation (EU) 2022/2554',
    clause: 'Article 11',
    title: 'Response and recovery',
    asks: 'Plans for continuity, response and recovery are tested at least yearly for the systems behind all functions, and after substantive changes of those behind critical or important ones (6).',
    evidence: [
      { section: 'headline', shows: 'how many databases were proven recoverable' },
      { section: 'trends', shows: 'tests before and after a change of image, host or version' },
      { section: 'incidents', shows: 'what tests found, and when it was fixed' },
    ],
    source: 'https://eur-lex.europa.eu/eli/reg/2022/2554/oj',
  },
  {
    id: 'dora-12',
    framework: 'DORA, Regulation (EU) 2022/2554',
    clause: 'Article 12',
    title: 'Backup policies and procedures, restoration and recovery procedures and methods',
    asks: 'Backup, restoration and recovery are tested periodically (2); own systems that backups are restored on are physically and logically apart from their source (3); each function has objectives for recovery time and recovery point (6); the integrity of recovered data is checked (7).',
    evidence: [
      { section: 'audit', shows: 'host, isolation and removal of each sandbox, and the checks of the restored data' },
      { section: 'attainment', shows: 'recovery time, data loss and right data against the objectives' },
    ],
    source: 'https://eur-lex.europa.eu/eli/reg/2022/2554/oj',
  },
  {
    id: 'hipaa-164.308-a-7-ii-d',
    framework: 'HIPAA Security Rule, 45 CFR',
    clause: '§ 164.308(a)(7)(ii)(D)',
    title: 'Testing and revision procedures',
    asks: 'There are procedures by which contingency plans are tested and revised periodically (addressable).',
    evidence: [
      { section: 'audit', shows: 'each test of recovery and its date' },
      { section: 'incidents', shows: 'what a test found wrong, and the test after the repair' },
    ],
    source: 'https://www.ecfr.gov/current/title-45/section-164.308',
  },
  {
    id: 'nist-cp-4',
    framework: 'NIST SP 800-53 Rev. 5, with SP 800-34 Rev. 1',
    clause: 'CP-4',
    title: 'Contingency Plan Testing',
    asks: 'The contingency plan is tested at a set frequency and by set tests, for whether it works and can be carried out; results are reviewed, and corrections begun where needed.',
    evidence: [
      { section: 'coverage', shows: 'tests that are overdue or were never made' },
      { section: 'attainment', shows: 'results of the tests, per month' },
      { section: 'incidents', shows: 'corrections, each with the run that proved it' },
    ],
    source: 'https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final',
  },
  {
    id: 'nist-cp-9-1',
    framework: 'NIST SP 800-53 Rev. 5, with SP 800-34 Rev. 1',
    clause: 'CP-9(1)',
    title: 'System Backup: Testing for Reliability and Integrity',
    asks: 'Backups are tested at a set frequency, for the reliability of their media and the integrity of what they hold.',
    evidence: [
      { section: 'audit', shows: 'each backup that was read and restored, with the checks of its data' },
      { section: 'attainment', shows: 'the share of restores that gave the right data' },
    ],
    source: 'https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final',
  },
];
