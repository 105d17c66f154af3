/**
 * One command as chunks: esbuild splits it along its `import()`s, and each chunk becomes the text of a function with CommonJS's own parameters.
 * A chunk that nobody needs is then never compiled, and not even looked at by V8.
 */
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { build, transform } from 'esbuild';
import { parseSync } from 'oxc-parser';

/** ssh2 tries its native parts inside try/catch and works without them: they stay outside of the bundle and may be missing. */
const optionalNatives = {
  name: 'optional-natives',
  setup(bundler) {
    bundler.onResolve({ filter: /^cpu-features$|\.node$/ }, ({ path }) => ({ path, external: true }));
  },
};

/** yaml as ES modules, of which only what is used is taken: what its exports give to Node is one CommonJS whole. The code is the same. */
const yamlAsModules = {
  name: 'yaml-as-modules',
  setup(bundler) {
    bundler.onResolve({ filter: /^yaml$/ }, ({ resolveDir }) => ({
      path: join(dirname(createRequire(join(resolveDir, 'x')).resolve('yaml/package.json')), 'browser', 'dist', 'index.js'),
      sideEffects: false,
    }));
  },
};

/** What every chunk is called with. `__meta` is the loader's own `import.meta`. */
const PARAMETERS = 'exports,require,module,__filename,__dirname,__importChunk,__importModule,__meta';

/**
 * Each `import()` goes by a parameter: one of a chunk is no import at all, and V8 forgets, for code that comes out of a cache, how one is to be carried
 * out (seen with Node 20), so that the loader's own is taken.
 */
function importsByParameter(name, text) {
  const { module, errors } = parseSync(name, text);
  if (errors.length > 0) throw new Error(`${name} does not parse: ${errors[0].message}`);
  let made = '';
  let at = 0;
  for (const { start, moduleRequest } of module.dynamicImports) {
    const isChunk = /^["']\.\//.test(text.slice(moduleRequest.start, moduleRequest.end));
    made += `${text.slice(at, start)}${isChunk ? '__importChunk' : '__importModule'}`;
    at = start + 'import'.length;
  }
  return made + text.slice(at);
}

/** ASCII: the loader reads one byte per character, which is quick. esbuild escapes code; comments that it keeps were left as they were. */
const ascii = (text) => text.replaceAll(/[^\x00-\x7f]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);

async function asFunction(name, esm) {
  const { code } = await transform(esm, {
    format: 'cjs',
    platform: 'node',
    target: 'node20.19',
    charset: 'ascii',
    minifyWhitespace: true,
    // What is to be warned of was warned of when it was bundled.
    logLevel: 'error',
    sourcefile: name,
  });
  // The entry keeps its #! line; the loader has one of its own.
  const body = importsByParameter(name, ascii(code).replace(/^#!.*/, ''));
  return `function(${PARAMETERS}){${body}\n}`;
}

/**
 * @returns chunks: text of a function by name (`./chunk-ABC.js`), as other chunks ask for it; entry: the one to begin with; legal: what
 * licences want to be told, may be empty
 */
export async function bundleChunks(root, entry) {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: join(root, 'dist'),
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    charset: 'ascii',
    legalComments: 'external',
    logLevel: 'warning',
    define: { 'import.meta': '__meta' },
    plugins: [optionalNatives, yamlAsModules],
  });
  for (const { entryPoint } of Object.values(metafile.outputs))
    if (metafile.inputs[entryPoint]?.format === 'cjs')
      throw new Error(
        `import() of ${entryPoint}, which is CommonJS, would give its default alone: import it in a module, and that one by import()`,
      );
  const chunks = new Map();
  for (const { path, text } of outputFiles.filter((file) => file.path.endsWith('.js')))
    chunks.set(`./${basename(path)}`, await asFunction(basename(path), text));
  const [first] = Object.entries(metafile.outputs).find(([, { entryPoint }]) => entryPoint === entry);
  const legal = outputFiles.filter((file) => file.path.endsWith('.LEGAL.txt')).map(({ text }) => text);
  return { chunks, entry: `./${basename(first)}`, legal: legal.join('\n') };
}
