// A chart as SVG: cost against work, both axes logarithmic; legible on light and dark pages.

const WIDTH = 740;
const HEIGHT = 420;
const LEFT = 70;
const RIGHT = 210; // of which the lines' names take most
const TOP = 46;
const BOTTOM = 56;
const NAME_HEIGHT = 17;

const STYLE = `
    text { font: 13px system-ui, sans-serif; fill: #1f2328; }
    .title { font-size: 15px; font-weight: 600; }
    .grid { stroke: #d1d9e0; }
    .line { fill: none; stroke-width: 2; }
    .seconds { stroke-dasharray: 6 4; }
    .tollgate { stroke: #0969da; } .tollgate-dot { fill: #0969da; }
    .peer { stroke: #bc4c00; } .peer-dot { fill: #bc4c00; }
    @media (prefers-color-scheme: dark) {
      text { fill: #f0f6fc; }
      .grid { stroke: #3d444d; }
      .tollgate { stroke: #58a6ff; } .tollgate-dot { fill: #58a6ff; }
      .peer { stroke: #f0883e; } .peer-dot { fill: #f0883e; }
    }`;

const exponent = (number) => Math.log10(number);
const range = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const label = (power) => (power >= 0 ? (10 ** power).toLocaleString('en') : (10 ** power).toFixed(-power));

// Whole powers of ten around all of the numbers.
function powersAround(numbers) {
  const positive = numbers.filter((n) => n > 0).map(exponent);
  const from = Math.floor(Math.min(...positive) + 1e-9);
  return { from, to: Math.max(from + 1, Math.ceil(Math.max(...positive) - 1e-9)) };
}

function scales(points) {
  const x = powersAround(points.map((p) => p.work));
  const y = powersAround(points.flatMap((p) => [p.seconds, p.cpu]));
  return {
    x, y,
    at: (work) => LEFT + (exponent(work) - x.from) / (x.to - x.from) * (WIDTH - LEFT - RIGHT),
    // What is too small for the clock stands at the bottom.
    up: (cost) => HEIGHT - BOTTOM - (Math.max(y.from, exponent(cost)) - y.from) / (y.to - y.from) * (HEIGHT - TOP - BOTTOM),
  };
}

function grid({ x, y, at, up }, axis) {
  const columns = range(x.from, x.to).map((power) => `<line class="grid" x1="${at(10 ** power)}" x2="${at(10 ** power)}" y1="${TOP}" y2="${HEIGHT - BOTTOM}"/>
  <text x="${at(10 ** power)}" y="${HEIGHT - BOTTOM + 19}" text-anchor="middle">${label(power)}</text>`);
  const rows = range(y.from, y.to).map((power) => `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${up(10 ** power)}" y2="${up(10 ** power)}"/>
  <text x="${LEFT - 8}" y="${up(10 ** power) + 4}" text-anchor="end">${label(power)}</text>`);
  return [...columns, ...rows, `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${axis}</text>`,
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">seconds</text>`];
}

function lines(scale, series) {
  return series.flatMap(({ name, points }) => [['cpu', 'CPU seconds'], ['seconds', 'seconds']].map(([member, means]) => ({
    name: `${name}, ${means}`,
    end: scale.up(points[points.length - 1][member]),
    drawn: `<polyline class="line ${name} ${member}" points="${points.map((p) => `${scale.at(p.work).toFixed(1)},${scale.up(p[member]).toFixed(1)}`).join(' ')}"/>
  ${points.map((p) => `<circle class="${name}-dot" cx="${scale.at(p.work).toFixed(1)}" cy="${scale.up(p[member]).toFixed(1)}" r="3"><title>${p.work}: ${p[member].toFixed(3)}</title></circle>`).join('')}`,
    sample: (y) => `<line class="line ${name} ${member}" x1="${WIDTH - RIGHT + 14}" x2="${WIDTH - RIGHT + 44}" y1="${y - 4}" y2="${y - 4}"/>`,
  })));
}

// The names beside the plot, in the order of the lines' ends.
function legend(all) {
  return [...all].sort((a, b) => a.end - b.end).map((line, i) => {
    const y = TOP + 12 + i * NAME_HEIGHT;
    return `${line.sample(y)}<text x="${WIDTH - RIGHT + 50}" y="${y}">${line.name}</text>`;
  });
}

// growth: { title, axis, series: [{ name, points: [{ work, seconds, cpu }] }] }
export function chart({ title, axis, series }) {
  const scale = scales(series.flatMap((s) => s.points));
  const all = lines(scale, series);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}: seconds against ${axis}">
  <style>${STYLE}
  </style>
  <text class="title" x="${LEFT}" y="24">${title}</text>
  ${[...grid(scale, axis), ...all.map((l) => l.drawn), ...legend(all)].join('\n  ')}
</svg>
`;
}
