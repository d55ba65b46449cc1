/** What only one page has. */
export const PAGES_CSS = `
/* Sign-in. */
.signin-page { display: grid; align-content: center; justify-items: center; }
.signin-card { width: min(100%, 24rem); padding: var(--space-6); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-l); box-shadow: var(--shadow-l); }
.signin-card .mark { width: 2.5rem; height: 2.5rem; margin-bottom: var(--space-4); }
.signin { display: grid; gap: var(--space-2); margin: var(--space-4) 0; }
.signin label { font-weight: 500; }
.signin button { margin-top: var(--space-2); }

/* Run. */
.reason h3 { color: var(--soft); font-size: var(--text-s); }
.reason p { max-width: 90ch; margin: var(--space-1) 0; }
.commands { margin: var(--space-2) 0; }
.commands dt { color: var(--soft); font-size: var(--text-s); }
.commands dd { margin: 0 0 var(--space-3); }
.commands pre { max-height: none; margin: var(--space-1) 0; white-space: pre-wrap; overflow-wrap: anywhere; user-select: all; }
.acknowledge { margin: var(--space-2) 0; }
.acknowledge label { color: var(--soft); font-size: var(--text-s); }
.note.controls p { margin: 0; }
.runbook details { padding: var(--space-1) var(--space-4); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-l); }

/* Runbooks. */
.prose { max-width: 76ch; line-height: 1.6; }
.prose li > p { margin: var(--space-1) 0; }
.prose table { width: auto; }
.prose h2 { font-size: var(--text-l); }
.prose h3 { font-size: var(--text-l); }
.steps { padding-left: 1.4em; }
.steps > li { margin: var(--space-3) 0; }
.steps pre { white-space: pre-wrap; overflow-wrap: anywhere; }

/* Report. */
.report { margin-top: var(--space-5); }
.r-report h2 { font-size: 1.15rem; }
.r-report h3 { font-size: 1rem; }
.r-report table { border: 0; background: none; }
.r-figure { max-width: 62rem; }
@media (min-width: 75rem) { [data-label=Drill] { min-width: 9.5rem; } [data-label=Started] time { white-space: nowrap; } }
`;
