/**
 * A fetch whose fields require the same field with different arguments cannot be sent as one: a representation has room
 * for one price. Nor can one of interface objects whose fields require different things: what is required for the books
 * among them is not known of the films. It becomes several, each with what its own fields require.
 */
import type { FetchNode, QueryPlanSelectionNode } from '@apollo/query-planner';
import {
  type ASTNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { RequiredFields } from './required';

/** The names of ours that a group of fields uses. */
type Group = Set<string>;

export function splitFetch(node: FetchNode, required: RequiredFields): readonly FetchNode[] {
  if (required.isEmpty || !node.requires) return [node];
  const present = namesIn(node.requires);
  const isMixed = node.inputRewrites?.some(({ kind }) => kind === 'ValueSetter') ?? false;
  if (!isMixed && !hasConflict(present, required)) return [node];
  const document = parse(node.operation, { noLocation: true });
  const groups: Group[] = [];
  const groupOf = (type: string, field: string): Group => {
    const needs = isMixed ? required.requirementsOf : required.usedBy;
    const wanted = needs(node.serviceName, type, field).filter(name => present.has(name));
    const isFree = (group: Group) =>
      isMixed ? isSame(group, wanted) : !hasConflict(new Set([...group, ...wanted]), required);
    const free = groups.find(isFree) ?? new Set();
    if (!groups.includes(free)) groups.push(free);
    for (const name of wanted) free.add(name);
    return free;
  };
  const chosen = new Map<SelectionNode, Group>();
  forEachField(entitiesOf(document), '', (field, type) => {
    if (field.name.value !== '__typename') chosen.set(field, groupOf(type, field.name.value));
  });
  if (groups.length < 2) return [node];
  const names = new Set([...required.fields.keys(), ...groups.flatMap(group => [...group])]);
  return groups.map(group => {
    const operation = only(document, selection => (chosen.get(selection) ?? groups[0]) === group);
    return {
      ...node,
      operation: print(operation),
      requires: without(node.requires!, name => names.has(name) && !group.has(name)),
      variableUsages: (node.variableUsages ?? []).filter(name => usesVariable(operation, name)),
    };
  });
}

const isSame = (group: Group, names: readonly string[]): boolean =>
  group.size === new Set(names).size && names.every(name => group.has(name));

/** Whether two names of ours mean one field of one object, with different arguments. */
function hasConflict(names: ReadonlySet<string>, { fields }: RequiredFields): boolean {
  const meant = [...names].flatMap(name => {
    const one = fields.get(name);
    return one ? [`${one.type}.${one.field}`] : [];
  });
  return new Set(meant).size < meant.length;
}

function namesIn(selections: readonly QueryPlanSelectionNode[]): Set<string> {
  return new Set(
    selections.flatMap(selection => [
      ...(selection.kind === 'Field' ? [selection.name] : []),
      ...namesIn(selection.selections ?? []),
    ]),
  );
}

function without(
  selections: readonly QueryPlanSelectionNode[],
  left: (name: string) => boolean,
): QueryPlanSelectionNode[] {
  return selections.flatMap((selection): QueryPlanSelectionNode[] => {
    if (selection.kind === 'Field' && left(selection.name)) return [];
    if (!selection.selections) return [selection];
    const selections = without(selection.selections, left);
    return selections.length > 0 ? [{ ...selection, selections } as QueryPlanSelectionNode] : [];
  });
}

/** What is selected of `_entities`. */
function entitiesOf(document: DocumentNode): SelectionSetNode {
  const field = operationOf(document).selectionSet.selections[0];
  if (field?.kind !== Kind.FIELD || !field.selectionSet) throw new Error('A fetch of entities has one field.');
  return field.selectionSet;
}

const operationOf = ({ definitions }: DocumentNode): OperationDefinitionNode =>
  definitions.find(one => one.kind === Kind.OPERATION_DEFINITION)!;

function forEachField(
  { selections }: SelectionSetNode,
  type: string,
  each: (field: SelectionNode & { kind: Kind.FIELD }, type: string) => void,
): void {
  for (const selection of selections) {
    if (selection.kind === Kind.FIELD) each(selection, type);
    else if (selection.kind === Kind.INLINE_FRAGMENT)
      forEachField(selection.selectionSet, selection.typeCondition?.name.value ?? type, each);
    else throw new Error('A fetch of entities spreads no named fragment.');
  }
}

/** The operation with only some of the fields of its entities. */
function only(document: DocumentNode, isKept: (field: SelectionNode) => boolean): DocumentNode {
  const keep = (set: SelectionSetNode): SelectionSetNode => ({
    ...set,
    selections: set.selections.flatMap((selection): SelectionNode[] => {
      if (selection.kind !== Kind.INLINE_FRAGMENT) return isKept(selection) ? [selection] : [];
      const selectionSet = keep(selection.selectionSet);
      return selectionSet.selections.length > 0 ? [{ ...selection, selectionSet }] : [];
    }),
  });
  const operation = operationOf(document);
  const [entities] = operation.selectionSet.selections;
  const selections = [{ ...entities, selectionSet: keep(entitiesOf(document)) } as SelectionNode];
  const kept = { ...operation, selectionSet: { ...operation.selectionSet, selections } };
  const variableDefinitions = operation.variableDefinitions?.filter(({ variable }) =>
    usesVariable(kept, variable.name.value),
  );
  return { ...document, definitions: [{ ...kept, ...(variableDefinitions && { variableDefinitions }) }] };
}

function usesVariable(node: ASTNode, name: string): boolean {
  let used = false;
  visit(node, {
    VariableDefinition: () => false,
    Variable(variable) {
      if (variable.name.value === name) used = true;
    },
  });
  return used;
}
