/** The mailbox of an account: no row of its own, its threads and preferences are. */
import { Directive, Field, ID, ObjectType } from 'type-graphql';
import { derivedId } from '../../../kernel/ids';
import type { Person, Principal } from '../../../kernel/principal';

@Directive('@authenticated')
@Directive('@key(fields: "id")')
@ObjectType('Mailbox', {
  description: 'The mailbox of an account, shared by all members of an organisation (Postfach).',
})
export class Mailbox {
  @Field(() => ID, { description: 'The opaque id of this object.' })
  id!: string;

  /** Who opened it, and for whom; an agent sees what their mandate is for. */
  holder!: Person;
}

const mailboxIdOf = (accountId: string): string => derivedId('mailbox', accountId);

/** The mailbox of the account the asker acts for; null for staff and machines, who have none. */
export const mailboxOf = (asker: Principal): Mailbox | null =>
  asker.kind === 'person' ? { id: mailboxIdOf(asker.actingFor), holder: asker } : null;
