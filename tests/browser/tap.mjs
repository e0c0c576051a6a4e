// TAP, as the shell tests print it: a line a test, and what went wrong on standard error.
const DEADLINE_MS = 120000; // of a test: a page that hangs has no time-out of its own

let ran = 0;
let failed = 0;

// What `work` gives, or an error once it has taken so long.
export async function within(ms, work) {
  let timer;
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`it took over ${ms / 1000} s`)), ms); });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export async function test(name, body) {
  ran += 1;
  try {
    await within(DEADLINE_MS, body());
    console.log(`ok ${ran} - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${ran} - ${name}`);
    console.error(`failed: ${name}\n${error.stack}`.replace(/^/gm, "# "));
  }
}

export function doneTesting() {
  console.log(`1..${ran}`);
  process.exit(failed ? 1 : 0);
}
