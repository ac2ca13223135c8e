/**
 * Directives for clients' documents that subgraphs compose with `@composeDirective`, such as
 * `directive @audience(of: Group! = EVERYONE) on FIELD`. To Apollo they belong to a specification that is linked, and no
 * client may use them. Without the link they are like those that all subgraphs define: clients use them, subgraphs get
 * them – with all arguments written out, as the same directive may have no default in another subgraph.
 */
import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type DirectiveDefinitionNode,
  DirectiveLocation,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  print,
  visit,
} from 'graphql';

export type Directives = ReadonlyMap<string, DirectiveDefinitionNode>;

const EXECUTABLE = new Set<string>([
  DirectiveLocation.QUERY,
  DirectiveLocation.MUTATION,
  DirectiveLocation.SUBSCRIPTION,
  DirectiveLocation.FIELD,
  DirectiveLocation.FRAGMENT_DEFINITION,
  DirectiveLocation.FRAGMENT_SPREAD,
  DirectiveLocation.INLINE_FRAGMENT,
  DirectiveLocation.VARIABLE_DEFINITION,
]);

/** @param linked the text of a supergraph  @returns the text without their links, and the directives */
export function unlinkDirectives(linked: string): { readonly sdl: string; readonly directives: Directives } {
  const document = parse(linked, { noLocation: true });
  const executable = document.definitions.filter(
    one => one.kind === Kind.DIRECTIVE_DEFINITION && one.locations.some(({ value }) => EXECUTABLE.has(value)),
  ) as DirectiveDefinitionNode[];
  const directives = new Map<string, DirectiveDefinitionNode>();
  const unlinked = visit(document, {
    SchemaDefinition: definition => ({
      ...definition,
      directives: definition.directives?.filter(link => {
        const own = executable.filter(({ name }) => isOf(link, name.value));
        for (const one of own) directives.set(one.name.value, one);
        return own.length === 0;
      }),
    }),
  });
  return { sdl: directives.size > 0 ? print(unlinked) : linked, directives };
}

/** Whether a link is for a directive; what must be understood (`for: SECURITY`) is never one that clients use. */
function isOf({ name, arguments: args = [] }: ConstDirectiveNode, directive: string): boolean {
  const value = (name: string) => args.find(one => one.name.value === name)?.value;
  if (name.value !== 'link' || value('for')) return false;
  const imported = value('import');
  const names = imported?.kind === Kind.LIST ? imported.values.map(nameOf) : [];
  const space = text(value('as')) ?? text(value('url'))?.split('/').at(-2);
  return names.includes(`@${directive}`) || directive === space || directive.startsWith(`${space}__`);
}

/** Of `"@name"`, or of `{ name: "@name", as: "@other" }`. */
function nameOf(imported: ConstValueNode): string | undefined {
  if (imported.kind !== Kind.OBJECT) return text(imported);
  const field = (wanted: string) => imported.fields.find(({ name }) => name.value === wanted)?.value;
  return text(field('as') ?? field('name'));
}

const text = (value: ConstValueNode | undefined): string | undefined =>
  value?.kind === Kind.STRING ? value.value : undefined;

/** @returns the document itself when there are none */
export function withDefaults(document: DocumentNode, directives: Directives): DocumentNode {
  if (directives.size === 0) return document;
  return visit(document, {
    Directive(directive): DirectiveNode | undefined {
      const { arguments: given = [] } = directive;
      const defaults = directives.get(directive.name.value)?.arguments?.flatMap(({ name, defaultValue: value }) => {
        const isGiven = given.some(one => one.name.value === name.value);
        return value && !isGiven ? [{ kind: Kind.ARGUMENT, name, value } satisfies ConstArgumentNode] : [];
      });
      return defaults?.length ? { ...directive, arguments: [...given, ...defaults] } : undefined;
    },
  });
}
