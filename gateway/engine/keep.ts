/**
 * Works out what of each answer of a plan is kept as it comes: fields that one fetch alone tells, that no other fetch
 * needs, and that stand in the answer to the client as in that of the subgraph. An inbox is mostly that.
 */
import type { QueryPlanSelectionNode } from '@apollo/query-planner';
import { type FieldNode, getOperationAST, isEnumType, isObjectType, Kind, parse, type SelectionSetNode } from 'graphql';
import { EACH } from './data';
import { type Fragments, fragmentsOf } from './fragments';
import type { Expected, ExpectedMember, MemberPlan, ObjectPlan } from './reader';
import type { ObjectShape, Row, Slot, ValueShape } from './shape';
import type { FetchStep, Step } from './steps';

const ENTITIES = '_entities';
const TYPENAME = '__typename';
const PROTO = '__proto__';

/** Sets how answers are read, and in the shape what is written as it came. @param pushed is never read: an event comes parsed */
export function keepAnswers(shape: ObjectShape, step: Step | null, pushed: FetchStep | null = null): void {
  const steps = step ? fetchesOf(step) : [];
  const told = new Told(pushed ? [pushed, ...steps] : steps);
  let runs = 0;
  for (const one of steps) {
    const base = one.rewriteOutput ? null : objectAt(shape, one.path);
    if (base) one.reads = new Keeper(told, one, () => `#${runs++}`).plan(base);
  }
}

const fetchesOf = (step: Step): FetchStep[] => (step.kind === 'fetch' ? [step] : step.steps.flatMap(fetchesOf));

/** What the client asks of the objects at a path of the plan; null when it asks nothing, or they may be of several types. */
function objectAt(root: ObjectShape, path: readonly string[]): ObjectShape | null {
  let shape = root;
  for (const name of path) {
    if (name === EACH) continue;
    const slot: Slot | undefined = rowOf(shape)?.slots.find(({ from }) => from === name);
    const below = slot ? objectIn(slot.value) : null;
    if (!below) return null;
    shape = below;
  }
  return shape;
}

const objectIn = (value: Slot['value']): ObjectShape | null =>
  value.kind === 'list' ? objectIn(value.of) : value.kind === 'object' ? value.of : null;

/** Null for an abstract type, of which each object has its own, and for one that is refused. */
function rowOf(shape: ObjectShape): Row | null {
  const row = isObjectType(shape.type) ? shape.rowOf(undefined) : null;
  return row?.refused ? null : row;
}

const placeOf = (path: readonly string[]): string =>
  path
    .filter(name => name !== EACH)
    .map(name => `/${name}`)
    .join('');

/** Which places of the data are told by which fetches, and needed by them. */
class Told {
  private readonly times = new Map<string, number>();
  private readonly needed = new Set<string>();
  private readonly passed = new Set<string>();
  private readonly selections = new Map<FetchStep, SelectionSetNode | null>();

  constructor(steps: readonly FetchStep[]) {
    for (const step of steps) {
      const document = parse(step.query, { noLocation: true });
      this.selections.set(step, getOperationAST(document)?.selectionSet ?? null);
      step.path.forEach((_, index) => void this.passed.add(placeOf(step.path.slice(0, index + 1))));
      const place = placeOf(step.path);
      this.need(step.requires, place);
      const selection = this.selectionOf(step);
      if (selection) this.tell(selection, place, fragmentsOf(document), new Set());
    }
  }

  /** What a fetch asks of the objects at its path. */
  selectionOf(step: FetchStep): SelectionSetNode | null {
    const root = this.selections.get(step) ?? null;
    if (!step.represent) return root;
    const field = root?.selections.find(one => one.kind === Kind.FIELD && one.name.value === ENTITIES);
    return (field as FieldNode | undefined)?.selectionSet ?? null;
  }

  /** Whether only one fetch tells it, and none needs it. */
  isFree(place: string): boolean {
    return this.times.get(place) === 1 && !this.needed.has(place);
  }

