/** The pages' style: system fonts, tabular digits, both colour schemes, from 360 px on; nothing is loaded from other hosts. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --bg: #f6f7f8; --panel: #fff; --ink: #1b2126; --soft: #55606a; --line: #dce1e5; --track: #e6eaed;
  --link: #0b57a4; --focus: #0b57a4;
  --good: #1c6b31; --good-bg: #e3f2e6; --bad: #b01c1c; --bad-bg: #fbe6e6; --warn: #7d5200; --warn-bg: #fbf0d9; --busy: #0b57a4; --busy-bg: #e3eefa;
  --fill-good: #3f9a58; --fill-bad: #d33f3f; --target: #1b2126;
  --locate: #6b7f91; --plan: #a3568f; --image-pull: #8b8e92; --provision: #8a6bbd; --restore: #2f7fc4; --verify: #2a9a8f; --teardown: #b9a14a;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #14181c; --panel: #1c2227; --ink: #e4e8eb; --soft: #a3aeb8; --line: #343d45; --track: #2c343b;
    --link: #83b9f2; --focus: #83b9f2;
    --good: #7fd197; --good-bg: #1a3323; --bad: #ff9d97; --bad-bg: #43201f; --warn: #eec06d; --warn-bg: #3a2d12; --busy: #8fc2f7; --busy-bg: #182f48;
    --fill-good: #4aa865; --fill-bad: #e0605c; --target: #e4e8eb;
    --locate: #8497a8; --plan: #d08bbd; --image-pull: #9a9da1; --provision: #a587d8; --restore: #4b9be0; --verify: #3eb3a7; --teardown: #c9b25f;
  }
}
* { box-sizing: border-box; }
html { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; background: var(--bg); color: var(--ink); -webkit-text-size-adjust: 100%; }
body { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
a { color: var(--link); text-underline-offset: .15em; text-decoration-thickness: 1px; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
.hidden { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: .5rem; top: -4rem; background: var(--panel); padding: .5rem .75rem; z-index: 2; }
.skip:focus { top: .5rem; }
.top { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: center; background: var(--panel); border-bottom: 1px solid var(--line); padding: .45rem clamp(.75rem, 3vw, 2rem); }
.brand { font-weight: 700; color: var(--ink); text-decoration: none; letter-spacing: -.01em; padding: .2rem 0; }
.top nav ul { display: flex; gap: .25rem; list-style: none; margin: 0; padding: 0; }
.top nav a { display: block; padding: .2rem .6rem; border-radius: 5px; text-decoration: none; color: var(--ink); }
.top nav a:hover { background: var(--track); }
.top nav a[aria-current] { background: var(--track); font-weight: 600; }
.who { margin-left: auto; display: flex; gap: .75rem; align-items: center; color: var(--soft); font-size: .9rem; }
main { max-width: 88rem; margin: 0 auto; padding: 1.1rem clamp(.75rem, 3vw, 2rem) 2.5rem; }
footer { color: var(--soft); font-size: .85rem; border-top: 1px solid var(--line); padding: .75rem clamp(.75rem, 3vw, 2rem) 1.5rem; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; }
.live::before { content: "● "; }
h1 { font-size: 1.35rem; line-height: 1.3; margin: .2rem 0 .7rem; font-weight: 650; letter-spacing: -.01em; }
h2 { font-size: 1.02rem; margin: 1.7rem 0 .55rem; font-weight: 650; }
h3 { font-size: .95rem; margin: .8rem 0 .3rem; font-weight: 650; }
p { margin: .4rem 0; }
code, pre, .id { font: .86rem/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
h1 .id { font-size: .95rem; font-weight: 400; color: var(--soft); }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .6rem .8rem; overflow-x: auto; overflow-wrap: normal; margin: .5rem 0; max-height: 32rem; }
:not(pre) > code { background: var(--track); border-radius: 3px; padding: .05em .3em; }
:is(h2, h3, h4) > code { font-size: inherit; }
.break { overflow-wrap: anywhere; }
.crumbs { margin: 0; font-size: .9rem; color: var(--soft); }
.head { display: flex; flex-wrap: wrap; gap: .4rem .9rem; align-items: center; }
.head h1 { margin: .2rem 0; }
.head .action { margin-left: auto; }
.lead { font-size: 1.02rem; margin: .35rem 0 .9rem; max-width: 75ch; }
.sub { display: block; color: var(--soft); font-size: .87rem; }
.line .sub, p > .sub, li > .sub, summary .sub { display: inline; }
.words { margin-left: .15rem; }
.said, .note { border: 1px solid var(--line); border-left: 4px solid var(--busy); background: var(--panel); border-radius: 6px; padding: .5rem .8rem; margin: .7rem 0; }
.note.warn { border-left-color: var(--warn); } .note.bad { border-left-color: var(--bad); }
.note h2 { margin-top: .2rem; }
.badge { display: inline-block; white-space: nowrap; border-radius: 4px; padding: 0 .45rem; font-size: .84rem; font-weight: 600; background: var(--track); color: var(--ink); }
.badge.good { background: var(--good-bg); color: var(--good); } .badge.bad { background: var(--bad-bg); color: var(--bad); }
.badge.warn { background: var(--warn-bg); color: var(--warn); } .badge.busy { background: var(--busy-bg); color: var(--busy); }
table { border-collapse: separate; border-spacing: 0; width: 100%; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; }
caption { text-align: left; color: var(--soft); font-size: .87rem; padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem; border-top: 1px solid var(--line); }
thead th { font-size: .82rem; font-weight: 600; color: var(--soft); border-top: 0; white-space: nowrap; }
tbody th { font-weight: 400; min-width: 9.5rem; } .id { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
td.wide { min-width: 14rem; }
tbody tr:hover { background: color-mix(in srgb, var(--track) 40%, transparent); }
.recovery { display: block; min-width: 11.5rem; }
svg { display: block; }
.bar { width: 100%; max-width: 14rem; height: 7px; margin-top: .3rem; border-radius: 3px; }
.fall { width: 100%; height: 12px; margin-top: .35rem; }
.track { fill: var(--track); } .fill.good { fill: var(--fill-good); } .fill.bad { fill: var(--fill-bad); } rect.target { fill: var(--target); }
.spark { width: 120px; height: 24px; } .spark polyline { fill: none; stroke: var(--busy); stroke-width: 1.5; }
line.target { stroke: var(--target); stroke-width: 1.2; stroke-dasharray: 3 2; }
.cross { stroke: var(--bad); stroke-width: 2; fill: none; } .none { fill: var(--soft); }
.stage.locate { fill: var(--locate); } .stage.plan { fill: var(--plan); } .stage.image-pull { fill: var(--image-pull); } .stage.provision { fill: var(--provision); } .stage.restore { fill: var(--restore); } .stage.verify { fill: var(--verify); } .stage.teardown { fill: var(--teardown); }
figure { margin: 0; background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .7rem .8rem; }
.strip { max-width: 100%; height: 12px; margin-top: .35rem; }
progress { width: 100%; height: .6rem; accent-color: var(--fill-good); display: block; margin: .3rem 0; }
.cards, .plain { list-style: none; padding: 0; margin: .5rem 0 1rem; display: grid; gap: .5rem; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .45rem .8rem; border-left: 4px solid var(--line); } .card.busy { border-left-color: var(--busy); }
.filter { display: flex; flex-wrap: wrap; gap: .5rem .9rem; align-items: end; margin: .4rem 0 .8rem; } .filter label { font-size: .87rem; color: var(--soft); } .filter :is(select, input, button) { font-size: .93rem; }
select, input, button { font: inherit; color: inherit; background: var(--panel); border: 1px solid #7d8993; border-radius: 5px; padding: .25rem .6rem; min-height: 2rem; max-width: 100%; }
button { cursor: pointer; font-weight: 600; } button:hover { background: var(--track); }
button.danger { color: var(--bad); border-color: var(--bad); } button.quiet { font-weight: 400; min-height: 1.7rem; padding: .1rem .5rem; color: var(--ink); }
form { margin: 0; }
.controls { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: center; margin: .6rem 0; }
.signin { display: grid; gap: .45rem; max-width: 26rem; margin: .8rem 0; } .signin button { justify-self: start; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); gap: .3rem 1.6rem; margin: .5rem 0; }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: .3rem 2rem; } .columns .facts { grid-template-columns: 1fr; gap: .15rem; }
.facts dt { color: var(--soft); font-size: .84rem; } .facts dd { margin: 0; }
.columns .facts div { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: .5rem; align-items: baseline; }
.commands { margin: .5rem 0; } .commands dt { color: var(--soft); font-size: .87rem; } .commands dd { margin: 0 0 .6rem; } .commands pre { margin: .2rem 0; max-height: none; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--bg); user-select: all; }
.why { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .2rem .9rem .6rem; margin-top: 1rem; } .why h2 { margin-top: .6rem; }
.reason h3 { color: var(--soft); font-size: .84rem; } .reason p { margin: .15rem 0; max-width: 90ch; }
details > summary { cursor: pointer; padding: .2rem 0; }
.acknowledge { margin: .4rem 0; } .acknowledge label { font-size: .87rem; color: var(--soft); } .note.controls p { margin: 0; }
.runbook details { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .2rem .9rem; }
.prose { max-width: 80ch; } .prose li > p { margin: .15rem 0; } .prose table { width: auto; }
.prose h3 { font-size: 1.05rem; } .prose h4 { font-size: 1rem; } .scroll { overflow-x: auto; }
.steps > li { margin: .6rem 0; } .steps pre { white-space: pre-wrap; overflow-wrap: anywhere; }
.report { margin-top: 1.4rem; } .r-report h2 { font-size: 1.15rem; } .r-report h3 { font-size: 1rem; } .r-report table { border: 0; background: none; } .r-figure { max-width: 62rem; } .pager { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; }
@media (min-width: 75rem) { [data-label=Drill] { min-width: 9.5rem; } [data-label=Started] time { white-space: nowrap; } }
@media (max-width: 60rem) {
  .stack, .stack tbody, .stack tr, .stack td, .stack th { display: block; }
  .stack thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .stack { border: 0; background: none; }
  .stack tr { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: .45rem .8rem; margin: .5rem 0; }
  .stack th[scope=row], .stack td { border: 0; padding: .12rem 0; text-align: left; white-space: normal; min-width: 0; }
  .stack th[scope=row] { font-weight: 600; }
  .stack td { display: grid; grid-template-columns: minmax(5rem, 6.5rem) minmax(0, 1fr); gap: .6rem; }
  .stack td::before { content: attr(data-label); color: var(--soft); font-size: .84rem; }
  .stack td > div { min-width: 0; }
  .stack .bar { max-width: none; }
}
@media (prefers-reduced-motion: no-preference) { .card.busy progress { transition: none; } }
@media print { .top, footer, .filter, .controls, .skip { display: none; } }
`;
