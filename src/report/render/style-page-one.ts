/** The first page, for leadership. At 1440 × 900 it needs no scrolling. */
export const PAGE_ONE_CSS = `
#r-headline>h2{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.r-report .r-verdict{display:flex;flex-wrap:wrap;align-items:baseline;gap:.2rem .75rem;max-width:none;margin:0 0 .9rem;font-size:1.25rem;font-weight:600;line-height:1.35;letter-spacing:-.012em;color:var(--r-ink);text-wrap:balance}
.r-tone{padding:.1rem .55rem;border-radius:1rem;font-size:.8125rem;font-weight:600;letter-spacing:0;white-space:nowrap}
.r-verdict.r-good .r-tone{background:var(--r-good-back);color:var(--r-good)}
.r-verdict.r-warn .r-tone{background:var(--r-warn-back);color:var(--r-warn)}
.r-verdict.r-bad .r-tone{background:var(--r-bad-back);color:var(--r-bad)}
.r-tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.6rem,1fr));gap:1px;margin:0 0 .6rem;border:1px solid var(--r-line);border-radius:8px;background:var(--r-line);overflow:hidden}
.r-tiles>div{padding:.55rem .75rem .6rem;background:var(--r-paper)}
.r-tiles dt{color:var(--r-soft);font-size:.75rem;line-height:1.35}
.r-tiles dd{margin:0;font-size:1.125rem;font-weight:600;line-height:1.3;letter-spacing:-.01em;white-space:nowrap}
.r-tiles dd.r-move,.r-tiles dd.r-small{font-size:.75rem;font-weight:400;letter-spacing:0;color:var(--r-soft);white-space:normal;overflow-wrap:anywhere}
.r-is-good>dd:nth-of-type(1){color:var(--r-good)}.r-is-bad>dd:nth-of-type(1){color:var(--r-bad)}.r-is-warn>dd:nth-of-type(1){color:var(--r-warn)}
#r-headline>.r-note{margin-bottom:.9rem;max-width:none;font-size:.75rem}
.r-first{display:grid;gap:1.25rem 1.5rem;align-items:start}
.r-all{min-width:0;container-type:inline-size}
.r-all table th,.r-all table td{padding-top:.13rem;padding-bottom:.13rem;vertical-align:middle}
.r-all tbody th{min-width:8rem}
.r-report .r-all th,.r-report .r-all td{padding-right:.7rem}
.r-all caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.r-all .r-scroll{margin:0}
.r-all .r-spark{width:5.25rem;min-width:0}
.r-state{display:inline-block;width:.55em;height:.55em;margin-right:.5em;border-radius:50%;background:var(--r-good)}
.r-at-failing{border-radius:1px;background:var(--r-bad)}
.r-at-never,.r-at-not-drilled,.r-at-no-verdict{background:none;box-shadow:inset 0 0 0 2px var(--r-warn)}
.r-at-proven{background:var(--r-good)}
.r-tag{margin-left:.25em;color:var(--r-soft);font-weight:400;white-space:nowrap}
.r-beside{display:grid;gap:1.25rem;min-width:0;grid-template-columns:repeat(auto-fit,minmax(min(100%,16rem),1fr));align-items:start}
.r-panel{padding:.75rem .9rem;border:1px solid var(--r-line);border-radius:8px;background:var(--r-paper)}
.r-panel h3{margin:0 0 .15rem}
.r-panel p{margin:.2rem 0 0}
.r-panel li{font-size:.8125rem;line-height:1.4}
@media screen and (min-width:64rem){
.r-report{display:grid;grid-template-columns:9.5rem minmax(0,1fr);gap:0 1.5rem;align-items:start}
.r-contents{position:sticky;top:1rem;max-height:calc(100vh - 2rem);overflow:auto}
.r-contents ol{display:block;margin:0}
.r-body>section{scroll-margin-top:1rem}
}
@media screen and (min-width:80rem){
.r-first{grid-template-columns:minmax(0,1fr) 15.5rem}
.r-beside{grid-template-columns:minmax(0,1fr)}
}
@media screen and (max-width:63.99rem){
.r-contents{position:sticky;top:0;z-index:1;margin:0 0 1rem;background:var(--r-paper);border-bottom:1px solid var(--r-line)}
.r-contents ol{flex-wrap:nowrap;overflow-x:auto;margin:0;white-space:nowrap}
.r-contents a{padding:.5rem 0}
}
@media screen and (max-width:64rem){.r-tiles{grid-template-columns:repeat(4,minmax(0,1fr))}}
@media screen{
@container (max-width:54rem){
.r-report .r-all th,.r-report .r-all td{padding-right:.45rem}
.r-all thead th,.r-all .r-whole{white-space:normal}
.r-all .r-spark{width:4rem}
}
@container (max-width:42rem){
.r-stack,.r-stack tbody{display:block}
.r-stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.r-stack tr{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:.35rem .75rem;margin:0 0 .6rem;padding:.6rem .75rem;border:1px solid var(--r-line);border-radius:8px;background:var(--r-paper)}
.r-stack tbody th{grid-column:1/-1}
.r-report .r-stack th,.r-report .r-stack td{padding:0;border:0;text-align:left;white-space:normal}
.r-stack td::before{content:attr(data-label);display:block;color:var(--r-soft);font-size:.75rem}
.r-stack td:nth-last-child(-n+2){grid-column:1/-1}
.r-stack .r-spark{width:100%;height:2rem}
}
}
@media screen and (max-width:40rem){
.r-scroll>table:not(.r-stack){min-width:36rem}
.r-tiles{grid-template-columns:repeat(2,minmax(0,1fr))}
.r-report .r-verdict{font-size:1.125rem}
}
`;
