"""Style sheet of the study's page, for light and dark backgrounds."""

STYLE = """
:root { color-scheme: light dark; --ink: #1c2128; --dim: #59636e; --ground: #fdfdfc; --card: #f3f4f2; --line: #d9dcd8;
  --yes: #1a7f4b; --part: #9a6700; --no: #c0332b; --open: #6b7280; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e8ea; --dim: #9aa4af; --ground: #14171b; --card: #1d2126; --line: #333a42;
    --yes: #4cc38a; --part: #e0a93b; --no: #f07a70; --open: #9aa4af; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 2.5rem 1.25rem 5rem; }
header p, figcaption, summary { color: var(--dim); }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.4rem; margin: 3.2rem 0 1rem; padding-top: 1rem; border-top: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0 0 .3rem; }
section > h3 { margin: 2rem 0 .6rem; }
p { margin: .35rem 0; max-width: 78ch; }
q { quotes: none; font-style: italic; color: var(--dim); }
ul { margin: .4rem 0; padding-left: 1.2rem; max-width: 78ch; }
figure { margin: 1.2rem 0; }
figure svg { width: 100%; height: auto; display: block; color: var(--ink); }
figure svg text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif !important; }
figcaption { font-size: .9rem; margin-top: .4rem; }
details { margin: .8rem 0; }
summary { cursor: pointer; font-size: .92rem; }
table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; margin: .6rem 0; }
th, td { text-align: right; padding: .28rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { color: var(--dim); font-weight: 600; }
td:first-child, th:first-child { text-align: left; padding-left: 0; }
.summary td:nth-child(2), .summary th:nth-child(2) { text-align: left; white-space: normal; }
.summary { width: 100%; font-size: .95rem; margin: 1.6rem 0; }
.summary td { vertical-align: top; padding-top: .45rem; padding-bottom: .45rem; }
.wide { overflow-x: auto; }
.verdict { background: var(--card); border-radius: 10px; padding: .9rem 1.1rem; margin: .8rem 0; }
.badge { display: inline-block; border: 1px solid currentColor; border-radius: 99px; padding: 0 .6em; font-size: .8rem;
  font-weight: 600; white-space: nowrap; }
.yes { color: var(--yes); } .part { color: var(--part); } .no { color: var(--no); } .open { color: var(--open); }
.strip { margin: 1rem 0 1.4rem; }
.strip h4 { margin: 0 0 .25rem; font-size: .9rem; font-weight: 600; }
.strip img { width: 100%; height: 132px; display: block; border-radius: 6px; image-rendering: auto; }
.players { display: grid; grid-template-columns: repeat(5, 1fr); gap: 4px; margin-top: .3rem; }
.players label { font-size: .78rem; color: var(--dim); min-width: 0; }
.players audio { width: 100%; height: 30px; display: block; }
@media (max-width: 700px) { .players { grid-template-columns: 1fr; } }
"""
