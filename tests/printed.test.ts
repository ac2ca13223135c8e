/** What is printed from the code is what is committed: schemas, asks, lifecycles, settings. */
import fs from 'node:fs';
import path from 'node:path';
import { printDocs } from '../docs/print';
import { printSchemas } from '../schema/print';

const committed = (folder: string, name: string) => fs.readFileSync(path.join(__dirname, '..', folder, name), 'utf8');

test('the committed schemas are those the subgraphs print, and compose without errors and hints', async () => {
  for (const [name, text] of await printSchemas()) expect(committed('schema', name)).toBe(text);
});

test('the committed docs are those the state tables and settings print', async () => {
  for (const [name, text] of await printDocs()) expect(committed('docs', name)).toBe(text);
});
