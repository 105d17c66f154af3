/**
 * The promises of the driver contract, C01 to C21, in order. Each is data plus a function; none knows a test framework or a protocol.
 */
import type { Case } from './case.ts';
import { accessCases } from './cases/access.ts';
import { formCases } from './cases/form.ts';
import { powerCases } from './cases/power.ts';
import { silenceCases } from './cases/silence.ts';
import { strangerCases } from './cases/strangers.ts';
import { timelyCases } from './cases/timely.ts';

export const CASES: readonly Case[] = [
  ...powerCases,
  ...silenceCases,
  ...strangerCases,
  ...accessCases,
  ...formCases,
  ...timelyCases,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