  /** Whether later fetches tell more of what is there. */
  isPassed(place: string): boolean {
    return this.passed.has(place);
  }

  private need(selections: readonly QueryPlanSelectionNode[], place: string): void {
    for (const selection of selections) {
      if (selection.kind === 'InlineFragment') {
        this.need(selection.selections, place);
        continue;
      }
      const below = `${place}/${selection.alias ?? selection.name}`;
      this.needed.add(below);
      this.need(selection.selections ?? [], below);
    }
  }

  private tell({ selections }: SelectionSetNode, place: string, fragments: Fragments, counted: Set<string>): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const below = `${place}/${keyOf(selection)}`;
        if (!counted.has(below)) this.times.set(below, (this.times.get(below) ?? 0) + 1);
        counted.add(below);
        if (selection.selectionSet) this.tell(selection.selectionSet, below, fragments, counted);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      if (fragment) this.tell(fragment.selectionSet, place, fragments, counted);
    }
  }
}

const keyOf = ({ alias, name }: FieldNode): string => (alias ?? name).value;

/** A field of the subgraph's answer. */
interface Field {
  readonly key: string;
  readonly node: FieldNode;
  /** What it must be to fill the client's field of that name as it is; null when it cannot. */
  readonly kept: Expected | null;
}

class Keeper {
  constructor(
    private readonly told: Told,
    private readonly step: FetchStep,
    private readonly nameRun: () => string,
  ) {}

  /** @returns null when nothing can be kept */
  plan(base: ObjectShape): ObjectPlan | null {
    const selection = this.told.selectionOf(this.step);
    const plan = selection && this.object(selection, base, placeOf(this.step.path));
    if (!plan || !keeps(plan)) return null;
    if (!this.step.represent) return plan;
    return { members: [{ ...memberOf(ENTITIES, 0), kind: 'inside', of: plan }] };
  }

  private object(selection: SelectionSetNode, shape: ObjectShape, place: string): ObjectPlan | null {
    const row = rowOf(shape);
    const nodes = fieldsOf(selection, shape.type.name);
    if (!row || !nodes) return null;
    const fields = nodes.map((node): Field => {
      const key = keyOf(node);
      const slot = row.slots.find(one => one.key === key);
      return { key, node, kept: slot ? this.kept(node, slot, `${place}/${key}`) : null };
    });
    const runs = this.runs(fields, row);
    const members = fields.map(({ key, node, kept }, index): MemberPlan => {
      const run = runs.find(({ first, last }) => first <= index && index <= last);
      const member = {
        ...memberOf(key, index),
        begins: run?.first === index,
        ends: run?.last === index ? run.name : null,
      };
      if (key === TYPENAME)
        return { ...member, kind: 'typename', text: quoted(shape.type.name), name: shape.type.name };
      if (run) return { ...member, kind: 'kept', value: kept! };
      const of = this.inside(node, row, `${place}/${key}`);
      return of ? { ...member, kind: 'inside', of } : { ...member, kind: 'parsed' };
    });
    return { members };
  }

  /** Only some of an object is kept, or others tell more of it. */
  private inside(node: FieldNode, { slots }: Row, place: string): ObjectPlan | null {
    const slot = slots.find(({ from }) => from === keyOf(node));
    const shape = slot && this.told.isFree(place) ? objectIn(slot.value) : null;
    return shape && node.selectionSet ? this.object(node.selectionSet, shape, place) : null;
  }

