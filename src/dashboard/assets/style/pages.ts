/** Styles used by a single page. */
export const PAGES_CSS = `
/* Overview: what needs attention, the list, its groups. */
.attention { display: flex; flex-wrap: wrap; gap: var(--space-2); margin: var(--space-4) 0; padding: 0; list-style: none; }
.attention a { display: inline-flex; align-items: center; gap: .4em; padding: .3rem .7rem; background: var(--surface); color: var(--ink); border: 1px solid var(--line-strong); border-radius: 999px; text-decoration: none; }
.attention a::before { content: "!"; display: grid; place-items: center; width: 1.1rem; height: 1.1rem; border-radius: 50%; background: var(--warn-back); color: var(--warn); font-size: var(--text-xs); font-weight: 700; }
.attention a.bad::before { content: "✖"; background: var(--bad-back); color: var(--bad); }
.attention a:hover { border-color: var(--soft); }
.attention a[aria-current] { border-color: var(--ink); box-shadow: inset 0 0 0 1px var(--ink); }
.calm { margin: var(--space-4) 0; color: var(--good); font-weight: 500; }
.count { margin: 0 0 var(--space-2); color: var(--soft); font-size: var(--text-s); }
.group { margin-bottom: var(--space-4); }
.group > summary { padding: var(--space-2) 0; }
.by-card { display: none; }
.rto { color: var(--soft); font-size: var(--text-s); white-space: nowrap; }
th[scope=row].name a, .quiet-link { color: var(--ink); text-decoration: none; }
th[scope=row].name a:hover, .quiet-link:hover { color: var(--link); text-decoration: underline; }

/* Widths of columns, the same whatever they hold. */
@media (min-width: 44.01rem) {
  :is(.drills, .runs) { table-layout: fixed; }
  :is(.drills, .runs) .wide { min-width: 0; }
  .runs .id { white-space: normal; }
  :is(.drills, .runs) .name { width: 20%; }
  :is(.drills, .runs) .state { width: 7.5rem; }
  :is(.drills, .runs) :is(th, td).bar { width: 11rem; }
  :is(.drills, .runs) .roomy { width: 9.5rem; }
  :is(.drills, .runs) .number { width: 6.25rem; }
  :is(.drills, .runs) .time { width: 8.5rem; }
}
@media (min-width: 75rem) {
  .drills .name { width: 15%; }
  .runs .time { width: 13rem; }
  .runs .time time { white-space: nowrap; }
  .runs .name { width: 18%; }
  :is(.drills, .runs) :is(th, td).bar { width: 13rem; }
}
@media (max-width: 60rem) { .runs .number { display: none; } }
@media (max-width: 44rem) { .by-card { display: contents; } }

/* Sign-in. */
.signin-page { display: grid; align-content: center; justify-items: center; padding-bottom: 12vh; }
.signin-page .message { max-width: 34rem; text-align: center; }
.signin-page .lead { margin: var(--space-2) 0 var(--space-4); color: var(--soft); }
.signin-page .actions { justify-content: center; }
.signin-card { width: min(100%, 24rem); padding: var(--space-6); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-l); box-shadow: var(--shadow-l); }
.signin-card .mark { width: 2.5rem; height: 2.5rem; margin-bottom: var(--space-4); }
.signin { display: grid; gap: var(--space-2); margin: var(--space-4) 0; }
.signin label { font-weight: 500; }
.signin button { margin-top: var(--space-2); }

/* Run. */
.going .finish { margin: 0; font-size: var(--text-xl); }
.finish { margin: var(--space-1) 0; }
.ticks { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-4); margin: var(--space-3) 0; padding: 0; list-style: none; }
.ticks .next { color: var(--soft); }
.ticks .now { font-weight: 600; }
.ticks .done > [aria-hidden] { color: var(--good); }
.ticks .bad > [aria-hidden] { color: var(--bad); }
.ticks .sub { display: inline; }
.last { max-height: 12rem; font-size: var(--text-xs); white-space: pre-wrap; overflow-wrap: anywhere; }
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
`;
