/** Operations made up from a schema: aliases, fragments, abstract types, conditions, arguments and variables. */
import {
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  OperationTypeNode,
} from 'graphql';

export interface MadeUp {
  readonly text: string;
  readonly variables: Record<string, unknown>;
}

/** A number from 0 to below the one given. */
export type Choose = (below: number) => number;

/** Aliases that mean something elsewhere. */
const AWKWARD = ['__typename', 'constructor', 'toString', '__proto__', 'hasOwnProperty', 'length'];
const MOST_FIELDS = 24;
/** Fragments in fragments. */
const MOST_NESTED = 3;

export class OperationMaker {
  private readonly declared: string[] = [];
  private readonly variables: Record<string, unknown> = {};
  private readonly conditions = new Map<string, string>();
  private readonly fragments: string[] = [];
  private fields = 0;

  /** @param names of fields, which aliases may collide with  @param awkward whether they do */
  constructor(
    private readonly choose: Choose,
    private readonly api: GraphQLSchema,
    private readonly names: readonly string[],
    private readonly awkward: boolean,
    private readonly deepest = 4,
  ) {}

  make(kind: OperationTypeNode): MadeUp {
    const root = this.api.getRootType(kind)!;
    const selection = kind === OperationTypeNode.SUBSCRIPTION ? this.one(root) : this.selection(root, 0);
    const declared = this.declared.length > 0 ? `(${this.declared.join(', ')})` : '';
    const text = [`${kind} Made${declared} ${selection}`, ...this.fragments].join('\n');
    return { text, variables: this.variables };
  }

  private chance(percent: number): boolean {
    return this.choose(100) < percent;
  }

  private one(type: GraphQLNamedType): string {
    const fields = this.fieldsOf(type, 0);
    return `{ ${this.field(fields[this.choose(fields.length)]!, 0, false)} }`;
  }

  private selection(type: GraphQLNamedType, depth: number, nested = 0): string {
    const parts: string[] = [];
    const fields = this.fieldsOf(type, depth);
    if (fields.length > 0) {
      const count = 1 + this.choose(Math.min(fields.length, depth === 0 ? 3 : 4));
      for (let index = 0; index < count; index++) {
        this.fields += 1;
        if (this.fields > MOST_FIELDS) break;
        parts.push(this.field(fields[this.choose(fields.length)]!, depth));
      }
    }
    if (this.chance(12) || (parts.length === 0 && !this.chance(70))) parts.push(this.typename());
    const wanted = isAbstractType(type) ? 1 + this.choose(2) : Number(this.chance(12));
    const fragments = nested < MOST_NESTED && this.fields < MOST_FIELDS ? wanted : 0;
    for (let index = 0; index < fragments; index++) parts.push(this.fragment(type, depth, nested + 1));
    if (isAbstractType(type) && depth < this.deepest && this.chance(25)) parts.push(...this.fork(type, depth));
    if (parts.length === 0) parts.push(this.typename());
    return `{ ${parts.join(' ')} }`;
  }

  private fieldsOf(type: GraphQLNamedType, depth: number): GraphQLField<unknown, unknown>[] {
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    const all = Object.values(type.getFields());
    return depth < this.deepest ? all : all.filter(field => !isCompositeType(getNamedType(field.type)));
  }

  private typename(): string {
    const alias = this.chance(30) ? `t${this.choose(3)}: ` : '';
    return `${alias}__typename${this.condition()}`;
  }

  /** One response path through two types, with one name for two things at its end. */
  private fork(type: GraphQLAbstractType, depth: number): string[] {
    const types = this.api.getPossibleTypes(type);
    const [one, other] = [types[this.choose(types.length)]!, types[this.choose(types.length)]!];
    const common = Object.values(one.getFields()).filter(
      ({ name, type }) => isObjectType(getNamedType(type)) && other.getFields()[name],
    );
    if (one === other || common.length === 0) return [];
    const { name } = common[this.choose(common.length)]!;
    const alias = `${name}${this.choose(3)}`;
    return [one, other].map(type => {
      const field = type.getFields()[name]!;
      const end = this.end(getNamedType(field.type), depth + 1);
      return `... on ${type.name}${this.condition()} { ${alias}: ${name}${this.given(field)} ${end} }`;
    });
  }

  private end(type: GraphQLNamedType, depth: number): string {
    const fields = this.fieldsOf(type, depth);
    const leaves = fields.filter(field => !isCompositeType(getNamedType(field.type)));
    const deeper = fields.filter(field => isObjectType(getNamedType(field.type)));
    if (deeper.length > 0 && this.chance(30)) {
      const field = deeper[0]!;
      return `{ end: ${field.name}${this.given(field)} ${this.end(getNamedType(field.type), depth + 1)} }`;
    }
    const withArguments = leaves.filter(({ args }) => args.length > 0);
    const pool = withArguments.length > 0 && this.chance(60) ? withArguments : leaves;
    const field = pool[this.choose(pool.length)];
    return field ? `{ end: ${field.name}${this.given(field)}${this.condition()} }` : `{ ${this.typename()} }`;
  }