  /** Finds fields that follow one another here and in the client's answer, and has the row written so. */
  private runs(fields: readonly Field[], row: Row): readonly { name: string; first: number; last: number }[] {
    const runs: { name: string; first: number; last: number }[] = [];
    const parts: (Slot | { name: string; slots: Slot[] })[] = [];
    for (const part of row.parts) {
      const at = 'slots' in part ? -1 : fields.findIndex(({ key, kept }) => kept !== null && key === part.key);
      const [run, before] = [runs.at(-1), parts.at(-1)];
      if ('slots' in part || at < 0) {
        parts.push(part as Slot);
      } else if (run && run.last === at - 1 && before && 'slots' in before && before.name === run.name) {
        run.last = at;
        before.slots.push(part);
      } else {
        const name = this.nameRun();
        runs.push({ name, first: at, last: at });
        parts.push({ name, slots: [part] });
      }
    }
    row.parts = parts;
    return runs;
  }

  private kept(node: FieldNode, { from, key, value }: Slot, place: string): Expected | null {
    if (from !== key) return null;
    if (node.name.value === TYPENAME) {
      const name = value.kind === 'typename' ? value.name : null;
      return name === null ? null : { kind: 'typename', nonNull: true, text: quoted(name) };
    }
    if (!this.told.isFree(place) || this.told.isPassed(place)) return null;
    const { kind } = value;
    if (kind === 'typename' || kind === 'introspection' || kind === 'refused') return null;
    return this.value(node, value, place);
  }

  private value(node: FieldNode, shape: ValueShape, place: string): Expected | null {
    const { nonNull } = shape;
    if (shape.kind === 'leaf') return leaf(shape);
    if (shape.kind === 'list') {
      const of = this.value(node, shape.of, place);
      return of && { kind: 'list', nonNull, of };
    }
    const row = rowOf(shape.of);
    const nodes = node.selectionSet ? fieldsOf(node.selectionSet, shape.of.type.name) : null;
    if (!row || nodes?.length !== row.slots.length) return null;
    const members: ExpectedMember[] = [];
    for (const [index, one] of nodes.entries()) {
      const key = keyOf(one);
      const slot = row.slots[index]!;
      const value = slot.key === key ? this.kept(one, slot, `${place}/${key}`) : null;
      if (!value) return null;
      members.push({ head: headOf(key, index), value });
    }
    return { kind: 'object', nonNull, members };
  }
}

/** Null where it is not sure which type or which order the fields are of. */
function fieldsOf({ selections }: SelectionSetNode, type: string): FieldNode[] | null {
  const fields: FieldNode[] = [];
  for (const selection of selections) {
    if (selection.directives?.length || selection.kind === Kind.FRAGMENT_SPREAD) return null;
    if (selection.kind === Kind.FIELD) {
      fields.push(selection);
      continue;
    }
    const { typeCondition, selectionSet } = selection;
    const inner = !typeCondition || typeCondition.name.value === type ? fieldsOf(selectionSet, type) : null;
    if (!inner) return null;
    fields.push(...inner);
  }
  const keys = new Set(fields.map(keyOf));
  return keys.size === fields.length && !keys.has(PROTO) ? fields : null;
}

const KINDS = new Map<string, 'string' | 'whole' | 'number' | 'boolean'>([
  ['String', 'string'],
  ['ID', 'string'], // a number becomes text, and so is parsed
  ['Int', 'whole'],
  ['Float', 'number'],
  ['Boolean', 'boolean'],
]);

function leaf({ nonNull, type }: ValueShape & { kind: 'leaf' }): Expected {
  if (isEnumType(type)) return { kind: 'enum', nonNull, values: new Set(type.getValues().map(({ name }) => name)) };
  return { kind: KINDS.get(type.name) ?? 'any', nonNull };
}

const keeps = ({ members }: ObjectPlan): boolean =>
  members.some(member => member.kind === 'kept' || (member.kind === 'inside' && keeps(member.of)));

const memberOf = (key: string, index: number) => ({ key, head: headOf(key, index), begins: false, ends: null });
const headOf = (key: string, index: number): Buffer => Buffer.from(`${index > 0 ? ',' : ''}${JSON.stringify(key)}:`);
const quoted = (text: string): Buffer => Buffer.from(JSON.stringify(text));
