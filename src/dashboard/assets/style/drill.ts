/** The pages of a drill, of a run and of an owner. */
export const DRILL_CSS = `
.ranges ul { display: inline-flex; margin: 0; padding: 2px; list-style: none; background: var(--sunken); border-radius: var(--radius); }
.ranges a { display: block; padding: .15rem .65rem; border-radius: var(--radius-s); color: var(--soft); font-size: var(--text-s); text-decoration: none; }
.ranges a:hover { color: var(--ink); }
.ranges a[aria-current] { background: var(--raised); color: var(--ink); font-weight: 600; box-shadow: var(--shadow); }
.section-head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: var(--space-2) var(--space-4); margin: var(--space-6) 0 var(--space-3); }
.section-head h2 { margin: 0; }

@media (min-width: 60.01rem) { tbody th { min-width: 7.5rem; } }
#drill .facts { grid-template-columns: repeat(auto-fill, minmax(min(100%, 10rem), 1fr)); }
.trend { padding: var(--space-3) var(--space-2); }
.plot { position: relative; cursor: crosshair; }
.plot:focus-visible { outline-offset: 4px; }
.look { display: none; }
.look.wide { display: block; }
@media (max-width: 70rem) { .look.wide { display: none; } .look.middle { display: block; } }
@media (max-width: 40rem) { .look.middle { display: none; } .look.narrow { display: block; } }
.cursor { position: absolute; top: 0; width: 1px; background: var(--soft); pointer-events: none; }
.chart-tip { position: absolute; top: .5rem; z-index: 2; max-width: min(22rem, 90%); padding: var(--space-2) var(--space-3); background: var(--raised); border: 1px solid var(--line-strong); border-radius: var(--radius); box-shadow: var(--shadow-l); font-size: var(--text-s); pointer-events: none; }
.r-dash, .r-band { display: inline-block; width: 1.3em; height: .6em; margin-right: .4em; border-radius: 2px; vertical-align: middle; }
.r-dash { height: 2px; border-radius: 0; }
.r-band { opacity: .45; }
.r-mark { margin-right: .4em; font-weight: 700; }
.r-t-bad { color: var(--bad); } .r-t-slow { color: var(--warn); } .r-t-unknown { color: var(--soft); }
.r-dot { margin-right: .4em; font-weight: 600; }
.remarks { margin: var(--space-2) 0; padding-left: 1.4em; }
.remarks li { margin: var(--space-1) 0; }
.share { width: 100%; max-width: 18rem; height: 10px; border-radius: 3px; }
.stacked { width: 100%; height: 14px; border-radius: 4px; }
.times { display: grid; gap: var(--space-1); margin: var(--space-2) 0; padding: 0; list-style: none; }
.times .blocked { color: var(--soft); text-decoration: line-through; }
#badge summary svg { display: inline-block; vertical-align: middle; }
.labels { display: flex; flex-wrap: wrap; gap: var(--space-1); }

/* Run: why, tiles, waterfall, log. */
.why { border-left-width: 3px; }
.why.bad { border-left-color: var(--bad-fill); }
.why.warn { border-left-color: var(--warn-fill); }
.cause { margin: 0; }
.cause > div { display: grid; grid-template-columns: 7.5rem minmax(0, 1fr); gap: var(--space-1) var(--space-3); padding: var(--space-1) 0; }
.cause dt { color: var(--soft); font-size: var(--text-s); line-height: 1.6; }
.cause dd { margin: 0; max-width: 90ch; }
.cause dd p { margin: 0 0 var(--space-1); }
.compared .phase { padding-left: 1.1rem; color: var(--soft); font-size: var(--text-s); }
@media (min-width: 60.01rem) {
  .compared table { table-layout: fixed; }
  .compared :is(th:first-child, th:last-child) { width: 18%; }
}
.run-tiles { grid-template-columns: repeat(auto-fit, minmax(min(100%, 8.5rem), 1fr)); }
.run-tiles .value { font-size: var(--text-l); }
.run-tiles time { font-size: var(--text-m); }
.waterfall .fall { margin-top: .25rem; }
.waterfall .phase { padding-left: 1.1rem; color: var(--soft); font-size: var(--text-s); }
.waterfall tr:has(.phase) > * { padding-top: .15rem; padding-bottom: .15rem; border-top: 0; color: var(--soft); font-size: var(--text-s); }
.waterfall tr:has(.phase) .fall { height: 6px; }
.waterfall tr:has(.axis) > * { padding-top: .25rem; padding-bottom: .4rem; }
.waterfall .axis { display: flex; justify-content: space-between; color: var(--soft); font-size: var(--text-xs); }
rect.rto { fill: var(--bad-fill); } .key.rto { width: 2px; background: var(--bad-fill); }
.log { max-height: 36rem; margin: var(--space-2) 0; padding: var(--space-2) 0; overflow: auto; list-style: none; background: var(--sunken); border: 1px solid var(--line); border-radius: var(--radius); font-family: var(--mono); font-size: var(--text-xs); line-height: 1.65; }
.log li { display: grid; grid-template-columns: 3.5rem 4.6rem 3.2rem minmax(0, 1fr); gap: var(--space-2); padding: 0 var(--space-3); }
.log a { color: var(--soft); text-align: right; text-decoration: none; }
.log .at, .log .level { color: var(--soft); }
.log .warn .level, .log .warn .message { color: var(--warn); }
.log .error .level, .log .error .message { color: var(--bad); }
.log li:target { background: var(--busy-back); }
@media (max-width: 40rem) {
  .cause > div { grid-template-columns: 1fr; }
  .log li { grid-template-columns: 2.6rem minmax(0, 1fr); }
  .log .at, .log .level { display: none; }
}
@media (max-width: 60rem) {
  .compared tr:has(.same) :is(td[data-label=After], td[data-label=Change]) { display: none; }
  .compared tr:has(.same) td[data-label=Before]::before { content: "Both"; }
  .waterfall .stack { padding: var(--space-2) 0; background: var(--surface); border: 1px solid var(--line); }
  .waterfall .stack tr { display: grid; grid-template-columns: minmax(0, 1fr) auto 5.5rem; gap: 0 var(--space-3); margin: 0; padding: var(--space-1) var(--space-4); background: none; border: 0; }
  .waterfall .stack :is(th[scope=row], td) { display: block; min-width: 0; }
  .waterfall .stack td::before { content: none; }
  .waterfall .stack td[data-label=Took] { grid-column: 3; text-align: right; }
  .waterfall .stack td[data-label=When] { grid-column: 1 / -1; }
  .waterfall .stack td[data-label="Included in RTO"] { display: none; }
}
`;
