// The report: Markdown and charts of what each part measured last. With DOC=1, in docs/ too.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chart } from './chart.mjs';
import { text } from './figures.mjs';
import { describe } from './machine.mjs';
import { parts } from './parts.mjs';

const BEGIN = '<!-- measured: written by DOC=1 make bench, do not edit -->';
const END = '<!-- /measured -->';
const QUIET = 0.5; // load average

const cell = (value) => String(value).replaceAll('|', '\\|');
const row = (cells) => `| ${cells.map(cell).join(' | ')} |`;

function table(head, rows, numbers = true) {
  return [row(head), row(head.map((_, i) => (numbers && i > 0 ? '---:' : '---'))), ...rows.map(row)].join('\n');
}

const read = (out) => Object.keys(parts).map((name) => join(out, `${name}.json`)).filter(existsSync).map((file) => JSON.parse(readFileSync(file, 'utf8')));

const WHEN = ['part', 'when, UTC', 'sources', 'load average before', 'repetitions', 'cell', 'data', 'took'];

const when = (r) => [r.name, r.at.slice(0, 16).replace('T', ' '), r.commit || '–', text(r.load), r.reps, `${r.seconds} s`,
  r.scale === 1 ? 'all' : `× ${r.scale}`, `${Math.round(r.took)} s`];

// What a reader has to know before the verdicts.
function caution(results) {
  const smaller = results.filter((r) => r.scale !== 1).map((r) => r.name);
  const busy = results.filter((r) => !(r.load <= QUIET)).map((r) => r.name);
  return [
    smaller.length > 0 ? `The data was made smaller for: ${smaller.join(', ')}. The verdicts are of that size.` : '',
    busy.length > 0 ? `The machine is not known to have been idle before: ${busy.join(', ')}. Rates and times cannot be trusted there.` : '',
  ].filter(Boolean).join(' ');
}

function targets(results) {
  const rows = results.flatMap((r) => r.targets).map((t) => [t.work, t.what, t.goal, t.result, t.ratio, t.reached ? 'reached' : '**not reached**']);
  return table(['work', 'measure', 'to reach', 'result', 'ratio', 'verdict'], rows, false);
}

// charts: where the document finds them.
function write(root, results, charts) {
  const missed = results.flatMap((r) => r.targets).filter((t) => !t.reached).length;
  const grown = results.filter((r) => r.growth);
  return [
    '## The machine', table(['', ''], describe(root), false),
    table(WHEN, results.map(when), false), caution(results),
    '## The targets', `Medians, with the least and the most in brackets. ${missed === 0 ? 'All are reached.' : `Not reached: ${missed}.`}`, targets(results),
    '## What was measured', ...results.flatMap((r) => r.tables).flatMap((t) => [`### ${t.title}`, table(t.head, t.rows)]),
    ...(grown.length > 0 ? ['## How cost grows', 'CPU seconds are those of the program, PostgreSQL and nginx together.'] : []),
    ...grown.map((r) => `![${r.growth.title}: seconds against ${r.growth.axis}](${charts}${r.growth.file}.svg)`),
  ].filter(Boolean).join('\n\n');
}

export function report(root, { out, doc }) {
  const results = read(out);
  const charts = results.filter((r) => r.growth).map((r) => [r.growth.file, chart(r.growth)]);
  for (const [file, svg] of charts) {
    writeFileSync(join(out, `${file}.svg`), svg);
    if (doc) writeFileSync(join(root, `docs/performance-${file}.svg`), svg);
  }
  writeFileSync(join(out, 'report.md'), `${write(root, results, '')}\n`);
  console.error(`The report is ${join(out, 'report.md')}`);
  if (!doc) return;
  const file = join(root, 'docs/performance.md');
  const [before, rest] = readFileSync(file, 'utf8').split(BEGIN);
  writeFileSync(file, `${before}${BEGIN}\n\n${write(root, results, 'performance-')}\n\n${END}${rest.split(END)[1]}`);
}
