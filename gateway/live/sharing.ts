/**
 * What clients may share. A stream, or the answer made of its event, is shared between people only where everything in
 * it is marked `@tag(name: "shared")` in the schema: the same for all of the same rights and language. What is not
 * marked counts as differing by asker, so that a field nobody thought of is never shown to the wrong person.
 */
import {
  type DocumentNode,
  type GraphQLSchema,
  getNamedType,
  Kind,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Envelope } from '../../kernel/principal';

const MARK = 'shared';

export class SharedFields {
  private readonly marked = new Set<string>();

  /** @param sdl the text of the supergraph  @param schema what clients see of it */
  constructor(
    sdl: string,
    private readonly schema: GraphQLSchema,
  ) {
    for (const definition of parse(sdl, { noLocation: true }).definitions) {
      if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
        continue;
      for (const { name, directives } of definition.fields ?? []) {
        const isMarked = directives?.some(
          directive =>
            directive.name.value === 'tag' &&
            directive.arguments?.some(({ value }) => value.kind === Kind.STRING && value.value === MARK),
        );
        if (isMarked) this.marked.add(`${definition.name.value}.${name.value}`);
      }
    }
  }

  /** Whether everything that a document selects is the same for all of the same rights and language. */
  covers(document: DocumentNode): boolean {
    if (this.marked.size === 0) return false;
    const types = new TypeInfo(this.schema);
    let covered = true;
    visit(
      document,
      visitWithTypeInfo(types, {
        Field: ({ name }) => {
          const parent = getNamedType(types.getParentType());
          if (name.value !== '__typename' && !this.marked.has(`${parent?.name}.${name.value}`)) covered = false;
        },
      }),
    );
    return covered;
  }
}

/** Names everything an answer can differ by, the person and the session included. */
export const askerKey = ({ principal, language }: Envelope): string => stableJson({ principal, language });

/** Names the rights and the language without the person. Only staff have rights that are not theirs alone. */
export function scopeKey(asked: Envelope): string {
  if (asked.principal.kind !== 'staff') return askerKey(asked);
  const { sessionId, staffMemberId, scopes, ...rights } = asked.principal;
  return stableJson({ rights, scopes: [...scopes].sort(), language: asked.language });
}

/** The same text for the same value, in whichever order its keys were written. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
