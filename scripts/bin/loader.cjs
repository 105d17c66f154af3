#!/usr/bin/env node
// Starts the bundle beside it. A plain `require` is always right; with the code cache made at build time for this very Node it is
// merely quicker. A cache that is missing, torn, made for another bundle or refused by V8 is left aside without a word.
'use strict';
const { join } = require('node:path');

// Filled in by the build: names, and what the cache was made for.
const bundle = join(__dirname, __BUNDLE__);
const made = __MADE__;

/** The bundle as a compiled wrapper function, or undefined when the cache cannot be trusted or used. */
function fromCache() {
  if (made === null || process.version !== made.node || process.platform !== made.platform || process.arch !== made.arch) return undefined;
  const { readFileSync } = require('node:fs');
  const { crc32 } = require('node:zlib');
  const vm = require('node:vm');
  let bytes;
  let cachedData;
  try {
    bytes = readFileSync(bundle);
    cachedData = readFileSync(join(__dirname, __CACHE__));
  } catch {
    return undefined;
  }
  // V8 itself compares no more of the source than its length, and a damaged cache can crash it.
  if (bytes.length !== made.bundleLength || cachedData.length !== made.cacheLength) return undefined;
  if (crc32(bytes) !== made.bundleCrc || crc32(cachedData) !== made.cacheCrc) return undefined;
  const script = new vm.Script(made.wrapper[0] + bytes.toString('latin1') + made.wrapper[1], {
    filename: bundle,
    lineOffset: -1,
    cachedData,
  });
  return script.cachedDataRejected ? undefined : script.runInThisContext();
}

const start = fromCache();
if (start === undefined) {
  // From Node 22 on, Node keeps a code cache of its own; it stays in our folder, and is not written where that is read-only.
  require('node:module').enableCompileCache?.(join(__dirname, '.compile-cache'));
  require(bundle);
} else {
  const { createRequire } = require('node:module');
  const self = { exports: {}, filename: bundle, id: bundle, loaded: false, children: [], paths: [] };
  start.call(self.exports, self.exports, createRequire(bundle), self, bundle, __dirname, (specifier) => import(specifier));
  self.loaded = true;
}
