/**
 * A table read as the plain record that it stands for: `state.fenced.db1`, in scripts and debuggers that look at states. Our own code asks with `get`,
 * which finds a key whatever it is called; here the names of methods come first.
 */
import { Table } from './table.ts';

const named = new Proxy(Object.prototype, {
  get: (target, key, table): unknown =>
    typeof key === 'string' && !(key in target) && table instanceof Table ? table.get(key) : Reflect.get(target, key, table),
});

Object.setPrototypeOf(Table.prototype, named);
