/** What the library's types name can be imported: by whoever keeps a plan, a reading or an open operation in a variable of their own. */
import { describe, expect, it } from 'vitest';
import { root } from '../tidy/project.ts';
import { NamedTypes } from './named-types.ts';

describe('the exports of bailiff', () => {
  const types = new NamedTypes(root);

  it('hold every type that they name, but what bailiff/driver exports', () => {
    expect(types.missing('src/index.ts', ['drivers/kit/index.ts'])).toEqual([]);
  });

  it('are read with an eye that sees what is not there', () => {
    expect(types.missing('src/service/service.ts')).toContain('PlanLine, which NodePlan names');
    expect(types.missing('src/service/service.ts')).not.toContain('EpochRequest, which Service names');
  });
});
