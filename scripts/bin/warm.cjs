// Makes a V8 code cache: runs the bundle once as its command would, and writes what V8 compiled for that.
// Usage: node warm.cjs BUNDLE CACHE [argument ...]; a cache that exists is used and made richer. Run by scripts/bundle.mjs only.
'use strict';
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const vm = require('node:vm');

const [, , bundle, cache, ...args] = process.argv;
const { wrapper } = require('./wrapper.cjs');
const script = new vm.Script(wrapper[0] + readFileSync(bundle, 'latin1') + wrapper[1], {
  filename: bundle,
  lineOffset: -1,
  cachedData: existsSync(cache) ? readFileSync(cache) : undefined,
});
process.argv = [process.argv[0], bundle, ...args];
process.once('exit', () => writeFileSync(cache, script.createCachedData()));
const self = { exports: {}, filename: bundle, id: bundle, loaded: false, children: [], paths: [] };
script.runInThisContext().call(self.exports, self.exports, createRequire(bundle), self, bundle, dirname(bundle), (name) => import(name));
