// The tests of one part or of all, in a fresh sandbox each: main.mjs [actions|errors|wire]…
import { doneTesting } from "../browser/tap.mjs";
import { control } from "./client.mjs";

for (const part of process.argv.length > 2 ? process.argv.slice(2) : ["actions", "errors", "wire"]) {
  await control("reset", {});
  await import(`./${part}.mjs`);
}
doneTesting();
