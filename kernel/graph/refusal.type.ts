/** Refusal and Problem as the graph shows them, payloads, and the wrapper that turns a thrown refusal into data. */
import { type ClassType, Directive, Field, ObjectType } from 'type-graphql';
import type { Context } from '../context';
import { Refusal } from '../refusal';

@Directive('@shareable')
@Directive('@tag(name: "public")')
@ObjectType('Problem', { description: 'One thing that is wrong at one place of the data.' })
export class ProblemType {
  @Field(() => String, { description: 'The place, as a JSON pointer into the input or the form data.' })
  path!: string;

  @Field(() => String, { description: 'The stable machine-readable reason.' })
  code!: string;

  @Field(() => String, { description: 'One sentence for people, in the language of Accept-Language.' })
  message!: string;
}

@Directive('@shareable')
@Directive('@tag(name: "public")')
@ObjectType('Refusal', { description: 'An expected no: nothing was written, and this says why and what would help.' })
export class RefusalType {
  @Field(() => String, { description: 'The stable machine-readable reason, such as VERSION_CONFLICT.' })
  code!: string;

  @Field(() => String, { description: 'One sentence for people, in the language of Accept-Language.' })
  message!: string;

  @Field(() => [ProblemType], {
    description: 'The single places that are wrong; empty when the whole request is refused.',
  })
  problems!: ProblemType[];

  @Field(() => [String], { description: 'Names of the mutations the asker may call instead.' })
  allowedActions!: string[];

  @Field(() => Boolean, { description: 'True when the same request may succeed later unchanged.' })
  retryable!: boolean;
}

export interface Payload {
  refusal: RefusalType | null;
}

/**
 * The answer of one mutation: `{ <thing>, refusal }`.
 * @param mutation its name, such as `createDraft`  @param thing the name of the first field
 */
export function payload<T extends object>(mutation: string, thing: string, type: () => ClassType<T> | [ClassType<T>]) {
  const name = `${mutation[0]!.toUpperCase()}${mutation.slice(1)}Payload`;

  @ObjectType(name, { description: `Answer of ${mutation}.` })
  class Answer implements Payload {
    @Field(() => RefusalType, { nullable: true, description: 'Why nothing was done; null on success.' })
    refusal!: RefusalType | null;
  }
  Field(type as () => ClassType<T>, {
    nullable: true,
    description: 'The outcome as stored now; also given beside a VERSION_CONFLICT.',
  })(Answer.prototype, thing);
  return Answer as ClassType<Payload>;
}

/** Runs a service and answers with the thing, or with the refusal it threw and what is stored. */
export async function answer<T>(ctx: Context, thing: string, work: () => Promise<T>): Promise<Payload> {
  try {
    const made = await work();
    return { [thing]: made, refusal: null } as unknown as Payload;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { [thing]: error.options.stored ?? null, refusal: error.in(ctx.language) } as unknown as Payload;
  } finally {
    ctx.forget();
  }
}
