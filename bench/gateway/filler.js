/** Keeps one core busy with the lowest priority, until whoever started it is gone: see `fillCores`. */
require('node:os').setPriority(19);
process.on('disconnect', () => process.exit(0));
const value = { list: Array.from({ length: 50 }, (_, n) => ({ n, text: `text ${n}` })) };
(function turn() {
  for (let n = 0; n < 200; n += 1) JSON.parse(JSON.stringify(value));
  setImmediate(turn);
})();
