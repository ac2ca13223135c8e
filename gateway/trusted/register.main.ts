/** `npm run operations -- [--to FILE] FILE …`: registers the operations of files as trusted documents and prints name and hash of each. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { buildSchema } from 'graphql';
import { setting } from '../../kernel/config';
import { register, written } from './register';
import type { Texts } from './trusted';

const API = path.join(__dirname, '..', '..', 'schema', 'api.graphql');

try {
  const { values, positionals } = parseArgs({ options: { to: { type: 'string' } }, allowPositionals: true });
  if (positionals.length === 0) throw new Error('Usage: npm run operations -- [--to FILE] FILE …');
  const to = values.to ?? setting('TRUSTED_DOCUMENTS_FILE');
  const schema = buildSchema(readFileSync(API, 'utf8'), { assumeValid: true });
  const { texts, hashes } = register(positionals, schema, Number(setting('MAX_COST')));
  const before = existsSync(to) ? (JSON.parse(readFileSync(to, 'utf8')) as Texts) : {};
  writeFileSync(to, written({ ...before, ...texts }));
  for (const [name, hash] of hashes) process.stdout.write(`${hash} ${name}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
