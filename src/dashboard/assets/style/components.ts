/** Components of pages: page header, badges, notes, tables, forms, buttons, tiles, empty states, tooltips. */
export const COMPONENTS_CSS = `
/* Page header: crumbs, then title, state and actions on one line, then a sentence. */
.crumbs { margin: 0 0 var(--space-1); color: var(--soft); font-size: var(--text-s); }
.crumbs a { color: inherit; }
.head { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-3); margin-bottom: var(--space-2); }
.head .action, .head .actions { margin-left: auto; }
.actions { display: flex; flex-wrap: wrap; gap: var(--space-2); align-items: center; }
h1 .id { color: var(--soft); font-size: var(--text-m); font-weight: 400; letter-spacing: 0; }
.lead { max-width: 90ch; text-wrap: pretty; margin: 0 0 var(--space-4); font-size: var(--text-l); }
.words { margin-left: var(--space-1); }

/* A state: a shape and a word on its colour. A pill is the same for a number or a name. */
.badge, .pill { display: inline-flex; align-items: center; gap: .35em; padding: 0 .55em; border-radius: 999px; background: var(--sunken); color: var(--soft); font-size: var(--text-xs); font-weight: 600; line-height: 1.7; white-space: nowrap; }
.badge.good { background: var(--good-back); color: var(--good); }
.badge.bad { background: var(--bad-back); color: var(--bad); }
.badge.warn { background: var(--warn-back); color: var(--warn); }
.badge.busy { background: var(--busy-back); color: var(--busy); }

/* A note beside the flow of the page. */
.said, .note { margin: var(--space-3) 0; padding: var(--space-3) var(--space-4); background: var(--surface); border: 1px solid var(--line); border-left: 3px solid var(--busy-fill); border-radius: var(--radius); }
.said { background: var(--busy-back); border-color: transparent; border-left-color: var(--busy-fill); }
.note.warn { border-left-color: var(--warn-fill); }
.note.bad { border-left-color: var(--bad-fill); }
.note > :first-child { margin-top: 0; }
.note > :last-child { margin-bottom: 0; }

/* Panels and cards. */
.panel, .why { padding: var(--space-4); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-l); }
.panel > :first-child, .why > :first-child { margin-top: 0; }
.panel > :last-child, .why > :last-child { margin-bottom: 0; }
.cards, .plain { display: grid; gap: var(--space-2); margin: var(--space-2) 0 var(--space-4); padding: 0; list-style: none; }
td .plain { gap: 0; margin: 0; }
.card { padding: var(--space-3) var(--space-4); background: var(--surface); border: 1px solid var(--line); border-left: 3px solid var(--line-strong); border-radius: var(--radius); }
.card.busy { border-left-color: var(--busy-fill); }
.card.bad { border-left-color: var(--bad-fill); }
.card.warn { border-left-color: var(--warn-fill); }
.card p { margin: 0; }

/* Tiles: one number each, on one line where there is room. */
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 11rem), 1fr)); gap: 1px; margin: var(--space-4) 0; overflow: hidden; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-l); }
.tiles > * { padding: var(--space-3) var(--space-4); box-shadow: 0 0 0 1px var(--line); }
.tiles dt { color: var(--soft); font-size: var(--text-s); }
.tiles dd { margin: 0; }
.tiles .id { white-space: normal; }
.tiles .value { display: block; font-size: var(--text-xl); font-weight: 600; line-height: 1.4; letter-spacing: -.015em; }

/* Facts: a term and its value. */
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: var(--space-3) var(--space-5); margin: var(--space-3) 0; }
.facts dt { color: var(--soft); font-size: var(--text-s); }
.facts dd { margin: 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: var(--space-2) var(--space-6); }
.columns .facts { grid-template-columns: 1fr; gap: var(--space-1); }
.columns .facts div { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: var(--space-2); align-items: baseline; }

/* Tables: a panel of rows; cards where there is no room for columns. */
table { width: 100%; border-collapse: separate; border-spacing: 0; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-l); }
caption { padding: var(--space-1) 0; color: var(--soft); font-size: var(--text-s); text-align: left; }
th, td { padding: .55rem .75rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line); }
:is(th, td):first-child { padding-left: var(--space-4); }
:is(th, td):last-child { padding-right: var(--space-4); }
:is(th, td).number { text-align: right; }
thead th { padding-top: var(--space-2); padding-bottom: var(--space-2); border-top: 0; color: var(--soft); font-size: var(--text-xs); font-weight: 600; white-space: nowrap; }
tbody th { font-weight: 400; }
td.wide { min-width: 14rem; }
@media (max-width: 75rem) { .roomy { display: none; } }
@media (min-width: 75.01rem) { td time { white-space: nowrap; } }
tbody tr:hover > * { background: color-mix(in srgb, var(--sunken) 55%, transparent); }
thead th a { display: inline-flex; gap: .3em; color: inherit; text-decoration: none; }
thead th a:hover { color: var(--ink); }
thead th[aria-sort] a { color: var(--ink); }
thead th[aria-sort]:not([aria-sort=none]) a::after { content: "↑"; }
thead th[aria-sort=descending] a::after { content: "↓"; }

/* Buttons: plain, primary, danger, quiet. */
select, input, textarea, button, .button { font: inherit; color: inherit; min-height: 2rem; max-width: 100%; padding: .25rem .65rem; background: var(--surface); border: 1px solid var(--outline); border-radius: var(--radius); }
button, .button { display: inline-flex; align-items: center; justify-content: center; gap: .4em; border-color: var(--line-strong); font-weight: 500; text-decoration: none; cursor: pointer; box-shadow: var(--shadow); }
:is(button, .button):hover { background: var(--sunken); }
:is(button, .button).primary { background: var(--ink); border-color: var(--ink); color: var(--surface); }
:is(button, .button).primary:hover { background: color-mix(in srgb, var(--ink) 85%, var(--surface)); }
[hidden] { display: none !important; }
button.danger, .button.danger { color: var(--bad); border-color: color-mix(in srgb, var(--bad) 45%, transparent); }
button.danger:hover, .button.danger:hover { background: var(--bad-back); }
button, .button { white-space: nowrap; }
button.quiet { min-height: 1.625rem; padding: 0 .5rem; border-color: transparent; background: none; box-shadow: none; color: var(--soft); font-weight: 400; }
button.copied::after { content: " ✓"; color: var(--good); }
button.quiet:hover { background: var(--sunken); color: var(--ink); }

/* Fields. A select has its own arrow, since browsers' differ. */
input::placeholder { color: var(--soft); opacity: 1; }
select { appearance: none; padding-right: 1.7rem; background-image: linear-gradient(45deg, transparent 50%, var(--soft) 50%), linear-gradient(-45deg, transparent 50%, var(--soft) 50%); background-position: right .95rem center, right .65rem center; background-size: .3rem .3rem; background-repeat: no-repeat; }
:is(input, select):hover { border-color: var(--soft); }
input[type=checkbox], input[type=radio] { min-height: 0; accent-color: var(--link); }
input[type=search] { padding-left: 1.9rem; background-image: radial-gradient(circle at 42% 42%, transparent 33%, var(--soft) 36%, var(--soft) 46%, transparent 50%), linear-gradient(45deg, transparent 46%, var(--soft) 46%, var(--soft) 54%, transparent 54%); background-size: .8rem .8rem, .35rem .35rem; background-position: .6rem center, 1.15rem calc(50% + .3rem); background-repeat: no-repeat; }
.controls { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-4); margin: var(--space-3) 0; }
.filter { display: flex; flex-wrap: wrap; align-items: end; gap: var(--space-2) var(--space-3); margin: var(--space-4) 0 var(--space-3); }
.filter label { display: grid; gap: 2px; color: var(--soft); font-size: var(--text-xs); font-weight: 500; }
.filter :is(select, input) { color: var(--ink); font-size: var(--text-m); font-weight: 400; }
.filter .grow { flex: 1 1 16rem; }
.filter .grow input { width: 100%; }
.filter select { max-width: 11rem; }
.filter > a { align-self: center; }
.report-head { display: flex; flex-wrap: wrap; align-items: end; gap: 0 var(--space-5); margin-bottom: var(--space-3); }
.report-head > * { margin-block: var(--space-2); }
@media (scripting: enabled) { .live-filter > button { display: none; } }
@media (max-width: 40rem) {
  .filter { display: grid; grid-template-columns: 1fr 1fr; }
  .filter .grow { grid-column: 1 / -1; }
  .filter :is(select, input) { width: 100%; max-width: none; }
}

/* Tabs: the values of one filter as links. */
.tabs { display: flex; gap: var(--space-1); margin: var(--space-3) 0 0; padding: 0; overflow-x: auto; list-style: none; border-bottom: 1px solid var(--line); }
.tabs a { display: block; padding: var(--space-2) var(--space-3); margin-bottom: -1px; color: var(--soft); text-decoration: none; border-bottom: 2px solid transparent; white-space: nowrap; }
.tabs a::first-letter { text-transform: uppercase; }
.tabs a:hover { color: var(--ink); border-bottom-color: var(--line-strong); }
.tabs a[aria-current] { color: var(--ink); font-weight: 600; border-bottom-color: var(--brand); }

/* Nothing to show: what it is, and what to do next. */
.empty { padding: var(--space-6) var(--space-5); background: var(--surface); border: 1px dashed var(--line-strong); border-radius: var(--radius-l); text-align: center; }
.empty h2 { margin: 0 0 var(--space-1); }
.empty p { max-width: 60ch; margin: var(--space-1) auto; color: var(--soft); }
.empty pre { display: inline-block; max-width: 100%; margin: var(--space-3) 0 0; text-align: left; white-space: pre-wrap; overflow-wrap: anywhere; }

/* A text that appears on hover and focus: <span class="tip" tabindex="0" data-tip="…">; the text is also in the element for screen readers. */
.tip { position: relative; cursor: help; text-decoration: underline dotted; text-underline-offset: .2em; }
.tip > [role=tooltip] { position: absolute; z-index: 2; bottom: calc(100% + .4rem); left: 0; width: max-content; max-width: 20rem; padding: var(--space-2) var(--space-3); background: var(--raised); color: var(--ink); border: 1px solid var(--line-strong); border-radius: var(--radius); box-shadow: var(--shadow-l); font-size: var(--text-s); font-weight: 400; white-space: normal; text-align: left; visibility: hidden; opacity: 0; }
.tip:is(:hover, :focus-visible, :focus-within) > [role=tooltip] { visibility: visible; opacity: 1; }

.pager { display: flex; flex-wrap: wrap; align-items: center; gap: var(--space-2) var(--space-4); margin: var(--space-3) 0; }
.pager .end { margin-left: auto; }
progress { display: block; width: 100%; height: .5rem; margin: var(--space-2) 0; appearance: none; border: 0; border-radius: 999px; overflow: hidden; background: var(--sunken); }
progress::-webkit-progress-bar { background: var(--sunken); }
progress::-webkit-progress-value { background: var(--busy-fill); border-radius: 999px; }
progress::-moz-progress-bar { background: var(--busy-fill); border-radius: 999px; }
.scroll { overflow-x: auto; }

${[
  ['60rem', '.stack:not(.drills, .runs)'],
  ['44rem', '.stack:is(.drills, .runs)'],
]
  .map(([width, table]) => `@media (max-width: ${width}) {${cards(table ?? '')}}`)
  .join('\n')}
@media (pointer: coarse) { select, input, button, .button { min-height: 2.5rem; } .schemes button { min-height: 2rem; width: 2rem; } }
@media (prefers-reduced-motion: no-preference) { button, .button, a, .tip > [role=tooltip] { transition: background-color .12s, color .12s, opacity .12s; } }
`;

/** Rows as cards, each cell with the label of its column. @param table selects the tables. */
function cards(table: string): string {
  return `
  ${table}, ${table} :is(tbody, tr, td, th) { display: block; }
  ${table} { border: 0; background: none; }
  ${table} thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  ${table} tr { padding: var(--space-3) var(--space-4); margin: var(--space-2) 0; background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-l); }
  ${table} tbody tr:hover > * { background: none; }
  ${table} :is(th[scope=row], td) { min-width: 0; padding: .15rem 0; border: 0; text-align: left; white-space: normal; }
  ${table} th[scope=row] { font-weight: 600; }
  ${table} th .sub { font-weight: 400; }
  ${table} td { display: grid; grid-template-columns: minmax(5rem, 6.5rem) minmax(0, 1fr); gap: var(--space-3); }
  ${table} td::before { content: attr(data-label); color: var(--soft); font-size: var(--text-s); }
  ${table} td > div { min-width: 0; }
  ${table} td:has(> div:empty), ${table} .roomy { display: none; }
  ${table} td:is(.number, .bar) .sub { display: inline; }
  ${table} .bar svg { max-width: none; }
`;
}
