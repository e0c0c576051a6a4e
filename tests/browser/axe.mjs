// That axe runs at all: a page with faults must not pass.
import assert from "node:assert/strict";
import { checkAccess } from "./inspect.mjs";
import { visit } from "./visitor.mjs";

const page = (body) => `<!doctype html><html lang="en"><title>Faults</title><main><h1>Faults</h1>${body}</main></html>`;

await visit("axe finds faults where there are some", {}, async (visitor) => {
  await visitor.page.setContent(page('<img src="data:,">'));
  await assert.rejects(checkAccess(visitor, "faults", []), /image-alt/);
  await visitor.page.setContent(page('<style>@media (prefers-color-scheme: dark) { p { color: #999 } }</style><p>Pale</p>'));
  await assert.rejects(checkAccess(visitor, "faults", []), /dark[^]*color-contrast/);
});
