/** Runs a TypeScript file: `node kernel/run.js FILE …`. Says in one line when Node is too old. */
const [major] = process.versions.node.split('.').map(Number);
if (major < 22) {
  process.stderr.write(
    `Node ${process.versions.node} is too old: this needs Node 22 or newer (npm scripts bring Node 24 on Linux).\n`,
  );
  process.exit(1);
}
process.env.SWC_NODE_PROJECT ??= require('node:path').join(__dirname, '..', 'tsconfig.json');
require('node:module').enableCompileCache?.();
require('reflect-metadata');
require('@swc-node/register');
const file = process.argv[2];
process.argv.splice(1, 2, require('node:path').resolve(file));
require(process.argv[1]);
