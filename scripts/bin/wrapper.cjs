// What Node puts around a CommonJS file, on a line of its own so that positions in stack traces stay those of the file.
'use strict';
exports.wrapper = ['(function (exports, require, module, __filename, __dirname) {\n', '\n})'];
