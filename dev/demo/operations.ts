/** The operations of the stories, by name, each with just the fragments it needs. */
import fs from 'node:fs';
import path from 'node:path';
import { type DocumentNode, Kind, parse, print, separateOperations } from 'graphql';

const FILE = path.join(__dirname, '..', '..', 'gateway', 'playground', 'stories.graphql');

let separated: Record<string, DocumentNode> | undefined;
const printed = new Map<string, string>();

function stories(): Record<string, DocumentNode> {
  separated ??= separateOperations(parse(fs.readFileSync(FILE, 'utf8')));
  return separated;
}

/** @throws Error when there is no such operation */
export function operation(name: string): string {
  let text = printed.get(name);
  if (text === undefined) {
    const document = stories()[name];
    if (!document) throw new Error(`There is no operation ${name} in gateway/playground/stories.graphql.`);
    text = print(document);
    printed.set(name, text);
  }
  return text;
}

/** Names of all operations, in their order. */
export const operationNames = (): string[] =>
  parse(fs.readFileSync(FILE, 'utf8')).definitions.flatMap(definition =>
    definition.kind === Kind.OPERATION_DEFINITION && definition.name ? [definition.name.value] : [],
  );
