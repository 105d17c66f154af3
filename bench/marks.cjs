// Loaded before the command (node --require): notes when it comes to each of its steps, and writes the moments as one JSON object to descriptor 3
// at its end. Moments are milliseconds of the monotonic clock, which all processes of a machine share. The command knows nothing of it.
'use strict';
const fs = require('node:fs');
const dgram = require('node:dgram');

const moments = {};
const now = () => Number(process.hrtime.bigint()) / 1e6;
/** Only the first time counts. */
const mark = (step) => {
  moments[step] ??= now();
};
mark('loading');

const around = (object, name, before) => {
  const own = object[name];
  object[name] = function marked(...args) {
    before.apply(this, args);
    return own.apply(this, args);
  };
};

around(fs, 'openSync', (path) => {
  if (String(path).endsWith('bailiff.yaml')) mark('configuration');
});

/** Every call of fs/promises that names a file: the folder of the state is recognised by its files. */
for (const name of ['open', 'readFile', 'readdir'])
  around(fs.promises, name, (path) => {
    if (String(path).endsWith('/owner')) mark('owner');
    else if (/\/(?:marker|journal|journal-\d+\.jsonl)$/.test(String(path))) mark('journal');
  });
const open = fs.promises.open;
fs.promises.open = async (path, ...rest) => {
  const file = await open(path, ...rest);
  if (/journal-\d+\.jsonl$/.test(String(path)))
    for (const name of ['write', 'writev', 'appendFile']) around(file, name, () => mark('decision'));
  return file;
};

/** The device's port is in the environment; what is sent elsewhere is a probe, and its answer comes to the socket that sent it. */
around(dgram.Socket.prototype, 'connect', (port) => {
  if (String(port) === process.env.DEVICE_PORT) mark('session');
});
around(dgram.Socket.prototype, 'send', function send(...args) {
  if (args.some((arg) => String(arg) === process.env.DEVICE_PORT)) mark('session');
  else if (moments.probe === undefined && moments.session === undefined) {
    mark('probe');
    this.prependOnceListener('message', () => mark('probed'));
  }
});

around(process.stdout, 'write', () => mark('end'));
const lastStep = process.reallyExit;
process.reallyExit = (code) => {
  mark('exit');
  fs.writeSync(3, JSON.stringify(moments));
  lastStep.call(process, code);
};
