// Runs a command once as its user would, and writes at the end what that showed. Run by scripts/bundle.mjs only.
// Usage: node warm.cjs needed FILE LOADER [argument ...]    the names of the chunks that were needed, in order, as JSON
//        node warm.cjs cache FOLDER LOADER [argument ...]   V8's code cache beside each part; one that exists is used and made richer
'use strict';
const { existsSync, readFileSync, readdirSync, writeFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname, join } = require('node:path');
const vm = require('node:vm');
const { wrapper } = require('./wrapper.cjs');

const [, , what, where, loader, ...args] = process.argv;
const partsFolder = `${loader.slice(0, -'.cjs'.length)}.parts`;

const needed = [];
const scripts = new Map();
const cacheOf = (part) => part.replace(/\.cjs$/, '.cache');

/** Each chunk is taken out of its part once, when it is first needed. */
const watched = (chunks) =>
  new Proxy(chunks, {
    get: (all, name) => {
      needed.push(name);
      return all[name];
    },
  });

function open(self, source, filename) {
  const cachedData = existsSync(cacheOf(filename)) ? readFileSync(cacheOf(filename)) : undefined;
  const script = new vm.Script(wrapper[0] + source + wrapper[1], { filename, lineOffset: -1, cachedData });
  scripts.set(cacheOf(filename), script);
  script.runInThisContext()(self.exports, require, self, filename, dirname(filename));
}

/** A loader that knows of no cache compiles its parts by this. */
const plain = Module.prototype._compile;
Module.prototype._compile = function compile(source, filename, ...rest) {
  if (dirname(filename) !== partsFolder) return plain.call(this, source, filename, ...rest);
  open(this, source, filename);
  if (what === 'needed') this.exports = watched(this.exports);
  return undefined;
};

/** What no run needs gets a cache, too: with it V8 knows where its functions begin, without reading all of it. */
function openTheRest() {
  const files = readdirSync(where).filter((name) => name.endsWith('.cjs'));
  for (const filename of files.map((file) => join(where, file)))
    if (!scripts.has(cacheOf(filename)) && !existsSync(cacheOf(filename)))
      open({ exports: {} }, readFileSync(filename, 'latin1'), filename);
}

process.argv = [process.argv[0], loader, ...args];
process.once('exit', () => {
  if (what === 'needed') {
    writeFileSync(where, JSON.stringify(needed));
    return;
  }
  openTheRest();
  for (const [cache, script] of scripts) writeFileSync(cache, script.createCachedData());
});
require(loader);
