/**
 * Where a field is asked of an object's own subgraph again, after what it requires, Apollo's planner sends the first key
 * of that subgraph, be it `resolvable: false` or not; such an object is not found. So the resolvable keys come first.
 */
import { type ConstDirectiveNode, Kind, parse, print } from 'graphql';

/** @param sdl the text of a supergraph  @returns the text itself when there is nothing to change */
export function resolvableKeysFirst(sdl: string): string {
  const document = parse(sdl, { noLocation: true });
  let isChanged = false;
  const definitions = document.definitions.map(definition => {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
      return definition;
    const directives = definition.directives ?? [];
    const last = directives.filter(isUnresolvable);
    if (last.length === 0) return definition;
    isChanged = true;
    return { ...definition, directives: [...directives.filter(one => !isUnresolvable(one)), ...last] };
  });
  return isChanged ? print({ ...document, definitions }) : sdl;
}

const isUnresolvable = ({ name, arguments: args = [] }: ConstDirectiveNode): boolean =>
  name.value === 'join__type' &&
  args.some(({ name, value }) => name.value === 'resolvable' && value.kind === Kind.BOOLEAN && !value.value);
