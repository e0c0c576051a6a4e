// Numbers: medians, spreads, turns, and how they are written.
import { setTimeout as sleep } from 'node:timers/promises';

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);

export function median(numbers) {
  const all = sorted(numbers);
  const middle = all.length >> 1;
  return all.length % 2 ? all[middle] : (all[middle - 1] + all[middle]) / 2;
}

export const worst = (numbers) => Math.max(...numbers);
export const best = (numbers) => Math.min(...numbers);

// The median of a member of several results.
export const medianOf = (results, name) => median(results.map((r) => r[name]));

// Three digits that matter.
export function text(number) {
  if (!Number.isFinite(number)) return '–';
  const size = Math.abs(number);
  if (size >= 100) return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
  return number.toFixed(size >= 10 ? 1 : size >= 1 ? 2 : 3);
}

// With the spread, where there was more than one.
export function spread(results, name) {
  const all = sorted(results.map((r) => r[name]));
  return all.length < 2 ? text(all[0]) : `${text(median(all))} (${text(all[0])}–${text(all[all.length - 1])})`;
}

// From 10^3 to 10^6, made smaller by the scale, for what grows with work; at least `least`.
export const sizes = (scale, least) => [...new Set([1e3, 1e4, 1e5, 1e6].map((n) => Math.max(least, Math.round(n * scale))))];

// A machine that was busy may be slower for a while, so each measurement begins on one that rested.
export const rest = () => sleep(Number(process.env.REST ?? 5) * 1000);

// Runs each contender once a repetition, each time another one first. measure() gets a contender and the repetition's
// number, from 0; returns the results by contender's name.
export async function takeTurns(contenders, reps, measure) {
  const results = Object.fromEntries(contenders.map((c) => [c.name, []]));
  for (let rep = 0; rep < reps; rep++) {
    for (let i = 0; i < contenders.length; i++) {
      const contender = contenders[(i + rep) % contenders.length];
      await rest();
      results[contender.name].push(await measure(contender, rep));
    }
  }
  return results;
}
