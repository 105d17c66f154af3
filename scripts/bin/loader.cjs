#!/usr/bin/env node
// Opens the parts of the command beside it. To compile a part plainly is always right; with the code cache made at build time for this very Node
// it is merely quicker. A cache that is missing, torn, made for another part or refused by V8 is left aside without a word.
'use strict';
const { closeSync, fstatSync, openSync, readFileSync, readSync } = require('node:fs');
const { join } = require('node:path');

// Filled in by the build: names, and what the caches were made for.
const folder = join(__dirname, __FOLDER__);
const made = __MADE__;
const parts = __PARTS__;

const canUseCaches = made !== null && process.version === made.node && process.platform === made.platform && process.arch === made.arch;

/** Every part is held from the start: a process that goes on while another version is installed does not come upon a part of that one. */
for (const part of parts) part.held = openSync(join(folder, part.file));

function sourceOf({ held }) {
  const bytes = Buffer.allocUnsafe(fstatSync(held).size);
  const length = readSync(held, bytes, 0, bytes.length, 0);
  closeSync(held);
  return bytes.subarray(0, length);
}

/** What is in a part, by a cache that can be trusted and used; else undefined. */
function fromCache(source, { file, cache, seal }) {
  const { crc32 } = require('node:zlib');
  const vm = require('node:vm');
  let cachedData;
  try {
    cachedData = readFileSync(join(folder, cache));
  } catch {
    return undefined;
  }
  // V8 itself compares no more of the source than its length, and a damaged cache can crash it.
  if (source.length !== seal[0] || cachedData.length !== seal[2]) return undefined;
  if (crc32(source) !== seal[1] || crc32(cachedData) !== seal[3]) return undefined;
  const filename = join(folder, file);
  const text = made.wrapper[0] + source.toString('latin1') + made.wrapper[1];
  const script = new vm.Script(text, { filename, lineOffset: -1, cachedData });
  if (script.cachedDataRejected) return undefined;
  const self = { exports: {} };
  script.runInThisContext()(self.exports, require, self, filename, folder);
  return self.exports;
}

function plainly(source, { file }) {
  const Module = require('node:module');
  // From Node 22 on, Node keeps a code cache of its own; it stays in our folder, and is not written where that is read-only.
  Module.enableCompileCache?.(join(__dirname, '.compile-cache'));
  const self = new Module(join(folder, file), module);
  self._compile(source.toString('latin1'), join(folder, file));
  return self.exports;
}

function openPart(part) {
  const source = sourceOf(part);
  return (canUseCaches && part.cache !== undefined ? fromCache(source, part) : undefined) ?? plainly(source, part);
}

const partOf = new Map();
for (const part of parts) for (const chunk of part.chunks) partOf.set(chunk, part);

const modules = new Map();
/** `import.meta` of every chunk. */
const meta = {
  get url() {
    return require('node:url').pathToFileURL(__filename).href;
  },
};

/** A chunk's exports; what is no chunk is Node's business. */
function requireChunk(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const part = partOf.get(name);
  if (part === undefined) return require(name);
  part.opened ??= openPart(part);
  const run = part.opened[name];
  if (run === undefined) throw new Error(`${join(folder, part.file)} is not of the same build as ${__filename}: install it anew`);
  const self = { exports: {} };
  modules.set(name, self);
  try {
    run.call(self.exports, self.exports, requireChunk, self, __filename, __dirname, importChunk, importModule, meta);
  } catch (error) {
    modules.delete(name);
    throw error;
  }
  return self.exports;
}

const importChunk = async (name) => requireChunk(name);
const importModule = (specifier) => import(specifier);

requireChunk(__ENTRY__);
