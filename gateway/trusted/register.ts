/** Registers the operations of files as trusted documents, each on its own, after the checks that the gateway would do. */
import { readFileSync } from 'node:fs';
import {
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  Kind,
  parse,
  print,
  Source,
  separateOperations,
} from 'graphql';
import { checkDocument, keyOf, readDocument } from '../documents';
import { Cost } from '../engine/cost';
import type { Texts } from './trusted';

export interface Registration {
  readonly texts: Texts;
  /** Name of each operation → hash of its document. */
  readonly hashes: ReadonlyMap<string, string>;
}

/**
 * @param files GraphQL documents, which may use fragments of one another, or JSON of hash → text as graphql-codegen writes it
 * @param maxCost of an operation with its default values
 * @throws Error with a line for everything that is wrong
 */
export function register(
  files: readonly string[],
  schema: GraphQLSchema,
  maxCost = Number.POSITIVE_INFINITY,
): Registration {
  const graphql = files.filter(file => !file.endsWith('.json'));
  const texts = [
    ...files.filter(file => file.endsWith('.json')).flatMap(textsIn),
    ...operationsOf(graphql.map(file => parse(new Source(readFileSync(file, 'utf8'), file)))),
  ];
  const hashes = new Map<string, string>();
  const wrong: string[] = [];
  for (const text of texts) {
    const document = readDocument(text);
    const name = getOperationAST(document)?.name?.value;
    const say = (problem: string) => wrong.push(`${name ?? 'An operation'}: ${problem}`);
    if (!name) say('a document has one operation, and it has a name.');
    else if (hashes.has(name) && hashes.get(name) !== keyOf(text)) say('there are two of this name.');
    else hashes.set(name, keyOf(text));
    const mistakes = checkDocument(schema, document, true);
    for (const { message } of mistakes) say(message);
    if (mistakes.length === 0 && new Cost(schema, document, null).of({}) > maxCost) say('it costs too much.');
  }
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  return { texts: Object.fromEntries(texts.map(text => [keyOf(text), text])), hashes };
}

/** In the order of hashes, so that a new document is one new line. */
export const written = (texts: Texts): string =>
  `${JSON.stringify(Object.fromEntries(Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`;

function textsIn(file: string): string[] {
  return Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Texts).map(([hash, text]) => {
    if (keyOf(text) !== hash) throw new Error(`${file}: ${hash} is not the SHA-256 of its document.`);
    return text;
  });
}

/** Each with the fragments that it needs, printed as clients print what they send. */
function operationsOf(documents: readonly DocumentNode[]): string[] {
  const definitions = documents.flatMap(document => document.definitions);
  const named = new Set<string>();
  for (const one of definitions) {
    const name = 'name' in one && one.name ? `${one.kind} ${one.name.value}` : undefined;
    if (one.kind !== Kind.OPERATION_DEFINITION && one.kind !== Kind.FRAGMENT_DEFINITION)
      throw new Error('Only operations and fragments can be registered.');
    if (name === undefined) throw new Error('Every operation needs a name.');
    if (named.has(name)) throw new Error(`There are two of the name ${'name' in one && one.name?.value}.`);
    named.add(name);
  }
  return Object.values(separateOperations({ kind: Kind.DOCUMENT, definitions })).map(print);
}
