/** Elements without a class: text, links, headings, code, and the frame of the page. */
export const BASE_CSS = `
*, ::before, ::after { box-sizing: border-box; }
html {
  font-family: var(--sans); line-height: 1.5;
  background: var(--canvas); color: var(--ink);
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%;
}
body { margin: 0; font-size: var(--text-m); font-variant-numeric: tabular-nums; overflow-wrap: anywhere; min-height: 100vh; display: flex; flex-direction: column; }
main { flex: 1; width: 100%; max-width: 84rem; margin: 0 auto; padding: var(--space-5) var(--edge) var(--space-7); }
main:focus { outline: none; }

a { color: var(--link); text-decoration: underline; text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: var(--radius-s); }
::selection { background: color-mix(in srgb, var(--link) 25%, transparent); }

h1, h2, h3, h4 { font-weight: 600; line-height: 1.3; letter-spacing: -.011em; }
h1 { font-size: var(--text-xl); margin: 0; }
h2 { font-size: var(--text-l); margin: var(--space-6) 0 var(--space-3); }
h3 { font-size: var(--text-m); margin: var(--space-4) 0 var(--space-2); }
h4 { font-size: var(--text-m); margin: var(--space-3) 0 var(--space-1); }
p { margin: var(--space-2) 0; }
form { margin: 0; }
svg { display: block; }
figure { margin: 0; padding: var(--space-3) var(--space-4); background: var(--surface); border: 1px solid var(--line); border-radius: var(--radius-l); }
hr { border: 0; border-top: 1px solid var(--line); margin: var(--space-5) 0; }

code, pre, .id { font-family: var(--mono); font-size: .92em; }
pre { margin: var(--space-2) 0; padding: var(--space-3) var(--space-4); max-height: 32rem; overflow: auto; overflow-wrap: normal; background: var(--sunken); border: 1px solid var(--line); border-radius: var(--radius); font-size: var(--text-s); line-height: 1.6; }
:not(pre) > code { padding: .1em .35em; background: var(--sunken); border-radius: var(--radius-s); }
:is(h1, h2, h3, h4) > code { font-size: inherit; }
details > summary { cursor: pointer; padding: var(--space-1) 0; }

.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.break { overflow-wrap: anywhere; }
.id { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.sub { display: block; color: var(--soft); font-size: var(--text-s); }
:is(.line, p, li, summary) .sub { display: inline; }
.skip { position: absolute; left: var(--space-3); top: -4rem; z-index: 3; padding: var(--space-2) var(--space-3); background: var(--raised); border-radius: var(--radius); box-shadow: var(--shadow-l); }
.skip:focus { top: var(--space-3); }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: 0 var(--space-5); padding: 0 var(--edge); background: var(--surface); border-bottom: 1px solid var(--line); }
.brand { display: flex; align-items: center; gap: var(--space-2); padding: var(--space-3) 0; color: var(--ink); font-weight: 650; font-size: var(--text-l); letter-spacing: -.015em; text-decoration: none; }
.brand svg { width: 1.5rem; height: 1.5rem; }
.mark-back { fill: #d9480f; }
.top nav ul { display: flex; gap: var(--space-1); white-space: nowrap; margin: 0; padding: 0; list-style: none; }
.top nav a { position: relative; display: block; padding: var(--space-3) var(--space-3); color: var(--soft); text-decoration: none; }
.top nav a:hover { color: var(--ink); }
.top nav a[aria-current] { color: var(--ink); font-weight: 600; }
.top nav a[aria-current]::after { content: ""; position: absolute; inset: auto var(--space-3) -1px; height: 2px; border-radius: 2px; background: var(--brand); }
.who { display: flex; align-items: center; gap: var(--space-3); margin-left: auto; padding: var(--space-2) 0; color: var(--soft); font-size: var(--text-s); }
.schemes { display: flex; padding: 2px; gap: 2px; border-radius: var(--radius); background: var(--sunken); }
.schemes button { display: grid; place-items: center; width: 1.625rem; min-height: 1.5rem; padding: 0; border: 0; background: none; box-shadow: none; color: var(--soft); border-radius: var(--radius-s); }
.schemes button:hover { color: var(--ink); background: none; }
.schemes button[aria-pressed=true] { background: var(--raised); color: var(--ink); box-shadow: var(--shadow); }
.schemes svg { width: .9375rem; height: .9375rem; }
footer { display: flex; flex-wrap: wrap; gap: var(--space-1) var(--space-5); padding: var(--space-4) var(--edge); border-top: 1px solid var(--line); color: var(--soft); font-size: var(--text-s); }
.live::before { content: ""; display: inline-block; width: .5rem; height: .5rem; margin-right: .4em; border-radius: 50%; background: var(--good-fill); }

@media (max-width: 60rem) { .who .name { display: none; } .top { gap: 0 var(--space-3); } .top nav ul { gap: 0; } .top nav a { padding-inline: var(--space-2); } .top nav a[aria-current]::after { inset-inline: var(--space-2); } }
@media (max-width: 40rem) {
  .top { gap: 0 var(--space-3); }
  .top nav { order: 3; width: calc(100% + 2 * var(--space-3)); margin: 0 calc(-1 * var(--space-3)); overflow-x: auto; }
  .top nav a { padding: var(--space-1) var(--space-2) var(--space-3); }
  .top nav a[aria-current]::after { inset: auto var(--space-2) 0; }
  main { padding-top: var(--space-4); }
}
@media print {
  .top, footer, .skip, .controls, .filter, .pager, .action { display: none !important; }
  main { max-width: none; padding: 0; }
}
`;
