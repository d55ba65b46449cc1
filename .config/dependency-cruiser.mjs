/** Imports point one way: main → wiring → cli, daemon, dashboard → run → stages → contracts → support. Each rule says why. */
const DRIVERS = [
  '^src/backup/drivers/',
  '^src/engines/[^/]+/',
  '^src/record/sqlite/',
  '^src/sandbox/(docker|local)/',
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
      name: 'support-is-a-leaf',
      comment: 'Everybody uses support/, so it may use nobody.',
      severity: 'error',
      from: { path: '^src/support/' },
      to: { path: '^src/', pathNot: '^src/support/' },
    },
    {
      name: 'deciding-does-no-io',
      comment: 'plan/ and judge/ decide; what decides a verdict must be provable by tests alone.',
      severity: 'error',
      from: { path: '^src/(plan|judge|schedule)/' },
      to: { path: '^(node:)?(fs|net|http|https|child_process|dgram|dns|tls|worker_threads|sqlite)(/|$)' },
    },
    {
      name: 'drivers-are-named-once',
      comment: 'Only the composition root, of a process or a thread, names concrete drivers; everybody else knows the contract.',
      severity: 'error',
      from: { path: '^src/', pathNot: ['^src/(wiring|report-worker)\\.ts$', ...DRIVERS] },
      to: { path: DRIVERS, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'record-knows-no-sandbox',
      comment: 'History outlives every driver: record/ and report/ know nothing of sandboxes, engines and sources.',
      severity: 'error',
      from: { path: '^src/(record|report)/' },
      to: { path: '^src/(sandbox|engines|backup|run|cli)/' },
    },
    {
      name: 'stages-know-types-only',
      comment: 'Sources, sandboxes and engines meet only through their contracts.',
      severity: 'error',
      from: { path: '^src/(backup|sandbox|engines)/' },
      to: {
        path: '^src/(backup|sandbox|engines|run|record|verify|judge|plan|cli)/',
        pathNot: '^src/$1/',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'nobody-needs-the-cli',
      comment: 'The command line is one face of many.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(cli/|main\\.ts|wiring\\.ts)' },
      to: { path: '^src/cli/' },
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
