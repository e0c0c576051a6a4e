// All parts, in the order in which they are measured and reported.
import { copy } from './parts/copy.mjs';
import { meter } from './parts/meter.mjs';
import { pages } from './parts/pages.mjs';
import { register } from './parts/register.mjs';
import { rollup } from './parts/rollup.mjs';
import { start } from './parts/start.mjs';
import { views } from './parts/views.mjs';

export const parts = { register, meter, copy, rollup, views, pages, start };
