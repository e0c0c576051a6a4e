// TAP, as the shell tests print it: a line a test, and what went wrong on standard error.
let ran = 0;
let failed = 0;

export async function test(name, body) {
  ran += 1;
  try {
    await body();
    console.log(`ok ${ran} - ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`not ok ${ran} - ${name}`);
    console.error(`failed: ${name}\n${error.stack}`.replace(/^/gm, "# "));
  }
}

export function doneTesting() {
  console.log(`1..${ran}`);
  process.exitCode = failed ? 1 : 0;
}