  private field(field: GraphQLField<unknown, unknown>, depth: number, conditional = true): string {
    const given = this.given(field);
    const type = getNamedType(field.type);
    const below = isCompositeType(type) ? ` ${this.selection(type, depth + 1)}` : '';
    return `${this.alias(field, given)}${field.name}${given}${conditional ? this.condition() : ''}${below}`;
  }

  private given({ args: all }: GraphQLField<unknown, unknown>): string {
    const args = all.flatMap(argument =>
      isRequiredArgument(argument) || this.chance(60)
        ? [`${argument.name}: ${this.input(argument.type, argument.defaultValue !== undefined)}`]
        : [],
    );
    return args.length > 0 ? `(${args.join(', ')})` : '';
  }

  private alias({ name }: GraphQLField<unknown, unknown>, args: string): string {
    // one name for several fields is valid where they are of different types
    if (this.chance(12)) return `same${this.choose(2)}: `;
    // the same name with other arguments would not be valid in one place
    if (args && !this.chance(this.awkward ? 50 : 20)) return `${name}${this.choose(1000)}: `;
    if (this.awkward && this.chance(15)) {
      const pool = this.chance(80) ? this.names : AWKWARD;
      return `${pool[this.choose(pool.length)]}: `;
    }
    return this.chance(15) ? `${name}${this.choose(2)}: ` : '';
  }

  private fragment(type: GraphQLNamedType, depth: number, nested: number): string {
    const on = this.overlapping(type);
    const condition = this.condition();
    if (this.chance(30)) {
      const name = `F${this.fragments.length}`;
      this.fragments.push(''); // its place, taken before those it uses
      const at = this.fragments.length - 1;
      this.fragments[at] = `fragment ${name} on ${on.name} ${this.selection(on, depth, nested)}`;
      return `...${name}${condition}`;
    }
    const typeCondition = on.name === type.name && this.chance(30) ? '' : ` on ${on.name}`;
    return `...${typeCondition}${condition} ${this.selection(on, depth, nested)}`;
  }

  private overlapping(type: GraphQLNamedType): GraphQLNamedType {
    if (!isAbstractType(type)) {
      const above = isObjectType(type) ? type.getInterfaces() : [];
      const all = [type, ...above];
      return all[this.choose(all.length)]!;
    }
    const possible = this.api.getPossibleTypes(type);
    const all: GraphQLNamedType[] = [...possible, ...possible.flatMap(one => one.getInterfaces())];
    return all[this.choose(all.length)]!;
  }

  private condition(): string {
    if (!this.chance(12)) return '';
    const kind = this.chance(50) ? 'skip' : 'include';
    if (this.chance(20)) return ` @${kind}(if: ${this.chance(kind === 'skip' ? 20 : 80)})`;
    const name = `c${this.choose(3)}`;
    if (!this.conditions.has(name)) {
      const byDefault = this.chance(30);
      this.conditions.set(name, name);
      this.declared.push(`$${name}: Boolean${byDefault ? ` = ${this.chance(50)}` : '!'}`);
      if (!byDefault || this.chance(50)) this.variables[name] = this.chance(60);
    }
    return ` @${kind}(if: $${name})`;
  }

  private input(type: GraphQLInputType, hasDefault: boolean): string {
    if (this.chance(25)) {
      const name = `v${this.declared.length}`;
      this.declared.push(`$${name}: ${String(type)}`);
      if (isNonNullType(type) || hasDefault || this.chance(80)) this.variables[name] = this.json(type, 0);
      return `$${name}`;
    }
    return literal(this.json(type, 0), type);
  }

  private json(type: GraphQLInputType, depth: number): unknown {
    if (isNonNullType(type)) return this.json(type.ofType, depth);
    if (isListType(type)) {
      return Array.from({ length: this.choose(3) }, () => this.json(type.ofType, depth + 1));
    }
    if (isEnumType(type)) return type.getValues()[this.choose(type.getValues().length)]!.name;
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields());
      const taken = type.isOneOf
        ? [fields[this.choose(fields.length)]!]
        : fields.filter(field => isRequiredInputField(field) || (depth < 2 && this.chance(30)));
      return Object.fromEntries(taken.map(field => [field.name, this.json(field.type, depth + 1)]));
    }
    switch (type.name) {
      case 'Int':
        return this.choose(50);
      case 'Float':
        return this.choose(100) / 4;
      case 'Boolean':
        return this.chance(50);
      default:
        return `w${this.choose(9)}`;
    }
  }
}

function literal(value: unknown, type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(value, type.ofType);
  if (Array.isArray(value)) {
    const of = isListType(type) ? type.ofType : type;
    return `[${value.map(element => literal(element, of)).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null && isInputObjectType(type)) {
    const fields = type.getFields();
    const parts = Object.entries(value).map(([name, one]) => `${name}: ${literal(one, fields[name]!.type)}`);
    return `{ ${parts.join(', ')} }`;
  }
  return isEnumType(type) ? String(value) : JSON.stringify(value);
}
