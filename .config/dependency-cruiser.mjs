/** Imports point one way: main → wiring → cli, daemon, dashboard → run → stages → contracts → support. Each rule says why. */
const DRIVERS = [
  '^src/backup/drivers/',
  '^src/engines/(?!(recognition|server|sql-dump)/)[^/]+/',
  '^src/record/(sqlite|postgres)/',
  '^src/sandbox/(container|docker|local)/',
];

/** Files that say what others implement, or are plain data: what they import, everybody imports. */
const CONTRACTS = [
  '^src/backup/(source|stored-object|protection|content|neighbours|directory-layout|layer|openssl-spec)\\.ts$',
  '^src/config/drill-file\\.ts$',
  '^src/daemon/control\\.ts$',
  '^src/engines/(capability|catalog|check-timeout|command-access|damage|data-files|engine|engine-descriptor|engine-options|fingerprint|format|log-events|query-result|restored-files|schema-object|sql-access|sql-descriptor|syntax)\\.ts$',
  '^src/notify/(channel|channel-kind|notification)\\.ts$',
  '^src/plan/plan\\.ts$',
  '^src/record/(store|[a-z]+-store|check-record|lead|run-limits|run-record)\\.ts$',
  '^src/report/(format-kind|report|report-attainment|report-providers|report-summary|report-trend)\\.ts$',
  '^src/status/race-result\\.ts$',
  '^src/run/contract\\.ts$',
  '^src/sandbox/(sandbox|local-binaries)\\.ts$',
  '^src/verify/(check-kind|expectations/expectation-kind)\\.ts$',
];

export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment:
        'Files that need each other cannot be read, tested or moved apart. Types count: what two files share goes into a contract or a small file that neither owns.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'contracts-import-no-implementation',
      comment:
        'Who knows a contract must not come to know one of its implementations by it. A contract imports other contracts and support/; types count.',
      severity: 'error',
      from: { path: CONTRACTS, pathNot: '^src/config/' },
      to: { path: '^src/', pathNot: [...CONTRACTS, '^src/support/'] },
    },
    {
      name: 'support-is-a-leaf',
      comment: 'Everybody uses support/, so it may use nobody.',
      severity: 'error',
      from: { path: '^src/support/' },
      to: { path: '^src/', pathNot: '^src/support/' },
    },
    {
      name: 'deciding-does-no-io',
      comment: 'What decides a verdict, a date or a standing must be provable by tests alone.',
      severity: 'error',
      from: { path: '^src/(plan|judge|schedule|status)/' },
      to: { path: '^(node:)?(fs|net|http|https|child_process|dgram|dns|tls|worker_threads|sqlite)(/|$)' },
    },
    {
      name: 'deciding-is-given-everything',
      comment: 'What plan/, judge/ and schedule/ decide on is passed in: they call nothing that reads, runs or stores.',
      severity: 'error',
      from: { path: '^src/(plan|judge|schedule)/' },
      to: { path: '^src/', pathNot: '^src/($1|support)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'drivers-are-named-once',
      comment: 'Only the composition root names concrete drivers; everybody else knows the contract.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(wiring|(backup|engines|sandbox)/registry)\\.ts$', ...DRIVERS] },
      to: { path: DRIVERS, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'record-knows-no-sandbox',
      comment: 'History outlives every driver: record/ and report/ know nothing of sandboxes, engines and sources.',
      severity: 'error',
      from: { path: '^src/(record|report)/' },
      to: { path: '^src/(sandbox|engines|backup|verify|judge|plan|run|notify)/' },
    },
    {
      name: 'stages-know-types-only',
      comment: 'Sources, sandboxes and engines meet only through their contracts.',
      severity: 'error',
      from: { path: '^src/(backup|sandbox|engines|verify)/' },
      to: {
        path: '^src/(backup|sandbox|engines|record|verify|judge|plan|notify|report|status)/',
        pathNot: ['^src/$1/', ...CONTRACTS],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'run-is-above-its-stages',
      comment: 'A run calls its stages and decides what becomes of them; what is part of a run, or outlives it, does not call it.',
      severity: 'error',
      from: { path: '^src/(?!main\\.ts|wiring\\.ts|cli/|daemon/|dashboard/|run/)' },
      to: { path: '^src/run/' },
    },
    {
      name: 'nobody-needs-a-face',
      comment: 'The command line, the scheduler and the pages are faces of one product, each of which can be left out.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(main\\.ts|wiring\\.ts|cli/|daemon/|dashboard/)' },
      to: { path: '^src/(cli|daemon|dashboard)/' },
    },
    {
      name: 'only-cli-knows-both',
      comment: '`firedrill serve` puts scheduler and pages together; each of them knows of the other what daemon/control.ts says.',
      severity: 'error',
      from: { path: '^src/(daemon|dashboard)/' },
      to: { path: '^src/(cli|daemon|dashboard)/', pathNot: ['^src/$1/', '^src/daemon/control\\.ts$'] },
    },
    {
      name: 'no-unlisted-packages',
      comment: 'What is imported is pinned in package.json.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'source-needs-no-tests',
      comment: 'What ships does not import what tests it.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|demo)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
