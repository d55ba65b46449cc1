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
    asks: 'Recovery plan procedures are tested against the recovery objectives. Points of focus include whether backup data is complete and correct.',
    evidence: [
      { section: 'attainment', shows: 'how many tests met their objectives, per month and tier' },
      {
        section: 'audit',
        shows: 'each test: what was restored, who or what triggered it, what was measured, and the data checks',
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
    asks: 'Activities to recover from security incidents are defined and carried out. Points of focus include restoring systems, finding the root cause, improving recovery and testing the plan periodically.',
    evidence: [
      { section: 'incidents', shows: 'each failed test, when it began to fail, and the test that proved the fix' },
      { section: 'trends', shows: 'whether recovery is getting slower, and why' },
    ],
    source:
      'https://www.aicpa-cima.com/resources/download/2017-trust-services-criteria-with-revised-points-of-focus-2022',
  },
  {
    id: 'iso27001-a5.30',
    framework: 'ISO/IEC 27001:2022, Annex A',
    clause: 'A.5.30',
    title: 'ICT readiness for business continuity',
    asks: 'ICT readiness is planned, implemented, maintained and tested against business continuity objectives and the ICT requirements derived from them.',
    evidence: [
      { section: 'attainment', shows: 'recovery time and data loss against RTO and RPO' },
      { section: 'forecast', shows: 'when recovery is forecast to miss its RTO' },
    ],
    source: 'https://www.iso.org/standard/27001',
  },
  {
    id: 'iso27001-a8.13',
    framework: 'ISO/IEC 27001:2022, Annex A',
    clause: 'A.8.13',
    title: 'Information backup',
    asks: 'Backups of information, software and systems are maintained and regularly tested in line with the backup policy.',
    evidence: [
      {
        section: 'audit',
        shows: 'each backup restored: key, checksum, size, age, and the data checks',
      },
      { section: 'coverage', shows: 'databases whose backups were not restored, and since when' },
    ],
    source: 'https://www.iso.org/standard/27001',
  },
  {
    id: 'dora-11',
    framework: 'DORA, Regulation (EU) 2022/2554',
    clause: 'Article 11',
    title: 'Response and recovery',
    asks: 'Continuity, response and recovery plans are tested at least yearly for the systems that support every function, and after substantive changes to those that support critical or important functions (6).',
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
    asks: 'Backup, restoration and recovery are tested periodically (2). Systems used for restores are physically and logically separate from the source (3). Each function has recovery time and recovery point objectives (6). The integrity of recovered data is checked (7).',
    evidence: [
      { section: 'audit', shows: 'host, isolation and cleanup of each sandbox, and the data checks' },
      { section: 'attainment', shows: 'recovery time, data loss and correct data against the objectives' },
    ],
    source: 'https://eur-lex.europa.eu/eli/reg/2022/2554/oj',
  },
  {
    id: 'hipaa-164.308-a-7-ii-d',
    framework: 'HIPAA Security Rule, 45 CFR',
    clause: '§ 164.308(a)(7)(ii)(D)',
    title: 'Testing and revision procedures',
    asks: 'Contingency plans are tested and revised periodically (addressable).',
    evidence: [
      { section: 'audit', shows: 'each recovery test and its date' },
      { section: 'incidents', shows: 'what a test found, and the test that proved the fix' },
    ],
    source: 'https://www.ecfr.gov/current/title-45/section-164.308',
  },
  {
    id: 'nist-cp-4',
    framework: 'NIST SP 800-53 Rev. 5, with SP 800-34 Rev. 1',
    clause: 'CP-4',
    title: 'Contingency Plan Testing',
    asks: 'The contingency plan is tested at a defined frequency with defined tests, to show that it works and can be carried out. Results are reviewed, and corrective action is taken where needed.',
    evidence: [
      { section: 'coverage', shows: 'tests that are overdue or were never run' },
      { section: 'attainment', shows: 'test results per month' },
      { section: 'incidents', shows: 'fixes, each with the run that proved it' },
    ],
    source: 'https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final',
  },
  {
    id: 'nist-cp-9-1',
    framework: 'NIST SP 800-53 Rev. 5, with SP 800-34 Rev. 1',
    clause: 'CP-9(1)',
    title: 'System Backup: Testing for Reliability and Integrity',
    asks: 'Backups are tested at a defined frequency for media reliability and data integrity.',
    evidence: [
      { section: 'audit', shows: 'each backup read and restored, with the data checks' },
      { section: 'attainment', shows: 'the share of restores with correct data' },
    ],
    source: 'https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final',
  },
];
