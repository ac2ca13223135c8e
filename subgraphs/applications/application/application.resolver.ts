/** The application in the graph: what needs loading, joining or judging. */
import { Arg, Ctx, Directive, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { checkChain } from '../../../kernel/chain';
import { Context } from '../../../kernel/context';
import { ChainProof } from '../../../kernel/graph/chain.type';
import { connection } from '../../../kernel/graph/page.type';
import { ProblemType } from '../../../kernel/graph/refusal.type';
import { JsonScalar } from '../../../kernel/graph/scalars';
import { say } from '../../../kernel/language';
import type { Page } from '../../../kernel/page';
import { Document } from '../documents/document.entity';
import { documentsOfApplication } from '../documents/document.loaders';
import { submitProblems } from '../drafts/draft.problems';
import { Account, Area, Authority, byId, OnlineServiceVersion, Service, ServiceAtPlace, StaffMember } from '../foreign';
import { Application } from './application.entity';
import { actionsFor } from './application.four-eyes';
import { maySeeContent } from './application.rights';
import { STEPS } from './application.summaries';
import { HistoryEntry, historyOfApplication, historyPage } from './history.type';
import { Party } from './party.loaders';

const HistoryEntryConnection = connection(() => HistoryEntry, { name: 'HistoryEntry' });

@Resolver(() => Application)
export class ApplicationResolver {
  @FieldResolver(() => Service, { nullable: true, description: 'The service.' })
  service(@Root() { leikaKey }: Application): Service {
    return { leikaKey };
  }

  @FieldResolver(() => Area, { nullable: true, description: 'The place.' })
  area(@Root() { ars }: Application): Area {
    return { ars };
  }

  @FieldResolver(() => Authority, { nullable: true, description: 'The authority in charge; null before submission.' })
  authority(@Root() application: Application): Authority | null {
    return byId<Authority>(application.authorityId);
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => Authority, { nullable: true, description: 'The department in charge (Fachabteilung).' })
  department(@Root() application: Application): Authority | null {
    return byId<Authority>(application.departmentId);
  }

  @FieldResolver(() => OnlineServiceVersion, {
    nullable: true,
    description: 'The version of the online service it was begun with.',
  })
  onlineServiceVersion(@Root() application: Application): OnlineServiceVersion | null {
    return byId<OnlineServiceVersion>(application.onlineServiceVersionId);
  }

  @FieldResolver(() => ServiceAtPlace, {
    nullable: true,
    description: 'Fee, trust level and documents for this service at this place.',
  })
  serviceAtPlace(@Root() { leikaKey, ars }: Application): ServiceAtPlace {
    return { leikaKey, ars };
  }

  @FieldResolver(() => Authority, { nullable: true, description: 'Through which point of single contact it came.' })
  singleContact(@Root() application: Application): Authority | null {
    return byId<Authority>(application.singleContactId);
  }

  @FieldResolver(() => Account, { nullable: true, description: 'Who applies.' })
  applicant(@Root() application: Application, @Ctx() ctx: Context): Account {
    return new Party(application.accountId, application, ctx);
  }

  @FieldResolver(() => Account, { nullable: true, description: 'Who acted for the applicant (Bevollmächtigte).' })
  agent(@Root() application: Application, @Ctx() ctx: Context): Account | null {
    const { agentAccountId } = application;
    return agentAccountId ? new Party(agentAccountId, application, ctx) : null;
  }

  @Directive('@requiresScopes(scopes: [["staff:read"]])')
  @FieldResolver(() => StaffMember, { nullable: true, description: 'Who works on it.' })
  assignee(@Root() application: Application): StaffMember | null {
    return byId<StaffMember>(application.assigneeId);
  }

  @FieldResolver(() => JsonScalar, {
    nullable: true,
    description:
      "The answers, by the form's JSON Schema; null for an applicant whose session's trust level is too low.",
  })
  formData(@Root() application: Application, @Ctx() ctx: Context): unknown {
    return maySeeContent(application, ctx.asker) ? application.formData : null;
  }

  @FieldResolver(() => [ProblemType], {
    nullable: true,
    description: 'What still stands against submission; null once submitted.',
  })
  async submitProblems(@Root() application: Application, @Ctx() ctx: Context): Promise<ProblemType[] | null> {
    const problems = await submitProblems(ctx, application);
    return problems?.map(({ path, code, text }) => ({ path, code, message: say(text, ctx.language) })) ?? null;
  }

  @FieldResolver(() => [Document], { description: 'The files of the application the asker may see.' })
  async documents(@Root() application: Application, @Ctx() ctx: Context): Promise<Document[]> {
    return (await documentsOfApplication(ctx).load(application.id)) ?? [];
  }

  @FieldResolver(() => HistoryEntryConnection, {
    description: 'The history with its hash chain; internal entries and an unnotified decision only for staff.',
  })
  async history(
    @Root() application: Application,
    @Arg('first', () => Int, { nullable: true, defaultValue: 20, description: 'How many at most, 1 to 100.' })
    first: number,
    @Arg('after', () => String, { nullable: true, description: 'Start after this cursor.' }) after: string | null,
    @Ctx() ctx: Context,
  ): Promise<Page<HistoryEntry> & { chain: ChainProof }> {
    const chain = (await historyOfApplication(ctx).load(application.id)) ?? [];
    return { ...historyPage(application.id, chain, { first, after }), chain: checkChain(chain) };
  }

  @FieldResolver(() => [String], { description: 'Names of the mutations the asker may call on this object now.' })
  possibleActions(@Root() application: Application, @Ctx() ctx: Context): Promise<string[]> {
    return actionsFor(application, ctx);
  }
}

@Resolver(() => HistoryEntryConnection)
export class HistoryConnectionResolver {
  @FieldResolver(() => ChainProof, { description: 'The check of the whole chain.' })
  chain(@Root() page: { chain: ChainProof }): ChainProof {
    return page.chain;
  }
}

@Resolver(() => HistoryEntry)
export class HistoryEntryResolver {
  @FieldResolver(() => String, { description: 'The step in words, in the language of Accept-Language.' })
  summary(@Root() entry: HistoryEntry, @Ctx() ctx: Context): string {
    return say(STEPS[entry.action], ctx.language);
  }
}
