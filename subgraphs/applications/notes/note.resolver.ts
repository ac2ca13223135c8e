/** Notes and follow-ups in the graph. */
import { Arg, Ctx, Directive, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { Context } from '../../../kernel/context';
import { answer, payload } from '../../../kernel/graph/refusal.type';
import { DateScalar } from '../../../kernel/graph/scalars';
import { Application } from '../application/application.entity';
import { applicationById } from '../application/application.loaders';
import { byId, StaffMember } from '../foreign';
import { FollowUp, FollowUpConnection, Note } from './note.entity';
import { AddFollowUpInput, AddNoteInput, CompleteFollowUpInput } from './note.inputs';
import { followUpsOfApplication, notesOfApplication } from './note.loaders';
import { addFollowUp, addNote, completeFollowUp, followUpsOf } from './note.service';

const AddNotePayload = payload('addNote', 'note', () => Note);
const AddFollowUpPayload = payload('addFollowUp', 'followUp', () => FollowUp);
const CompleteFollowUpPayload = payload('completeFollowUp', 'followUp', () => FollowUp);

@Resolver(() => Application)
export class NotesOfApplicationResolver {
  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => [Note], { nullable: true, description: 'Internal notes (Kommentare).' })
  async notes(@Root() application: Application, @Ctx() ctx: Context): Promise<Note[]> {
    return (await notesOfApplication(ctx).load(application.id)) ?? [];
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => [FollowUp], { nullable: true, description: 'Follow-ups (Wiedervorlagen).' })
  async followUps(@Root() application: Application, @Ctx() ctx: Context): Promise<FollowUp[]> {
    return (await followUpsOfApplication(ctx).load(application.id)) ?? [];
  }
}

@Resolver(() => Note)
export class NoteResolver {
  @FieldResolver(() => StaffMember, { nullable: true, description: 'Who wrote it.' })
  author(@Root() note: Note): StaffMember | null {
    return byId(note.authorId);
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => AddNotePayload, { nullable: true, description: 'Adds an internal note.' })
  addNote(
    @Arg('input', () => AddNoteInput, { description: 'What is to be done.' }) input: AddNoteInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'note', () => addNote(ctx, input));
  }
}

@Resolver(() => FollowUp)
export class FollowUpResolver {
  @FieldResolver(() => Application, {
    nullable: true,
    description: "The application; null once it was forwarded out of the asker's sight.",
  })
  application(@Root() followUp: FollowUp, @Ctx() ctx: Context): Promise<Application | null> {
    return applicationById(ctx).load(followUp.applicationId);
  }

  @FieldResolver(() => StaffMember, { nullable: true, description: 'Whose it is.' })
  owner(@Root() followUp: FollowUp): StaffMember | null {
    return byId(followUp.ownerId);
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @Query(() => FollowUpConnection, {
    nullable: true,
    description: 'Follow-ups that are due, soonest first (Wiedervorlagen).',
  })
  followUps(
    @Arg('authorityId', () => ID, { description: 'The authority.' }) authorityId: string,
    @Arg('dueBy', () => DateScalar, { nullable: true, description: 'Due on or before this day.' }) dueBy: string | null,
    @Arg('mineOnly', () => Boolean, { nullable: true, defaultValue: true, description: "Only the asker's own." })
    mineOnly: boolean,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ) {
    return followUpsOf(ctx, { authorityId, dueBy: dueBy ?? null, mineOnly }, { first, after });
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => AddFollowUpPayload, { nullable: true, description: 'Notes something to come back to.' })
  addFollowUp(
    @Arg('input', () => AddFollowUpInput, { description: 'What is to be done.' }) input: AddFollowUpInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'followUp', () => addFollowUp(ctx, input));
  }

  @Directive('@requiresScopes(scopes: [["staff:work"]])')
  @Mutation(() => CompleteFollowUpPayload, { nullable: true, description: 'Marks a follow-up as done.' })
  completeFollowUp(
    @Arg('input', () => CompleteFollowUpInput, { description: 'What is to be done.' }) input: CompleteFollowUpInput,
    @Ctx() ctx: Context,
  ) {
    return answer(ctx, 'followUp', () => completeFollowUp(ctx, input));
  }
}
